"""Somebody hangs up at every moment there is: nobody is left alone, no phone rings on, no agent stays tied."""

import pytest

from tests.stories.world import World


def _free(world: World, agent: str) -> bool:
    now = world.center.live.agent(agent)
    return (now.activity, now.call, now.offer) == ("idle", "", 0)


def test_caller_who_hangs_up_in_the_menu_leaves_the_menu(world: World) -> None:
    caller = world.call("hang up at 3s")
    world.until_ended(caller)
    assert world.record(caller)["outcome"] == "left_in_menu"


def test_caller_who_hangs_up_in_line_is_gone_from_it_at_once(world: World) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 30s")
    world.until_ended(caller)
    ended = next(mark for mark in world.record(caller)["marks"] if mark["name"] == "ended")
    assert world.record(caller)["outcome"] == "abandoned"
    assert ended["at_ms"] == world.net.leg(caller.sid).ended_ms
    assert world.client.zcard("tr:heads") == 0


def test_caller_who_hangs_up_while_an_agent_rings_frees_the_agent(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call()
    world.run(30, until=lambda: world.center.live.agent("asha").activity == "offered")
    world.run(2)
    world.net.hang_up(caller.sid)
    world.run(1)
    assert (world.offers(caller), _free(world, "asha")) == ([("asha", "withdrawn")], True)
    assert not world.net.legs_at(world.center.plan.agents["asha"].line)


def test_agent_whose_caller_left_keeps_their_turn(world: World) -> None:
    world.agent("asha", "never")
    world.run(10)
    world.agent("meera", "never")  # as many skills; a browser, so with a device
    caller = world.call()
    world.run(30, until=lambda: world.center.live.agent("asha").activity == "offered")
    world.net.hang_up(caller.sid)
    world.run(1)
    second = world.call(from_="+14155550102")
    world.run(8)
    assert world.record(second)["offers"][0]["agent"] == "asha"


def test_caller_who_hangs_up_as_the_agent_presses_one_frees_the_agent(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 60s of talk")
    caller = world.call()
    world.run(40, until=lambda: world.status(caller) == "talking")
    world.net.hang_up(caller.sid)
    world.run(2)
    assert world.record(caller)["outcome"] in ("abandoned", "answered")
    assert world.center.live.agent("asha").activity in ("idle", "wrap_up")
    assert not world.net.legs_at(world.center.plan.agents["asha"].line)


@pytest.mark.parametrize("by", ["caller", "agent"])
def test_hang_up_on_either_side_ends_both_legs_and_leads_to_wrap_up(world: World, by: str) -> None:
    agent_script = "answer@1ring, press 1 on gather" + (", hang up after 20s of talk" if by == "agent" else "")
    world.agent("asha", agent_script)
    caller = world.call(
        "press 1 on gather, press 1 on gather" + (", hang up after 20s of talk" if by == "caller" else ", wait")
    )
    world.run(90, until=lambda: world.center.live.agent("asha").activity == "wrap_up")
    world.run(15)
    assert world.net.leg(caller.sid).ended
    assert not world.net.legs_at(world.center.plan.agents["asha"].line)
    ended = next(mark for mark in world.record(caller)["marks"] if mark["name"] == "ended")
    assert (ended["by"], ended["outcome"]) == (by, "answered")


def test_caller_hears_thanks_when_the_agent_hangs_up(world: World) -> None:
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    assert world.said(caller)[-1].startswith("Thank you")


def test_agent_who_vanishes_before_the_caller_comes_over_puts_them_back_in_place(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    caller = world.call()
    world.run(40, until=lambda: world.status(caller) == "talking")
    enqueued_ms = world.live(caller).enqueued_ms
    assert not world.live(caller).joined
    for leg in world.net.legs_at(world.center.plan.agents["asha"].line):
        world.net.hang_up(leg.sid)
    world.until_ended(caller)
    assert [name for name in world.marks(caller) if name in ("answered", "requeued", "joined")] == [
        *("answered", "requeued", "answered", "joined"),
    ]
    assert world.record(caller)["enqueued_ms"] == enqueued_ms
