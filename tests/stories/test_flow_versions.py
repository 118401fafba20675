"""A new menu while callers are in the old one: they stay on it, a share of the others get the new one, and a bad one
withdraws itself.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest

from center import HOUSE
from ivr.lined_yaml import WrongFile
from queues import flow_versions, plan_change
from queues.flow_versions import FILE, RULE, FlowWatch, NotPublished, Overtaken
from queues.policy import FlowPlan
from simulator import Leg
from tests.stories.world import World

TEXT = (HOUSE / "ivr/flows/main.yaml").read_text("utf-8")
PLAN = (HOUSE / "center.yaml").read_text("utf-8")
# Billing is 7 instead of 3, and the greeting another.
BEFORE, MENU, REST = re.split(r"(?<=\n)(?=  main_menu:|  support_menu:\n    en:)", TEXT)
NEW = BEFORE.replace("3: billing", "7: billing").replace("Welcome to Suraj", "Good day from Suraj")
NEW += MENU.replace("3", "7") + REST
OLD_WORDS, NEW_WORDS = "Welcome to Suraj Home Appliances.", "Good day from Suraj Home Appliances."
BILLING_THEN_GONE = "press 1 on gather, press 3 on gather, hang up after 40s"


def queue(world: World, leg: Leg) -> str:
    return world.live(leg).queue


def callers(world: World, count: int, script: str) -> list[Leg]:
    legs = [world.call(script, f"+9198980{number:05}") for number in range(count)]
    world.recording = False  # all at once at the end is quicker
    world.run(90, lambda: all(leg.ended for leg in legs))
    world.recording = True
    world.run(1)  # the news of the last one's end is still on its way
    return legs


def test_caller_in_the_menu_stays_on_the_version_they_began_with(world: World) -> None:
    flow_versions.publish(world.center, TEXT, FILE)
    early = world.call("press 1 on gather, press 3 at 20s, wait")
    world.run(10)
    flow_versions.publish(world.center, NEW, "leela")
    late = world.call("press 1 on gather, press 7 at 20s, wait", "+14155550124")
    world.run(30)
    assert (queue(world, early), queue(world, late)) == ("billing", "billing")
    assert OLD_WORDS in world.said(early)
    assert NEW_WORDS in world.said(late)
    greeted = [mark for mark in world.record(late)["marks"] if mark["name"] == "greeted"]
    assert greeted[0]["flow"] == flow_versions.version_of(NEW)
    assert world.record(early)["flow"] == flow_versions.version_of(TEXT)


def test_caller_stays_on_the_old_version_though_redis_forgot_it(world: World) -> None:
    flow_versions.publish(world.center, TEXT, FILE)
    early = world.call("press 1 on gather, press 3 at 20s, wait")
    world.run(10)
    flow_versions.publish(world.center, NEW, "leela")
    world.client.flushall()
    world.center.flows.clear()
    world.run(25)
    assert queue(world, early) == "billing"


def test_what_was_published_is_in_force_again_after_redis_was_lost(world: World) -> None:
    flow_versions.publish(world.center, NEW, "leela")
    world.client.flushall()
    world.center.jobs.errand("recover")
    world.drain()
    late = world.call("press 1 on gather, press 7 on gather, wait")
    world.run(20)
    assert NEW_WORDS in world.said(late)


def test_roll_back_brings_the_version_before_back_for_new_callers(world: World) -> None:
    with pytest.raises(NotPublished):
        flow_versions.roll_back(world.center, "leela")
    flow_versions.publish(world.center, TEXT, FILE)
    flow_versions.publish(world.center, NEW, "leela", "shorter")
    state = flow_versions.roll_back(world.center, "leela", "complaints")
    assert (state.current, state.deed, state.note) == (flow_versions.version_of(TEXT), "rolled_back", "complaints")
    caller = world.call(BILLING_THEN_GONE)
    world.run(20)
    assert OLD_WORDS in world.said(caller)
    assert [one.deed for one in world.center.history.flows.changes()] == ["rolled_back", "published", "published"]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "reason"),
    [
        ("start: language", "start: nowhere", 10, "no node is called `nowhere`"),
        ("queue: billing,", "queue: bills,", 47, "no queue is called `bills`"),
        ("type: say", "type: sing", 22, "type `sing` is not known"),
    ],
)
def test_wrong_menu_is_refused_by_line_and_the_running_one_stays(
    world: World, right: str, wrong: str, line: int, reason: str
) -> None:
    before = flow_versions.publish(world.center, TEXT, FILE)
    with pytest.raises(WrongFile) as refused:
        flow_versions.publish(world.center, TEXT.replace(right, wrong, 1), "leela")
    problem = refused.value.problems[0]
    assert (problem.source, problem.line) == ("ivr/flows/main.yaml", line)
    assert problem.reason.startswith(reason)
    assert world.center.live.flow_shelf.state() == world.center.history.flows.state() == before


def test_whoever_publishes_onto_an_older_version_is_told(world: World) -> None:
    first = flow_versions.publish(world.center, TEXT, FILE)
    flow_versions.publish(world.center, NEW, "leela")
    with pytest.raises(Overtaken):
        flow_versions.publish(world.center, TEXT + "\n", "asha", onto=first.current)


# -- a share of the callers -------------------------------------------------------------------------------------------


def test_a_share_of_the_callers_gets_the_candidate(world: World) -> None:
    flow_versions.publish(world.center, TEXT, FILE)
    state = flow_versions.publish(world.center, NEW, "leela", share=0.5)
    legs = callers(world, 12, "hang up after 12s")
    got = [world.record(leg)["flow"] for leg in legs]
    assert got == [state.begins(leg.sid) for leg in legs]
    assert set(got) == {state.candidate, state.current}


@pytest.mark.parametrize(("key", "why"), [(1, ""), (3, "100 % hung up in the menu, 0 % before")])
def test_candidate_withdraws_itself_when_more_callers_hang_up_in_its_menu(
    world_with: Callable[[dict[str, Any]], World], key: int, why: str
) -> None:
    world = world_with({"flows": FlowPlan(least_calls=10)})
    flow_versions.publish(world.center, TEXT, FILE)
    tried = flow_versions.publish(world.center, NEW, "leela", share=0.5)
    callers(world, 26, f"press 1 on gather, press {key} on gather, hang up at 25s")
    world.center.jobs.errand("judge_flows")
    world.drain()
    state = world.center.history.flows.state()
    assert (state.candidate, state.note) == ("" if why else tried.candidate, why)
    assert state.current == tried.current
    assert world.center.live.flow_shelf.state() == state
    given_up = world.center.history.flows.given_up(tried.candidate, tried.at_ms)
    assert given_up == ({"main": sum(given_up.values())} if why else {})
    assert world.center.history.flows.choices(tried.current, tried.at_ms)["language", "en"] >= 10


def test_menu_that_the_new_center_file_does_not_fit_gives_way_to_the_file(world: World) -> None:
    flow_versions.publish(world.center, NEW.replace("reason: bill_question", "reason: refund"), "leela")
    plan_change.publish(world.center, re.sub(r"  refund: .*\n", "", PLAN))
    state = world.center.history.flows.state()
    assert (state.current, state.by) == (flow_versions.version_of(TEXT), RULE)
    assert state.note == "ivr/flows/main.yaml:47: the center has no contact reason `refund`"


def test_file_is_published_when_it_is_another_than_the_last_one(world: World) -> None:
    watch, book = FlowWatch(), world.center.history.flows
    watch.look(world.center)
    assert (book.state().current, book.state().by) == (flow_versions.version_of(TEXT), FILE)
    flow_versions.publish(world.center, NEW, "leela")
    watch.look(world.center)
    FlowWatch().look(world.center)  # the service starts again over the same file
    assert book.state().current == flow_versions.version_of(NEW)
