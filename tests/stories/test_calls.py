"""Calls that go as they should: in each language, to the agent with the right skill, with every clock in the record."""

import pytest

from ivr import wording
from tests.stories.world import START_MS, World


def test_caller_reaches_an_agent_and_the_record_shows_every_clock(world: World) -> None:
    world.agent("asha", "answer@2rings, press 1 on gather, hang up after 30s of talk")
    caller = world.call("press 1 on gather, press 1 on gather, wait")
    world.until_ended(caller)
    record = world.record(caller)
    assert (record["status"], record["outcome"], record["queue"], record["agent"]) == (
        "ended",
        "answered",
        "sales",
        "asha",
    )
    assert world.offers(caller) == [("asha", "accepted")]
    targets = {row["target"]: row for row in record["targets"]}
    assert targets["agent_answers"]["limit_ms"] == 9000
    assert (targets["agent_answers"]["verdict"], targets["agent_answers"]["rings"]) == ("kept", 2)
    assert targets["picked_up"]["verdict"] == "kept"


def test_marks_of_a_call_come_in_the_order_of_its_life(world: World) -> None:
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    marks = [name for name in world.marks(caller) if name not in ("leg", "language", "menu_choice")]
    assert marks == [
        *("received", "greeted", "enqueued", "offered", "ringing", "picked_up", "offer_end"),
        *("answered", "joined", "ended", "wrapped"),
    ]


@pytest.mark.parametrize(
    ("key", "language", "agent"), [("1", "en", "kiran"), ("3", "gu", "kiran"), ("4", "te", "kiran")]
)
def test_caller_is_served_in_the_language_they_chose(world: World, key: str, language: str, agent: str) -> None:
    world.agent(agent)
    caller = world.call(f"press {key} on gather, press 3 on gather, wait")
    world.until_ended(caller)
    assert (world.record(caller)["language"], world.offers(caller)) == (language, [(agent, "accepted")])
    thanks = wording.say("closing_thanks", language)
    assert world.said(caller)[-1] == thanks


def test_remembered_caller_is_not_asked_for_the_language_again(world: World) -> None:
    world.agent("asha")
    first = world.call("press 2 on gather, press 1 on gather, wait")
    world.until_ended(first)
    again = world.call("press 1 on gather, wait")
    world.until_ended(again)
    assert (world.record(again)["language"], world.record(again)["queue"]) == ("hi", "sales")


def test_agent_without_the_skill_is_not_rung(world: World) -> None:
    world.agent("meera")  # speaks English and Hindi, no Gujarati
    world.agent("asha")
    caller = world.call("press 3 on gather, press 1 on gather, wait")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_agent_who_can_do_least_else_is_rung_first(world: World) -> None:
    world.agent("kiran")  # holds seven skills
    world.run(5)
    world.agent("asha")  # holds six
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_callers_are_served_in_the_order_they_came(world: World) -> None:
    first = world.call(from_="+14155550101")
    world.run(10)
    second = world.call(from_="+14155550102")
    world.run(10)
    world.agent("asha")
    world.until_ended(first, second)
    answered = [
        next(mark["at_ms"] for mark in world.record(leg)["marks"] if mark["name"] == "answered")
        for leg in (first, second)
    ]
    assert answered == sorted(answered)


def test_zero_leads_to_a_person_from_anywhere(world: World) -> None:
    world.agent("asha")
    caller = world.call("press 1 on gather, press 0 on gather, wait")
    world.until_ended(caller)
    assert (world.record(caller)["queue"], world.offers(caller)) == ("general", [("asha", "accepted")])


def test_caller_who_presses_nothing_still_reaches_a_person(world: World) -> None:
    world.agent("asha")
    caller = world.call("wait")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_browser_agent_who_answers_has_accepted(world: World) -> None:
    world.agent("meera", "answer@1ring, hang up after 10s of talk")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("meera", "accepted")]


def test_caller_hears_where_they_are_while_they_wait(world: World) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 100s")
    world.run(120)
    said = world.said(caller)
    assert wording.say("in_line", "en") in said
    assert said.count(wording.say("still_waiting", "en")) >= 2


@pytest.mark.parametrize(
    "number", ["anonymous", "911", "sip:maria@example.org", "client:maria", "unknown", "+266696687"]
)
def test_odd_caller_ids_are_served(world: World, number: str) -> None:
    world.agent("asha")
    world.net.application(voice_url="http://center.test/voice/client")
    caller = world.net.place_call(number, "+18005550100", "press 1 on gather, press 1 on gather, wait")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_agent_is_told_who_calls_and_about_what(world: World) -> None:
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    agent_leg = next(
        leg for leg in world.net.exchange.legs.values() if leg.line == world.center.plan.agents["asha"].line
    )
    assert world.said(agent_leg)[0].startswith("Press 1 to take the call from Maria Lopez about Sales")


def test_agent_wraps_up_by_limit_when_they_forget(world: World) -> None:
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    marks = {mark["name"]: mark for mark in world.record(caller)["marks"]}
    assert (marks["wrapped"]["by"], marks["wrapped"]["at_ms"] - marks["ended"]["at_ms"]) == ("limit", 60_000)
    assert world.center.live.agent("asha").activity == "idle"
    assert marks["wrapped"]["at_ms"] > START_MS
