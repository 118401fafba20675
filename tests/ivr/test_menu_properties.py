"""What holds for every caller, whatever is pressed: an end, a person on 0, the same answer to the same thing."""

import string
from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ivr.flow import Flow, load_flow
from ivr.reply import MAX_TRAIL
from ivr.step import MAX_TURNS, Caller, Enqueue, Heard, Keys, Listen, Nothing, Place, Reply, Resume, Speech, start, step
from tests.ivr.test_collect import COLLECT

KEYS = st.text(string.digits + "*#", min_size=0, max_size=2)
HEARD = st.one_of(
    st.sampled_from("123490*#").map(Keys),
    KEYS.map(Keys),
    st.text(max_size=20).map(Speech),
    st.just(Nothing()),
    st.just(Resume()),
)
CALLERS = st.builds(Caller, language=st.sampled_from([None, "en", "hi", "gu", "te", "fr"]))
INSTANTS = st.integers(1_790_000_000_000, 1_830_000_000_000)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True)
PLACES = st.builds(
    Place,
    node=NAMES,
    tries=st.integers(0, 99),
    language=st.sampled_from([None, "en", "hi", "gu", "te", "zz"]),
    trail=st.lists(NAMES, max_size=MAX_TRAIL).map(tuple),
    turns=st.integers(0, 99),
)


def _walk(flow: Flow, caller: Caller, now_ms: int, heard: list[Heard]) -> Reply:
    reply = start(flow, caller, now_ms)
    for one in heard:
        if isinstance(reply.then, Listen):
            reply = step(flow, reply.then.place, one, caller, now_ms)
    return reply


@given(CALLERS, INSTANTS, st.lists(HEARD, min_size=MAX_TURNS, max_size=MAX_TURNS))
def test_every_way_through_the_menu_ends(flow: Flow, caller: Caller, now_ms: int, heard: list[Heard]) -> None:
    assert not isinstance(_walk(flow, caller, now_ms, heard).then, Listen)


KEYING = load_flow(COLLECT, "collect.yaml")
KEYED = st.one_of(HEARD, st.sampled_from(["79927398713", "23112026", "1250", "4711", "*0", "1", "2"]).map(Keys))


@given(st.lists(KEYED, min_size=MAX_TURNS, max_size=MAX_TURNS), st.lists(KEYED, max_size=6))
def test_whoever_keys_in_values_ends_too_and_reaches_a_person_on_star_and_zero(
    heard: list[Heard], before: list[Heard]
) -> None:
    """Values are kept with the call as a door would keep them; the clock stands on 2026-11-23."""
    assert not isinstance(_keying(heard).then, Listen)
    assert isinstance(_keying([*before, Keys("*0")]).then, Enqueue)


def _keying(heard: list[Heard]) -> Reply:
    caller, now_ms = Caller(language="en"), 1_795_408_200_000
    reply = start(KEYING, caller, now_ms)
    for one in heard:
        if isinstance(reply.then, Listen):
            reply = step(KEYING, reply.then.place, one, caller, now_ms)
            given = {each.name: each.value for each in reply.given}
            caller = replace(caller, given={**caller.given, **given})
    return reply


@given(CALLERS, INSTANTS, st.lists(st.sampled_from([Keys("*"), Keys("2"), Resume()]), min_size=30, max_size=30))
def test_a_caller_who_wanders_for_ever_is_given_a_person(
    flow: Flow, caller: Caller, now_ms: int, heard: list[Heard]
) -> None:
    then = _walk(flow, caller, now_ms, heard).then
    assert isinstance(then, Enqueue)
    assert then.queue in ("general", "support")


@given(CALLERS, INSTANTS, st.lists(HEARD, max_size=8))
def test_zero_reaches_a_person_from_everywhere(flow: Flow, caller: Caller, now_ms: int, heard: list[Heard]) -> None:
    reply = _walk(flow, caller, now_ms, heard)
    if isinstance(reply.then, Listen):
        reply = step(flow, reply.then.place, Keys("0"), caller, now_ms)
        assert isinstance(reply.then, Enqueue)
        assert reply.then.queue == "general"


@given(PLACES, HEARD, CALLERS, INSTANTS)
def test_a_repeated_step_gives_the_same_reply(
    flow: Flow, place: Place, heard: Heard, caller: Caller, now_ms: int
) -> None:
    again = Place.from_query(dict(place.to_query()))
    assert again is not None
    assert step(flow, again, heard, caller, now_ms) == step(flow, place, heard, caller, now_ms)


@given(st.sampled_from(["language", "main", "support_menu", "visits_closed"]), PLACES, HEARD, CALLERS, INSTANTS)
def test_every_place_of_the_flow_answers_and_leads_to_a_place_that_travels(
    flow: Flow, node: str, place: Place, heard: Heard, caller: Caller, now_ms: int
) -> None:
    here = Place(node, place.tries, place.language, place.trail, min(place.turns, MAX_TURNS))
    reply = step(flow, here, heard, caller, now_ms)
    assert reply.language in flow.languages
    if isinstance(reply.then, Listen):
        assert Place.from_query(reply.then.place.to_query()) == reply.then.place
        assert reply.say


@given(PLACES)
def test_a_place_travels_in_a_short_ascii_query(place: Place) -> None:
    query = place.to_query()
    assert Place.from_query(query) == place
    assert all(value and value.isascii() for value in query.values())


@given(st.dictionaries(st.sampled_from("ntlbs"), st.text(max_size=40)))
def test_a_garbled_place_is_no_place_or_a_whole_one(query: dict[str, str]) -> None:
    place = Place.from_query(query)
    assert place is None or Place.from_query(place.to_query()) == place


def test_what_was_never_a_place_is_none() -> None:
    garbled: list[dict[str, str]] = [
        {},
        {"n": ""},
        {"n": "Main"},
        {"n": "main", "t": "x"},
        {"n": "main", "s": "100"},
        {"n": "main", "l": "Hindi"},
        {"n": "main", "b": "a..b"},
        {"n": "main", "b": ".".join("abcdefghi")},
        {"n": "main\n"},
        {"n": "main", "t": "१"},
    ]
    read: Callable[[dict[str, str]], Place | None] = Place.from_query
    assert [read(query) for query in garbled] == [None] * len(garbled)
