"""A key press saved on what was expected of its call is the one that the ordinary way gives, or it is not saved."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from html import unescape
from random import Random
from typing import Any

import pytest

from ivr.reply import Place
from ivr.step import Keys, step
from queues.records import Call, Change
from tests.dispatch.floor_state import FloorState
from tests.stories.test_menu import serving
from tests.stories.world import BASE, World
from tests.webhooks.test_guard import FORM, SID, post
from webhooks import at_once
from webhooks.consent import into_line
from webhooks.menu import caller_of, flow_of

# Messages, values keyed in, and the language asked for again: what is not answered at once.
MIXED = """
name: mixed
languages: [en, hi]
default_language: en
start: language
person: general
budget_s: {usual: 60, worst: 600}
nodes:
  language: {type: language, prompt: which, options: {"1": en, "2": hi}, next: main}
  main: {type: menu, prompt: ask, options: {"1": {next: link}, "2": {next: account}, "3": {next: more}}}
  link: {type: message, text: link, prompt: sent, next: main}
  account: {type: collect, prompt: account, least: 4, most: 4, next: more}
  more: {type: menu, prompt: more, options: {"1": {next: main}, "2": {next: more}}}
  general: {type: enqueue, queue: general}
prompts:
  which: {en: "1 for English.", hi: "2 for Hindi."}
  ask: {en: "A link, press 1. Your account, press 2.", hi: "1 or 2, please."}
  link: {en: example.org/visit, hi: example.org/visit/hi}
  sent: {en: It is sent., hi: Sent.}
  account: {en: Your account., hi: Account.}
  more: {en: "Your account is {account}.", hi: "Account {account}."}
"""
ACTION = re.compile(f'action="{re.escape(BASE)}(/voice/menu[^"#]*)')
HOUR_MS = 3_600_000


def told(world: World) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """All live state, but for the random name of the known lines, and all events."""
    rows = world.center.live.client.xrange("tr:events")
    state = FloorState.read(world.client, world.center.plan, world.net.now_ms, whole=True).lasting()
    return {key: value for key, value in state.items() if key != "tr:lists_version"}, [fields for _, fields in rows]


def question(document: str) -> str:
    """Where the answer to the menu's question goes; empty when it asks none."""
    found = ACTION.search(document)
    return unescape(found[1]) if found else ""


def press(world: World, document: str, keys: str) -> str:
    return post(world, question(document), FORM | ({"Digits": keys} if keys else {})).get_data(as_text=True)


def both_ways(world: World, monkeypatch: pytest.MonkeyPatch, visit: Callable[[], list[str]]) -> list[bool]:
    """The same visit at once and the ordinary way: equal in what was answered and in what was saved.

    Returns for each press of the first whether it was answered at once.
    """
    answered: list[bool] = []
    whole = at_once.answer

    def noted(*arguments: Any) -> str | None:
        document = whole(*arguments)
        answered.append(document is not None)
        return document

    monkeypatch.setattr(at_once, "answer", noted)
    first = visit(), *told(world)
    world.client.flushall()
    monkeypatch.setattr(at_once, "answer", lambda *_: None)
    assert (visit(), *told(world)) == first
    return answered


def walk(world: World, seed: int, keys: list[str]) -> list[str]:
    """What is heard on a way through the menu; some presses come twice."""
    random = Random(seed)
    heard = [post(world, "/voice/incoming", FORM).get_data(as_text=True)]
    while question(heard[-1]) and len(heard) < 12:
        asked, key = heard[-1], random.choice(keys)
        heard += [press(world, asked, key) for _ in range(random.choice([1, 1, 2]))]
    return heard


@pytest.mark.parametrize("seed", range(8))
def test_any_walk_is_the_same_both_ways(world: World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    both_ways(world, monkeypatch, lambda: walk(world, seed, ["1", "2", "2", "3", "4", "9", "*", ""]))


@pytest.mark.parametrize("seed", range(12))
def test_any_walk_with_more_than_questions_is_the_same_both_ways(
    world: World, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    serving(world, MIXED)
    both_ways(world, monkeypatch, lambda: walk(world, seed, ["1", "1", "2", "2", "3", "4711", "*"]))


def at_main(world: World) -> str:
    return press(world, post(world, "/voice/incoming", FORM).get_data(as_text=True), "1")


def test_ordinary_key_is_answered_at_once_and_a_choice_of_language_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both_ways(world, monkeypatch, lambda: [press(world, at_main(world), "2")]) == [False, True]


def test_one_who_called_before_hears_the_short_words_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit() -> list[str]:
        world.center.live.memories.keep_called(FORM["From"], world.net.now_ms - HOUR_MS)
        asked = at_main(world)
        assert "r=1" in question(asked)
        return [asked, press(world, asked, "2")]

    assert both_ways(world, monkeypatch, visit)[-1]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"status": "ended"},
        {"status": "talking", "agent": "asha", "offer": 7},
        {"steps": 3},
        {"steps": 0},
        {"recent": 1},
        {"owed_callback_ms": 1},
        {"owed_case_ms": 1},
        {"given": '{"order": "12345"}'},
        {"flow": "0123456789ab"},
        {"country": "IN"},
        {"caller": "+919898000222"},
    ],
    ids=str,
)
def test_call_that_is_not_as_expected_goes_the_ordinary_way(
    world: World, monkeypatch: pytest.MonkeyPatch, otherwise: dict[str, Any]
) -> None:
    def visit() -> list[str]:
        asked = at_main(world)
        call = world.center.live.call(SID)
        assert call is not None
        assert all(getattr(call, name) != value for name, value in otherwise.items())
        assert world.center.live.commit(Change((call,), (replace(call, **otherwise),)), world.net.now_ms)
        return [press(world, asked, "2")]

    assert both_ways(world, monkeypatch, visit) == [False, False]


def test_all_of_the_call_that_a_question_looks_at_is_expected(world: World) -> None:
    looked: set[str] = set()

    class Looked(Call):
        def __getattribute__(self, name: str) -> Any:
            looked.add(name)
            return super().__getattribute__(name)

    place = Place("main", language="en", turns=2)
    with world.app.test_request_context("/voice/menu"):
        expected = at_once._expected(FORM, place)
        call = Looked(**{name: value for name, value in vars(expected).items() if name not in ("call", "loaded")})
        looked.clear()
        caller = caller_of(world.center, FORM, call, place)
        flow = flow_of(world.center, call)
        into_line(world.center, call, step(flow, place, Keys("2"), caller, world.net.now_ms))
    seen = looked & {field.name for field in fields(Call)}
    assert {"caller", "country", "recent", "given", "flow"} <= seen <= set(expected.loaded)


def test_what_else_is_known_of_the_call_is_kept(world: World) -> None:
    asked, live = at_main(world), world.center.live
    before = live.call(SID)
    assert before is not None
    assert live.commit(Change((before,), (replace(before, name="Maria", noted="0badcafe"),)), world.net.now_ms)
    press(world, asked, "2")
    after = live.call(SID)
    assert after == replace(
        before, name="Maria", noted="0badcafe", steps=2, node="support_menu", version=before.version + 2
    )


def test_call_that_redis_forgot_begins_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def visit() -> list[str]:
        asked = at_main(world)
        world.client.flushall()
        return [press(world, asked, "2")]

    assert both_ways(world, monkeypatch, visit) == [False, False]
    assert isinstance(world.center.live.call(SID), Call)
