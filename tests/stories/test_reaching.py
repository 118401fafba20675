"""The ways to reach an agent: a leg per offer, several phones at once, a standing line, an agent who calls in."""

from collections.abc import Callable
from typing import Any

import pytest

from consoles import snapshot
from queues import agent_moves
from simulator import Leg
from tests.stories.world import OURS, World

Make = Callable[[dict[str, Any]], World]
ASHA = "+919812345001"


# -- several phones at once ---------------------------------------------------------------------------------------


def test_first_of_several_to_accept_wins_and_the_others_stop_ringing(world_with: Make) -> None:
    world = world_with({"queues.sales.ring_several": 3})
    world.agent("asha", "answer@3rings, press 1 on gather, hang up after 20s of talk")
    world.agent("kiran", "answer@1ring, press 1 on gather, hang up after 20s of talk")
    caller = world.call()
    world.until_ended(caller)
    assert sorted(world.offers(caller)) == [("asha", "withdrawn"), ("kiran", "accepted")]
    asha = world.center.live.agent("asha")
    assert (asha.activity, asha.missed, asha.status) == ("idle", 0, "available")


def test_two_who_press_one_at_once_do_not_get_the_same_caller(world_with: Make) -> None:
    world = world_with({"queues.sales.ring_several": 2})
    for name in ("asha", "kiran"):
        world.agent(name, "answer@1ring, press 1 on gather, hang up after 20s of talk")
    caller = world.call()
    world.until_ended(caller)
    assert sorted(outcome for _, outcome in world.offers(caller)) == ["accepted", "withdrawn"]
    assert world.marks(caller).count("answered") == 1


def test_all_of_several_miss_and_the_caller_keeps_the_place(world_with: Make) -> None:
    world = world_with({"queues.sales.ring_several": 2})
    world.agent("asha", "never")
    world.agent("kiran", "never")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "offered")
    enqueued_ms = world.live(caller).enqueued_ms
    world.run(9.5)
    world.agent("meera", "answer@1ring, hang up after 5s of talk")
    world.until_ended(caller)
    assert world.offers(caller)[-1] == ("meera", "accepted")
    assert world.record(caller)["enqueued_ms"] == enqueued_ms


def test_caller_who_leaves_stops_every_phone(world_with: Make) -> None:
    world = world_with({"queues.sales.ring_several": 2})
    world.agent("asha", "never")
    world.agent("kiran", "never")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "offered")
    world.run(1)
    world.net.hang_up(caller.sid)
    world.run(1)
    assert [world.center.live.agent(name).activity for name in ("asha", "kiran")] == ["idle", "idle"]
    assert not [leg for leg in world.net.exchange.legs.values() if not leg.ended]


# -- the standing line --------------------------------------------------------------------------------------------


def _offer(world: World, caller: Leg) -> int:
    world.run(30, until=lambda: world.status(caller) == "offered" and world.center.live.offer(world.live(caller).offer))
    world.run(1)
    return world.live(caller).offer


def test_accepting_on_a_standing_line_only_moves_the_caller(world: World) -> None:
    line = world.stands_by("meera")
    caller = world.call()
    offer = _offer(world, caller)
    assert agent_moves.accept(world.center, "meera", offer) == "accepted"
    world.run(5)
    created = [request for request in world.net.requests if request.path.endswith("/Calls.json")]
    assert (created, world.net.leg(caller.sid).talking, line.talking) == ([], True, True)


def test_hanging_up_on_a_standing_line_thanks_the_caller_and_keeps_the_line(world: World) -> None:
    line = world.stands_by("meera")
    caller = world.call()
    agent_moves.accept(world.center, "meera", _offer(world, caller))
    world.run(5)
    assert agent_moves.hang_up(world.center, "meera", caller.sid)
    world.run(20)
    assert world.said(caller)[-1].startswith("Thank you")
    assert (world.net.leg(caller.sid).ended, line.ended, world.status(caller)) == (True, False, "wrap_up")
    assert agent_moves.wrap_up(world.center, "meera", caller.sid, "resolved", "new_order")
    assert world.center.live.agent("meera").activity == "idle"


def test_caller_who_hangs_up_leaves_the_standing_line_up(world: World) -> None:
    line = world.stands_by("meera")
    caller = world.call("press 1 on gather, press 1 on gather, hang up after 10s of talk")
    agent_moves.accept(world.center, "meera", _offer(world, caller))
    world.run(20)
    assert (world.status(caller), line.ended) == ("wrap_up", False)


def test_missed_offer_on_a_standing_line_is_cut_after_three_rings(world: World) -> None:
    line = world.stands_by("meera")
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 60s")
    number = _offer(world, caller)
    world.run(10)
    offer = world.center.live.offer(number)
    assert offer is not None
    assert (offer.status, offer.ended_ms - offer.ringing_ms, line.ended) == ("missed", 9000, False)
    assert agent_moves.accept(world.center, "meera", number) == "stale"


def test_standing_line_that_breaks_during_a_call_ends_it_with_thanks(world: World) -> None:
    line = world.stands_by("meera")
    caller = world.call()
    agent_moves.accept(world.center, "meera", _offer(world, caller))
    world.run(5)
    world.net.hang_up(line.sid)
    world.run(20)
    agent = world.center.live.agent("meera")
    assert (world.net.leg(caller.sid).ended, agent.standing_leg, agent.activity) == (True, "", "wrap_up")


def test_offer_on_the_phone_is_not_accepted_by_the_desk(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call()
    assert agent_moves.accept(world.center, "asha", _offer(world, caller)) == "answer_on_the_phone"


# -- agents who call in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "status"), [("1", "available"), ("2", "break"), ("3", "offline")])
def test_agent_says_their_status_by_calling_in(world: World, key: str, status: str) -> None:
    world.net.place_call(ASHA, OURS, f"press 2580 on gather, press {key} on gather")
    world.run(30)
    assert world.center.live.agent("asha").status == status


def test_wrong_pin_changes_nothing_and_ends_after_three(world: World) -> None:
    leg = world.net.place_call(ASHA, OURS, "press 1111 on gather, press 2222 on gather, press 3333 on gather, wait")
    world.run(60)
    assert (leg.ended, world.center.live.agent("asha").status) == (True, "offline")


def test_agent_on_a_plain_phone_can_stand_by_too(world: World) -> None:
    leg = world.net.place_call(ASHA, OURS, "press 2580 on gather, press 4 on gather, wait")
    world.run(20)
    agent_moves.choose_status(world.center, "asha", "available")
    caller = world.call()
    assert agent_moves.accept(world.center, "asha", _offer(world, caller)) == "accepted"
    world.run(5)
    assert leg.talking


def test_floor_tells_how_long_the_next_phone_waits_for_the_accounts_limit(world_with: Make) -> None:
    world = world_with({"limits.calls_per_second": 1})
    for name in ("asha", "kiran", "meera"):
        world.agent(name)
    calls = [world.call() for _ in range(3)]
    world.run(60, lambda: all(world.status(call) == "offered" for call in calls))
    pace = snapshot.floor(world.center)["pace"]
    assert pace == {"wait_ms": 3_000, "per_second": 1}
    world.run(4)
    assert snapshot.floor(world.center)["pace"]["wait_ms"] == 0
