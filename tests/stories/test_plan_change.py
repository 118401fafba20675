"""A new center file while calls wait: everybody stands anew, nobody loses the place; a wrong one changes nothing."""

from pathlib import Path

import pytest

from center import HOUSE, Running
from ivr.lined_yaml import WrongFile
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
