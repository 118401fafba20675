"""Promises to call back, met at the wrong moment: an agent leaves, a caller rings in, a webhook comes late."""

from collections.abc import Iterator

import pytest

from queues import call_windows, calling_back, recovery
from simulator import Faults, Leg
from tests.dispatch.mortal import MortalWorld

JIGNESH = "+919898000111"
# A day in UTC; 19:35 of it, and 09:00 of the next, in India.
DAY_MS = 1_793_000_000_000
EVENING_MS, MORNING_MS = 14 * 3_600_000 + 300_000, 27 * 3_600_000 + 1_800_000
ASKS = "press 1 on gather, press 1 on gather, press 1 at 52s, press 1 at 70s"
TAKES = "answer@1ring, press 1 on gather"
LEAVES = "answer@1ring, press 1 on gather, hang up at 12s"
TALKS = "answer@2rings, press 1 on gather, hang up after 5s of talk"


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[MortalWorld]:
    world = MortalWorld(redis_url, sqlite_url)
    world.recording = True
    yield world
    world.close()


def asks(world: MortalWorld, script: str = ASKS) -> Leg:
    caller = world.call(script, JIGNESH)
    world.run(90, lambda: caller.ended)
    assert world.live(caller).callback
    return caller


def dialled(world: MortalWorld) -> list[Leg]:
    return [leg for leg in world.net.exchange.legs.values() if leg.line == JIGNESH and not leg.inbound]


def statuses(world: MortalWorld) -> list[str]:
    world.drain()
    return sorted(made.status for made in world.center.history.callbacks.list())


def again(world: MortalWorld, path: str) -> None:
    """The newest webhook to this path comes once more."""
    back = next(back for back in range(1, 99) if path in world.webhooks[-back][1][1])
    world.again(back)


def test_late_webhook_of_the_line_after_a_wipe_does_not_undo_the_promise(world: MortalWorld) -> None:
    caller = asks(world)
    callback = world.live(caller).callback
    world.wipe(recorded=True)
    again(world, "/voice/key")
    recovery.recover(world.center)
    assert world.live(caller).callback == callback


def test_late_webhook_of_the_menu_after_a_wipe_does_not_undo_the_promise(world: MortalWorld) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, wait", JIGNESH)
    world.run(10, lambda: world.status(caller) == "waiting")
    made = calling_back.promise(world.center, world.live(caller), call_windows.soon(world.center, world.live(caller)))
    world.net.hang_up(caller.sid)
    world.run(1)
    world.wipe(recorded=True)
    again(world, "/voice/menu")
    recovery.recover(world.center)
    assert world.live(caller).callback == made.callback


def test_wrong_key_told_twice_is_one_attempt(world: MortalWorld) -> None:
    caller = asks(world)
    world.net.person(JIGNESH, "answer@1ring, press 2 on gather")
    world.agent("asha", TAKES)
    world.run(120, lambda: world.status(caller) == "waiting" and bool(dialled(world)))
    before = world.live(caller)
    world.run(2)
    again(world, "/voice/callback/key")
    assert world.live(caller) == before


def test_caller_does_not_lift_while_the_next_agent_is_rung_and_nobody_waits_for_a_dead_phone(
    world: MortalWorld,
) -> None:
    caller = asks(world)
    world.net.person(JIGNESH, "decline@14s")
    world.agent("asha", LEAVES)
    world.agent("kiran", "answer@5rings, press 1 on gather")
    world.run(60, lambda: bool(dialled(world)) and dialled(world)[0].ended)
    world.run(1)
    assert (world.status(caller), world.live(caller).attempts) == ("waiting", 1)
    assert world.live(caller).not_before_ms > world.net.now_ms
    assert world.center.live.agent("kiran").activity == "idle"


def test_promise_that_is_called_off_stops_the_phone(world: MortalWorld) -> None:
    caller = asks(world)
    world.net.person(JIGNESH, "never")
    world.agent("asha", LEAVES)
    world.run(60, lambda: world.status(caller) == "waiting" and bool(dialled(world)))
    assert calling_back.end(world.center, caller.sid, "cancelled", "caller")
    world.run(1)
    assert dialled(world)[0].ended


def test_caller_who_rings_in_while_we_ring_them_has_the_place_and_frees_the_agent(world: MortalWorld) -> None:
    first = asks(world)
    world.net.person(JIGNESH, "never")
    world.agent("asha", TAKES)
    world.run(60, lambda: bool(dialled(world)))
    position_ms = world.live(first).position_ms
    world.net.person(world.center.plan.agents["asha"].line, "manual")
    second = world.call("press 1 on gather, wait", JIGNESH)
    world.run(20, lambda: world.status(second) in ("waiting", "offered"))
    world.run(1)
    assert (world.live(second).position_ms, world.status(second)) == (position_ms, "offered")
    assert dialled(world)[0].ended
    assert statuses(world) == ["merged"]
    assert world.record(first)["outcome"] == "moved_on"


def test_agent_leaves_while_the_phone_is_being_dialled_and_it_does_not_ring_for_nobody(world: MortalWorld) -> None:
    caller = asks(world)
    world.net.person(JIGNESH, "never")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 0.01s")
    ring = world.center.carrier.ring

    def slow(line: str, *rest: object) -> str:
        leg = ring(line, *rest)  # type: ignore[arg-type]
        if line == JIGNESH:
            world.run(2, lambda: world.status(caller) == "waiting")
        return leg

    world.center.carrier.ring = slow  # type: ignore[method-assign, assignment]
    world.run(60, lambda: bool(dialled(world)))
    world.run(1)
    assert [leg.ended for leg in dialled(world)] == [True]


def test_two_calls_from_one_number_are_promised_one_call_back(world: MortalWorld) -> None:
    first = world.call(ASKS, JIGNESH)
    second = world.call(ASKS, JIGNESH)
    world.run(120, lambda: first.ended and second.ended)
    assert statuses(world) == ["merged", "open"]
    assert world.live(second).position_ms == world.record(first)["enqueued_ms"]


def test_two_promises_for_different_help_are_each_found_when_the_caller_rings_again(world: MortalWorld) -> None:
    sales = asks(world)
    billing = world.call("press 3 on gather, wait", JIGNESH)
    world.run(30, lambda: world.status(billing) == "waiting")
    calling_back.promise(world.center, world.live(billing), call_windows.soon(world.center, world.live(billing)))
    world.net.hang_up(billing.sid)
    again_ = world.call("press 1 on gather, wait", JIGNESH)
    world.run(30, lambda: world.status(again_) == "waiting")
    assert world.record(sales)["outcome"] == "moved_on"
    assert statuses(world) == ["merged", "open"]


def test_promise_that_nobody_could_keep_by_evening_is_kept_in_the_morning_and_says_so(world: MortalWorld) -> None:
    world.run((DAY_MS - DAY_MS % 86_400_000 + EVENING_MS - world.net.now_ms) / 1000)
    caller = asks(world)
    world.net.person(JIGNESH, TALKS)
    world.run(2 * 3600)
    world.agent("asha", TAKES)
    world.run(300)
    assert dialled(world) == []
    sent = [message.body for message in world.net.messages.by_sid.values()]
    assert [body for body in sent if "9 AM" in body] == sent[-1:]
    world.run(12 * 3600, lambda: world.status(caller) == "ended")
    assert statuses(world) == ["kept"]
    assert dialled(world)[0].created_ms >= DAY_MS - DAY_MS % 86_400_000 + MORNING_MS


def test_phone_that_was_rung_as_often_as_we_try_is_not_rung_again_when_the_end_of_the_last_attempt_is_lost(
    world: MortalWorld,
) -> None:
    """Redis is gone while it rings for the last time, and with it what the network tells of that."""
    asks(world)
    world.net.person(JIGNESH, "never", country="IN")
    world.agent("asha", TAKES)
    attempts = world.center.plan.callbacks.attempts
    for _ in range(60):
        world.run(600, lambda: len(dialled(world)) == attempts)
    world.run(5)
    world.net.faults = Faults(lost=1.0)
    world.wipe(recorded=True)
    world.run(150)
    world.net.faults = Faults()
    world.agent("asha", TAKES)
    for _ in range(60):
        world.sweep()
        world.run(60)
    assert (len(dialled(world)), statuses(world)) == (attempts, ["failed"])
    assert [case.kind for case in world.center.history.cases.listed()] == ["callback_failed"]
