"""A new center file while calls wait: everybody stands anew, nobody loses the place; a wrong one changes nothing."""

from dataclasses import replace
from itertools import dropwhile
from pathlib import Path

import pytest

from center import HOUSE, Running
from ivr.lined_yaml import WrongFile
from queues import call_windows, calling_back, flow_versions, recovery, routing
from queues.plan_change import publish
from tests.stories.world import World

TEXT = (HOUSE / "center.yaml").read_text("utf-8")


def use(world: World, text: str) -> None:
    world.center = publish(world.center, text)
    world.app.extensions["center"] = world.center


def test_waiting_caller_is_rung_when_the_new_file_gives_an_agent_the_skill(world: World) -> None:
    world.agent("meera", "answer@1ring, hang up after 5s of talk")
    caller = world.call("press 3 on gather, press 1 on gather, wait")
    world.run(20)
    assert world.status(caller) == "waiting"
    enqueued_ms = world.live(caller).enqueued_ms
    use(world, TEXT.replace('"lang:en": 3, "lang:hi": 2}', '"lang:en": 3, "lang:hi": 2, "lang:gu": 1}', 1))
    world.until_ended(caller)
    assert world.offers(caller) == [("meera", "accepted")]
    assert world.record(caller)["enqueued_ms"] == enqueued_ms


def test_waiting_caller_needs_what_the_new_file_says(world: World) -> None:
    world.agent("ravi")
    caller = world.call()
    world.run(20)
    use(world, TEXT.replace("needs: {sales: 1}", "needs: {}"))
    world.until_ended(caller)
    assert world.offers(caller) == [("ravi", "accepted")]


def without(agent: str) -> str:
    """The center file once somebody has left the company."""
    before, _, rest = TEXT.partition(f"  {agent}:\n    name:")
    lines = rest.splitlines(keepends=True)[1:]
    return before + "".join(dropwhile(lambda line: line.startswith("    "), lines))


def accounts(folder: Path) -> str:
    """The center file once the queue `billing` is called `accounts`, and the menu with it."""
    flow = folder / "renamed.yaml"
    menu = (HOUSE / "ivr/flows/main.yaml").read_text("utf-8")
    flow.write_text(menu.replace("queue: billing", "queue: accounts"), "utf-8")
    text = TEXT.replace("  billing:\n    title: Billing", "  accounts:\n    title: Accounts")
    return text.replace("flow: ivr/flows/main.yaml", f"flow: {flow}")


def test_agent_who_is_removed_while_the_phone_rings_is_let_go_and_the_caller_rings_elsewhere(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call()
    world.run(20, lambda: world.status(caller) == "offered")
    world.run(2)
    use(world, without("asha"))
    world.run(1)
    assert world.offers(caller) == [("asha", "withdrawn")]
    world.agent("kiran", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "withdrawn"), ("kiran", "accepted")]


def test_agent_who_is_removed_while_talking_ends_the_talk_and_gets_no_other(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 30s of talk")
    caller = world.call()
    world.run(20, lambda: world.status(caller) == "talking" and bool(world.live(caller).joined))
    use(world, without("asha"))
    world.until_ended(caller)
    assert world.record(caller)["outcome"] == "answered"
    other = world.call()
    world.run(20)
    assert world.status(other) == "waiting"


def test_agent_who_is_removed_is_no_longer_stood_by_with(world: World) -> None:
    leg = world.stands_by("meera")
    use(world, without("meera"))
    world.run(1)
    assert leg.ended


def test_callers_of_a_queue_that_is_gone_wait_for_anyone_in_the_same_place(world: World, tmp_path: Path) -> None:
    caller = world.call("press 1 on gather, press 3 on gather, wait")
    world.run(20)
    place_ms = world.live(caller).position_ms
    use(world, accounts(tmp_path))
    world.run(40)
    assert (world.live(caller).queue, world.live(caller).position_ms) == ("general", place_ms)
    world.agent("kiran", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    world.until_ended(caller)
    assert world.record(caller)["outcome"] == "answered"


def test_call_of_a_queue_that_is_gone_while_it_rings_is_not_lost(world: World, tmp_path: Path) -> None:
    world.agent("kiran", "decline@6s")
    caller = world.call("press 1 on gather, press 3 on gather, wait")
    world.run(20, lambda: world.status(caller) == "offered")
    use(world, accounts(tmp_path))
    world.run(8)
    assert (world.live(caller).queue, world.status(caller)) == ("general", "offered")


def test_caller_in_the_menu_of_before_comes_to_a_person(world: World, tmp_path: Path) -> None:
    flow_versions.publish(world.center, (HOUSE / "ivr/flows/main.yaml").read_text("utf-8"), "leela")
    caller = world.call("press 1 on gather, press 3 at 9s, wait")
    world.run(7)
    use(world, accounts(tmp_path))
    world.run(20)
    assert (world.live(caller).queue, world.status(caller)) == ("general", "waiting")


def test_promise_for_a_queue_that_is_gone_is_kept(world: World, tmp_path: Path) -> None:
    caller = world.call("press 1 on gather, press 3 on gather, wait", "+919898000111")
    world.run(20)
    calling_back.promise(world.center, world.live(caller), call_windows.soon(world.center, world.live(caller)))
    world.net.hang_up(caller.sid)
    world.run(2)
    use(world, accounts(tmp_path))
    world.client.flushall()
    recovery.recover(world.center)
    world.net.person("+919898000111", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    world.agent("kiran", "answer@1ring, press 1 on gather")
    world.run(120, lambda: world.status(caller) == "ended")
    assert world.record(caller)["outcome"] == "called_back"


def test_overflow_into_a_queue_that_is_gone_is_forgotten(world: World) -> None:
    lent = "needs: {sales: 1}\n    overflow: [{to: service_visits, when: nobody_signed_in}]"
    use(world, TEXT.replace("needs: {sales: 1}", lent))
    caller = world.call()
    world.run(20)
    assert world.live(caller).overflow == "service_visits"
    moved = replace(world.live(caller), overflow="repairs")
    assert routing.lines_at(moved, world.center.plan, world.net.now_ms) == [("sales", "lang:en=1&sales=1", "", "")]


@pytest.mark.parametrize(
    ("wrong", "line", "reason"),
    [
        ("needs: {seals: 1}", 13, "queue `sales` needs seals at level 1, which no agent has"),
        ("priority_minutes: 40", 14, "a priority of 40 minutes is over the bound on overtaking"),
        ("relax: [{after_s: 20, needs: {support: 2}}]", 14, "a relax step cannot ask for more: support at 2"),
        ("overflow: [{to: sells, after_s: 20}]", 14, "cannot overflow to `sells`"),
    ],
)
def test_wrong_file_is_refused_with_its_line_and_the_running_one_stays(
    world: World, wrong: str, line: int, reason: str
) -> None:
    world.agent("asha")
    right = "needs: {sales: 1}" if wrong.startswith("needs") else "time_to_person_s: 60"
    with pytest.raises(WrongFile) as refused:
        publish(world.center, TEXT.replace(right, wrong, 1))
    problem = refused.value.problems[0]
    assert (problem.source, problem.line, problem.reason) == ("center.yaml", line, reason)
    assert world.center.live.plan_text() == ""
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_other_processes_take_the_published_file_up(world: World) -> None:
    other = Running(world.center)
    use(world, TEXT.replace("name: Suraj Home Appliances", "name: Chandra Home Appliances"))
    world.run(2)
    assert other.center().plan.name == "Chandra Home Appliances"
    assert Path(HOUSE / "center.yaml").read_text("utf-8") == TEXT
