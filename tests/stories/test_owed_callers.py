"""Whoever rings while we owe them a call or an answer: the menu knows, says until when, and keeps their place."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.memories import Remembered
from cases.case import Case
from ivr.flow import load_flow
from queues import calling_back, owed, recorder, recovery
from queues.callback import REPROMISE_BEFORE_MS
from simulator import Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
JIGNESH, MARIA = "+919898000111", "+14155550123"
ASKS = "press 1 on gather, press 1 on gather, press 1 at 52s, press 1 at 70s"
MESSAGE = "press 1 on gather, press 1 on gather, press 3 at 52s, say 'My fridge is loud' on record, press 1 on gather"
PAGE = Path(__file__).parents[2] / "docs" / "menu.md"
OWING = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[1]


@pytest.fixture
def world(world_with: Make) -> World:
    return world_with({"callbacks.countries": ["IN", "US"]})


def left(world: World, script: str, from_: str = JIGNESH) -> Leg:
    """A caller of the example menu, after whom callers meet the menu of `docs/menu.md` that knows what is owed."""
    caller = world.call(script, from_)
    world.run(120, lambda: caller.ended)
    world.run(30)
    world.center = replace(world.center, flow=load_flow(OWING, "docs/menu.md"))
    world.app.extensions["center"] = world.center
    return caller


def ring(world: World, script: str, from_: str = JIGNESH) -> Leg:
    caller = world.call(script, from_)
    world.run(20)
    return caller


def test_caller_with_a_promise_hears_until_when_and_may_keep_it(world: World) -> None:
    first = left(world, ASKS)
    again = ring(world, "press 1 on gather, wait")
    assert world.said(again) == [
        "We will call you by 2 PM. To keep that, press 1. To be put through now, press 2. For something else, press 3.",
        "We will call you by 2 PM. Goodbye.",
    ]
    assert world.record(again)["outcome"] == "served_in_menu"
    assert world.status(first) == "waiting"
    assert [made.status for made in world.center.history.callbacks.list()] == ["open"]


def test_caller_put_through_now_stands_in_the_promised_line_and_is_not_called(world: World) -> None:
    first = left(world, ASKS)
    again = ring(world, "press 2 on gather, wait")
    now, promised = world.live(again), world.live(first)
    assert (now.queue, now.needs, now.position_ms) == ("sales", promised.needs, promised.position_ms)
    assert world.record(first)["outcome"] == "moved_on"
    assert [made.status for made in world.center.history.callbacks.list()] == ["merged"]


def test_promise_that_ended_while_they_listened_leads_to_the_written_line(world: World) -> None:
    first = left(world, ASKS)
    again = world.call("press 2 at 8s, wait", JIGNESH)
    world.run(4)
    assert calling_back.end(world.center, first.sid, "cancelled", "supervisor")
    world.run(10)
    assert (world.live(again).queue, world.status(again)) == ("general", "waiting")


def test_moved_promise_is_said_as_it_stands_now(world: World) -> None:
    first = left(world, ASKS)
    world.net.advance_to(world.live(first).until_ms - REPROMISE_BEFORE_MS)
    calling_back.repromise(world.center, first.sid)
    again = ring(world, "wait")
    assert world.said(again)[0].startswith("We will call you by 2:30 PM.")


def test_caller_who_left_a_message_is_told_of_it_until_it_is_settled(world: World) -> None:
    left(world, MESSAGE)
    again = ring(world, "wait")
    assert world.said(again)[0] == "We have your message, and will answer it by tomorrow at 1:30 PM."
    assert world.status(again) == "waiting"
    (case,) = world.center.history.cases.listed()
    assert owed.resolve(world.center, case, "Asha", "Sent a fitter.")
    world.run(5)
    assert world.said(ring(world, "wait"))[:1] != world.said(again)[:1]
    assert world.center.live.memories.of_caller(JIGNESH).case_ms == 0


def test_stranger_and_withheld_number_are_owed_nothing(world: World) -> None:
    left(world, ASKS)
    assert world.status(ring(world, "wait", MARIA)) == "waiting"
    assert world.status(ring(world, "wait", "anonymous")) == "waiting"
    assert world.center.live.memories.of_caller("anonymous") == Remembered()


def test_emptied_redis_is_told_again_what_is_owed(world: World) -> None:
    left(world, ASKS)
    world.center.history.cases.open(_case(world))
    world.client.flushall()
    assert world.center.live.memories.of_caller(JIGNESH) == Remembered()
    recovery.recover(world.center)
    recorder.recall_cases(world.center)
    remembered = world.center.live.memories.of_caller(JIGNESH)
    assert (remembered.callback_ms > world.net.now_ms, remembered.case_ms) == (True, 4_000_000_000_000)
    world.center.live.memories.drop_case(JIGNESH, "CS1")
    recorder.recall_cases(world.center)
    assert world.center.live.memories.of_caller(JIGNESH).case_ms == 0, "it asks SQL once in a life of Redis"


def test_promise_that_is_over_is_not_owed_whatever_redis_still_remembers(world: World) -> None:
    first = left(world, ASKS)
    memories = world.center.live.memories
    assert memories.of_caller(JIGNESH).callback_ms == world.live(first).until_ms
    calling_back.end(world.center, first.sid, "cancelled", "caller")
    memories.keep_callback(JIGNESH, first.sid)
    assert memories.of_caller(JIGNESH).callback_ms == 0


def test_first_of_several_open_cases_counts(world: World) -> None:
    memories = world.center.live.memories
    memories.keep_cases([(JIGNESH, "CS1", 3_000), (JIGNESH, "CS2", 20_000), (MARIA, "CS3", 1_000)], 1)
    assert memories.of_caller(JIGNESH).case_ms == 3_000
    memories.drop_case(JIGNESH, "CS1")
    assert memories.of_caller(JIGNESH).case_ms == 20_000


def _case(world: World) -> Case:
    return Case("CS1", "voicemail", "CA9", JIGNESH, "", "sales", "en", world.net.now_ms, 4_000_000_000_000)
