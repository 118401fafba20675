"""Who calls, what is sent, and every way out of the menu other than a line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.flow import Flow, load_flow
from ivr.step import (
    Callback,
    Choice,
    Enqueue,
    Forward,
    HangUp,
    Keys,
    NotReached,
    Place,
    Prompt,
    Reply,
    Survey,
    Voicemail,
    step,
)
from tests.ivr.conftest import Dial

End = Callable[[Reply], str]

EXITS = """
name: exits
languages: [en, hi]
default_language: en
start: language
person: desk
budget_s: {usual: 5, worst: 100}
nodes:
  language: {type: language, prompt: hello, options: {1: en, 2: hi}, next: known}
  known: {type: caller, is: known, yes: important, no: top}
  important: {type: caller, is: important, least_minutes: 5, yes: first, no: recent}
  recent: {type: caller, is: recent, yes: again, no: top}
  top:
    type: menu
    prompt: top
    options: {1: callback, 2: voicemail, 3: survey, 4: night, 5: link}
  again: {type: say, prompt: hello, next: top}
  first: {type: enqueue, queue: desk, priority: 3}
  callback: {type: callback, queue: desk, reason: visit, priority: 2, skills: {tax: 2}, prompt: soon}
  voicemail: {type: voicemail, queue: desk, reason: visit}
  survey: {type: survey, prompt: soon}
  night: {type: forward, number: "+919812345009", timeout_s: 25, prompt: soon, otherwise: voicemail}
  link: {type: message, text: link, prompt: soon, next: bye}
  desk: {type: enqueue, queue: desk}
  bye: {type: hangup}
prompts:
  hello: {en: {text: Hello and welcome to the desk., short: Hello.}, hi: नमस्ते।}
  top: {en: "1, 2, 3, 4 or 5.", hi: "1, 2, 3, 4 या 5।"}
  soon: {en: One moment., hi: एक पल।}
  link: {en: "See example.org", hi: "देखिए example.org"}
"""


def at(node: str) -> Place:
    """The place at an exit that the main menu leads to."""
    return Place(node, language="hi", trail=("top",), turns=2)


@pytest.fixture(scope="session")
def exits() -> Flow:
    return load_flow(EXITS, "exits.yaml")


@pytest.mark.parametrize(
    ("key", "then"),
    [
        ("1", Callback("desk", "hi", {"tax": 2, "lang:hi": 1}, 2, "visit", at("callback"))),
        ("2", Voicemail("desk", "hi", "visit", at("voicemail"))),
        ("3", Survey("hi")),
        ("4", Forward("+919812345009", 25, at("night"))),
        ("5", HangUp("served_in_menu")),
    ],
)
def test_a_key_leads_out_of_the_menu(exits: Flow, dial: Dial, key: str, then: object) -> None:
    assert dial("hi", into=exits, known=False).press(key).reply.then == then


@pytest.mark.parametrize("key", ["1", "2"])
def test_a_person_and_the_way_back_are_there_at_the_doors_behind_the_menu(exits: Flow, dial: Dial, key: str) -> None:
    visitor = dial("hi", into=exits, known=False).press(key)
    assert isinstance(visitor.reply.then, Callback | Voicemail)
    place = visitor.reply.then.place
    assert place is not None
    person, back = (step(exits, place, Keys(pressed), visitor.caller, visitor.now_ms) for pressed in "0*")
    assert (person.then, person.choices) == (Enqueue("desk", "hi", {"lang:hi": 1}), (Choice(place.node, "person"),))
    assert (back.say[0].text, back.choices) == ("1, 2, 3, 4 या 5।", (Choice(place.node, "back"),))


def test_a_caller_without_a_number_is_sent_nothing_and_told_nothing(exits: Flow, dial: Dial) -> None:
    reply = dial("en", into=exits, withheld=True).press("5").reply
    assert (reply.say, reply.messages, reply.then) == ((), (), HangUp("served_in_menu"))


def test_what_is_said_on_the_way_out_is_said_in_the_language(exits: Flow, dial: Dial) -> None:
    assert dial("hi", into=exits, known=False).press("4").heard == ["एक पल।"]


def test_a_text_message_is_sent_and_the_walk_goes_on(exits: Flow, dial: Dial) -> None:
    reply = dial("hi", into=exits, known=False).press("5").reply
    assert reply.messages == ("देखिए example.org",)
    assert reply.say == (Prompt("एक पल।", "hi"),)


def test_a_number_that_nobody_answers_leads_on_in_the_menu(exits: Flow, dial: Dial) -> None:
    visitor = dial("hi", into=exits, known=False).press("4")
    assert isinstance(visitor.reply.then, Forward)
    reply = step(exits, visitor.reply.then.place, NotReached(), visitor.caller, visitor.now_ms)
    assert reply.then == Voicemail("desk", "hi", "visit", replace(at("voicemail"), turns=3))
    assert reply.choices == (Choice("night", "not_reached"),)


def test_a_key_at_a_number_that_was_dialled_begins_the_menu_again(exits: Flow, dial: Dial, end_of: End) -> None:
    visitor = dial("hi", into=exits, known=False)
    assert end_of(step(exits, Place("night", language="hi"), Keys("1"), visitor.caller, 0)) == "listen top"


@pytest.mark.parametrize(
    ("who", "end"),
    [
        ({"known": False, "importance": 9}, "listen top"),
        ({"known": True, "importance": 5}, "desk in en"),
        ({"known": True, "importance": 4}, "listen top"),
    ],
)
def test_a_walk_branches_on_who_calls(
    exits: Flow, dial: Dial, end_of: End, who: dict[str, float | bool], end: str
) -> None:
    assert end_of(dial("en", into=exits, **who).reply) == end


def test_who_called_in_the_last_day_hears_the_short_form(exits: Flow, dial: Dial) -> None:
    assert dial("en", into=exits, recent=True).heard == ["Hello.", "1, 2, 3, 4 or 5."]
    assert dial("hi", into=exits, recent=True).heard == ["नमस्ते।", "1, 2, 3, 4 या 5।"]
    assert dial("en", into=exits, recent=False).heard == ["1, 2, 3, 4 or 5."]


def test_a_flow_counts_the_queues_of_promises_among_its_own(exits: Flow) -> None:
    only = load_flow(EXITS.replace("callback, queue: desk", "callback, queue: later"), "exits.yaml")
    assert (exits.queues(), only.queues()) == ({"desk"}, {"desk", "later"})


def test_priority_and_queue_of_an_important_caller(exits: Flow, dial: Dial) -> None:
    assert dial("en", into=exits, importance=7).reply.then == Enqueue("desk", "en", {"lang:en": 1}, 3)
