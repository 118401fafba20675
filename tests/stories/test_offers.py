"""Offers that are not accepted: rung out, lifted by a machine, declined, never reached. The caller keeps the place."""

import itertools

import pytest

from queues import agent_moves
from tests.stories.world import World


def test_ring_is_cut_after_three_rings_and_the_next_agent_is_rung(world: World) -> None:
    world.agent("asha", "never")
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "missed"), ("kiran", "accepted")]
    missed = world.record(caller)["offers"][0]
    assert missed["ended_at_ms"] - missed["ringing_at_ms"] == 9000


def test_cancel_leaves_when_the_third_ring_ends(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 40s")
    world.run(60)
    ringing = world.record(caller)["offers"][0]["ringing_at_ms"]
    canceled = [request for request in world.net.requests if request.form.get("Status") == "canceled"]
    assert canceled[0].at_ms - ringing == 9000


def test_caller_keeps_the_place_after_a_missed_offer(world: World) -> None:
    world.agent("asha", "never")
    first = world.call(from_="+14155550101")
    world.run(6)
    second = world.call(from_="+14155550102")
    world.run(3)
    enqueued_ms = world.live(first).enqueued_ms
    world.agent("kiran")
    world.until_ended(first, second)
    assert world.record(first)["enqueued_ms"] == enqueued_ms
    assert world.offers(first)[-1] == ("kiran", "accepted")


def test_agent_who_never_picks_up_is_set_to_break(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 120s")
    world.run(130)
    assert world.offers(caller) == [("asha", "missed"), ("asha", "missed")]
    agent = world.center.live.agent("asha")
    assert (agent.status, agent.reason, agent.activity) == ("break", "missed", "idle")
    assert world.record(caller)["outcome"] == "abandoned"


def test_voicemail_that_picks_up_is_not_an_answer(world: World) -> None:
    world.agent("asha", "voicemail@2rings")
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "missed"), ("kiran", "accepted")]


def test_agent_who_answers_but_presses_nothing_has_missed(world: World) -> None:
    world.agent("asha", "answer@1ring")
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "missed"), ("kiran", "accepted")]
    missed = world.record(caller)["offers"][0]
    assert 9_000 <= missed["ended_at_ms"] - missed["ringing_at_ms"] <= 16_000


@pytest.mark.parametrize(
    ("script", "outcome"), [("busy", "declined"), ("decline@2s", "declined"), ("unreachable", "missed")]
)
def test_line_that_cannot_be_reached_gives_the_call_to_the_next(world: World, script: str, outcome: str) -> None:
    world.agent("asha", script)
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", outcome), ("kiran", "accepted")]


def test_pressing_another_key_declines(world: World) -> None:
    world.agent("asha", "answer@1ring, press 2 on gather")
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "declined"), ("kiran", "accepted")]


def test_agent_who_goes_on_break_while_ringing_gives_the_call_back(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call()
    world.run(30, until=lambda: world.center.live.agent("asha").activity == "offered")
    agent_moves.choose_status(world.center, "asha", "break", "lunch")
    world.agent("kiran")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "withdrawn"), ("kiran", "accepted")]
    assert world.center.live.agent("asha").status == "break"


def test_carrier_that_never_says_ringing_is_cut_all_the_same(world: World) -> None:
    world.net.faults.omit_ringing = True
    world.agent("asha", "never")
    world.run(5)
    world.agent("kiran")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "missed"), ("kiran", "accepted")]


def test_browser_without_a_device_is_not_rung(world: World) -> None:
    world.agent("meera", "never")
    world.run(40)  # no heartbeat for longer than its lease
    assert world.center.live.agent("meera").activity == "no_device"
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 40s")
    world.run(20)
    assert world.status(caller) == "waiting"
    agent_moves.device_seen(world.center, "meera")
    world.run(1)
    assert world.status(caller) == "offered"


def test_browser_that_is_closed_during_wrap_up_is_not_rung_afterwards(world: World) -> None:
    world.agent("meera", "answer@1ring, hang up after 5s of talk")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "wrap_up")
    world.run(40)  # the device's lease ends long before the wrap-up
    assert world.center.live.dues.oldest_overdue_ms(world.net.now_ms) == 0
    world.until_ended(caller)
    assert world.center.live.agent("meera").activity == "no_device"


def test_created_legs_leave_at_the_pace_of_the_account(world: World) -> None:
    agents = ("asha", "kiran", "meera")
    for name in agents:
        world.agent(name, "answer@1ring, press 1 on gather, hang up after 5s of talk")
    for number in range(3):
        world.call(from_=f"+1415555010{number}")
    world.run(60)
    created = [r.at_ms for r in world.net.requests if r.method == "POST" and r.path.endswith("/Calls.json")]
    gaps = [later - earlier for earlier, later in itertools.pairwise(created)]
    assert len(created) == 3
    assert min(gaps) >= 20  # 50 a second in the example center


def test_page_that_closes_while_it_rings_is_nobody_s_miss_and_rings_again_when_it_is_back(world: World) -> None:
    world.agent("meera", "answer@2rings, hang up after 30s of talk")
    caller = world.call()
    world.run(60, lambda: world.status(caller) == "offered")
    agent_moves.device_gone(world.center, "meera")
    world.run(5)
    gone = world.center.live.agent("meera")
    assert (gone.activity, gone.missed, world.status(caller)) == ("no_device", 0, "waiting")
    agent_moves.device_seen(world.center, "meera")
    world.until_ended(caller)
    assert world.offers(caller) == [("meera", "withdrawn"), ("meera", "accepted")]
