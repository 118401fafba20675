"""A queue that rings several phones at once: whoever is first has the caller, and nobody is left tied to nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from queues import agent_moves, ticker
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
LATE = "answer@9rings, press 1 on gather"
TALKS = "answer@2rings, press 1 on gather, hang up after 5s of talk"


@pytest.fixture
def world(world_with: Make) -> World:
    return world_with({"queues.sales.ring_several": 3})


def activities(world: World) -> dict[str, str]:
    return {agent.agent: agent.activity for agent in world.center.live.agents() if agent.status == "available"}


def test_first_who_accepts_has_the_caller_and_the_others_are_free(world: World) -> None:
    world.agent("asha", TALKS)
    world.agent("kiran", LATE)
    world.agent("meera", "manual")
    caller = world.call()
    world.run(30, lambda: world.status(caller) == "talking")
    assert activities(world) == {"asha": "talking", "kiran": "idle", "meera": "idle"}
    world.until_ended(caller)
    assert sorted(world.offers(caller)) == [("asha", "accepted"), ("kiran", "withdrawn"), ("meera", "withdrawn")]


def test_caller_hangs_up_after_one_of_several_declined_and_everybody_is_free(world: World) -> None:
    world.agent("asha", "decline@1s")
    world.agent("kiran", LATE)
    world.agent("meera", "manual")
    caller = world.call()
    world.run(30, lambda: ("asha", "declined") in (world.offers(caller) if world.status(caller) else []))
    assert world.status(caller) == "offered"
    world.net.hang_up(caller.sid)
    world.run(2)
    assert activities(world) == {"asha": "idle", "kiran": "idle", "meera": "idle"}
    assert world.record(caller)["outcome"] == "abandoned"


def test_agent_signs_out_while_rung_together_and_the_others_ring_on(world: World) -> None:
    world.agent("asha", LATE)
    world.agent("kiran", "answer@3rings, press 1 on gather, hang up after 5s of talk")
    caller = world.call()
    world.run(30, lambda: world.status(caller) == "offered")
    world.run(1)
    agent_moves.choose_status(world.center, world.live(caller).agent, "offline")
    assert world.live(caller).agent in activities(world)
    world.run(2)
    assert world.center.live.agent(world.live(caller).agent).call == caller.sid


def test_cut_of_one_offer_leaves_the_call_with_an_agent_who_is_still_rung(world: World) -> None:
    world.agent("asha", "never")
    world.agent("kiran", LATE)
    caller = world.call()
    world.run(30, lambda: world.status(caller) == "offered")
    first = world.live(caller).offer
    ticker.cut_ring(world.center, str(first))
    after = world.live(caller)
    offer = world.center.live.offer(after.offer)
    assert offer is not None
    assert (offer.status in ("placed", "ringing"), offer.agent) == (True, after.agent)
