"""Callers who hang up and are called back: the place is kept, the promise is kept, whatever dies in between."""

from collections.abc import Callable
from typing import Any

import pytest

from queues import calling_back, recovery
from simulator import Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
JIGNESH = "+919898000111"
MARIA = "+14155550123"
ASKS = "press 1 on gather, press 1 on gather, press 1 at 52s, press 1 at 70s"
TAKES = "answer@2rings, press 1 on gather"
OPEN = {"callbacks.countries": ["IN", "US"]}


@pytest.fixture
def world(world_with: Make) -> World:
    return world_with(OPEN)


def asks(world: World, from_: str = JIGNESH) -> Leg:
    """A caller who waits for a while and then wants to be called back."""
    caller = world.call(ASKS, from_)
    world.run(90, lambda: caller.ended)
    assert caller.ended
    return caller


def person(world: World, script: str, number: str = JIGNESH) -> None:
    world.net.person(number, script)


def dialled(world: World, number: str = JIGNESH) -> list[Leg]:
    return [leg for leg in world.net.exchange.legs.values() if leg.line == number and not leg.inbound]


def test_caller_is_promised_a_call_hears_when_and_is_called_in_the_same_place(world: World) -> None:
    caller = asks(world)
    assert world.said(caller)[-3:] == [
        "To keep your place and hang up, press 1. We will call you back. To be called at another time, press 2.",
        "We will call you back by 2 PM on the number ending in 0 1 1 1. To confirm, press 1. "
        "For another time, press 2. Or stay on the line.",
        "Thank you. We will call you back by 2 PM. Goodbye.",
    ]
    (promise,) = world.center.history.callbacks.open()
    enqueued_ms = world.live(caller).enqueued_ms
    assert (promise.call, promise.enqueued_ms) == (caller.sid, enqueued_ms)
    assert world.status(caller) == "waiting"

    person(world, "answer@2rings, press 1 on gather, hang up after 30s of talk")
    world.agent("asha", TAKES)
    world.run(300, lambda: world.record(caller)["status"] == "ended")
    record = world.record(caller)
    assert (record["outcome"], record["agent"], record["enqueued_ms"]) == ("called_back", "asha", enqueued_ms)
    (leg,) = dialled(world)
    assert world.said(leg)[0] == (
        "Hello Jignesh Modi, this is Suraj Home Appliances with the call you asked for. "
        "A person is ready for you. To speak now, press 1."
    )
    kept = {row["target"]: row["verdict"] for row in record["targets"]}
    assert kept["callback_kept"] == "kept"
    assert world.center.history.callbacks.open() == []
    assert world.center.live.agent("asha").activity == "idle"


def test_nobody_answers_and_the_place_is_kept_for_the_next_attempt(world: World) -> None:
    caller = asks(world)
    person(world, "never")
    world.agent("asha", TAKES)
    world.run(120, lambda: world.live(caller).attempts == 1 and world.status(caller) == "waiting")
    call = world.live(caller)
    assert call.not_before_ms - world.net.now_ms == 600_000
    assert world.center.live.agent("asha").activity == "idle"
    person(world, "answer@2rings, press 1 on gather, hang up after 30s of talk")
    world.run(900, lambda: world.record(caller)["status"] == "ended")
    assert world.record(caller)["outcome"] == "called_back"
    assert len(dialled(world)) == 2


def test_third_attempt_is_the_last_and_the_caller_is_told(world_with: Make) -> None:
    world = world_with(OPEN | {"callbacks.hours": "00:00-23:59"})
    caller = asks(world)
    person(world, "busy")
    world.agent("asha", TAKES)
    world.run(3 * 86_400, lambda: world.record(caller)["status"] == "ended")
    assert world.record(caller)["outcome"] == "failed"
    assert len(dialled(world)) == 3
    world.run(60)
    assert [(message.to, message.body) for message in world.net.messages.by_sid.values()] == [
        (
            JIGNESH,
            "Suraj Home Appliances: we called you as you asked and could not reach you. "
            "Please call us whenever it suits you.",
        )
    ]
    (promise,) = world.center.history.callbacks.list()
    assert (promise.status, promise.attempts) == ("failed", 3)


def test_answering_machine_presses_nothing_and_is_not_put_through(world: World) -> None:
    caller = asks(world)
    person(world, "answer@1ring")
    world.agent("asha", TAKES)
    world.run(120, lambda: world.live(caller).attempts == 1 and world.status(caller) == "waiting")
    assert "joined" not in world.marks(caller)
    assert world.center.live.agent("asha").activity == "idle"


def test_caller_who_rings_again_has_the_place_and_is_not_called(world: World) -> None:
    first = asks(world)
    again = world.call(from_=JIGNESH)
    world.run(30, lambda: world.status(again) == "waiting")
    assert world.live(again).position_ms == world.live(first).position_ms
    assert world.record(first)["outcome"] == "moved_on"
    world.agent("asha")
    world.until_ended(again)
    assert dialled(world) == []
    (promise,) = world.center.history.callbacks.list()
    assert promise.status == "merged"


def test_caller_who_rings_again_hears_that_the_promise_holds(world: World) -> None:
    asks(world)
    again = world.call("hang up after 9s", JIGNESH)
    world.run(30, lambda: again.ended)
    assert world.said(again)[:2] == [
        "Welcome back.",
        "We will call you back by 2 PM. If you choose the same line now, you keep your place.",
    ]
    assert [made.status for made in world.center.history.callbacks.list()] == ["open"]


def test_dropped_line_costs_no_place_and_is_not_counted_as_abandoned(world: World) -> None:
    first = world.call("press 1 on gather, press 1 on gather, hang up at 50s", JIGNESH)
    world.run(60, lambda: first.ended)
    again = world.call(from_=JIGNESH)
    world.run(30, lambda: world.status(again) == "waiting")
    assert world.live(again).position_ms == world.record(first)["enqueued_ms"]
    assert world.record(first)["outcome"] == "moved_on"


def test_caller_who_is_back_too_late_stands_at_the_end(world: World) -> None:
    first = world.call("press 1 on gather, press 1 on gather, hang up at 50s", JIGNESH)
    world.run(60, lambda: first.ended)
    world.run(400)
    again = world.call(from_=JIGNESH)
    world.run(30, lambda: world.status(again) == "waiting")
    assert world.live(again).position_ms == world.live(again).enqueued_ms
    assert world.record(first)["outcome"] == "abandoned"


def test_window_that_cannot_be_kept_is_said_before_it_breaks(world: World) -> None:
    caller = asks(world)
    until_ms = world.live(caller).until_ms
    world.run(3600, lambda: len(world.net.messages.by_sid) == 1)
    assert world.net.now_ms < until_ms
    (message,) = world.net.messages.by_sid.values()
    assert message.body == (
        "Suraj Home Appliances: we need a little longer. We will call you between 2 PM and 2:30 PM. "
        "Thank you for your patience."
    )
    assert world.live(caller).until_ms == until_ms + 1_800_000


def test_redis_is_wiped_and_the_promise_stands_again(world: World) -> None:
    caller = asks(world)
    position_ms = world.live(caller).position_ms
    world.client.flushall()
    world.run(120, lambda: world.status(caller) == "waiting") if world.center.live.recovered() else None
    recovery.recover(world.center)
    assert world.live(caller).position_ms == position_ms
    person(world, "answer@2rings, press 1 on gather, hang up after 30s of talk")
    world.agent("asha", TAKES)
    world.run(300, lambda: world.status(caller) == "ended")
    assert len(dialled(world)) == 1


def test_agent_is_lost_while_the_phone_rings_and_the_next_one_takes_it(world: World) -> None:
    caller = asks(world)
    person(world, "answer@9rings, press 1 on gather, hang up after 30s of talk")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up at 12s")
    world.agent("kiran", TAKES)
    world.run(300, lambda: world.status(caller) == "ended")
    assert world.record(caller)["outcome"] == "called_back"
    assert len(dialled(world)) == 1
    assert world.record(caller)["agent"] == "kiran"


def test_caller_chooses_a_time_and_is_not_called_before(world: World) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, press 2 at 40s, press 1 at 60s", JIGNESH)
    world.run(120, lambda: caller.ended)
    assert world.said(caller)[-1] == "Thank you. We will call you back between 2 PM and 2:30 PM. Goodbye."
    person(world, "answer@2rings, press 1 on gather, hang up after 30s of talk")
    world.agent("asha", TAKES)
    (promise,) = world.center.history.callbacks.open()
    world.run(7200, lambda: bool(dialled(world)))
    assert promise.from_ms <= dialled(world)[0].created_ms < promise.to_ms


def test_promise_is_cancelled_by_a_supervisor_and_nobody_is_called(world: World) -> None:
    caller = asks(world)
    assert calling_back.end(world.center, caller.sid, "cancelled", "supervisor")
    world.agent("asha")
    world.run(600)
    assert (dialled(world), world.record(caller)["outcome"]) == ([], "abandoned")


@pytest.mark.parametrize("number", ["anonymous", "+19005550123", "+33142685300"])
def test_number_that_may_not_be_dialled_is_offered_no_callback(world: World, number: str) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, press 1 at 40s", number)
    world.run(60)
    assert world.center.history.callbacks.list() == []
    assert not any("call you back" in said for said in world.said(caller))
    assert world.status(caller) == "waiting"


def test_sql_is_away_and_nothing_is_promised(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.center.history.callbacks, "promise", _away)
    caller = world.call(ASKS, JIGNESH)
    world.run(90)
    assert world.said(caller)[-2:] == [
        "We cannot promise a call at this moment.",
        "Thank you for staying on the line. You have kept your place, and a person will answer as soon as one is free.",
    ]
    assert world.status(caller) == "waiting"


def _away(*_: object) -> None:
    from sqlalchemy.exc import OperationalError

    raise OperationalError("insert", {}, Exception("away"))


def test_caller_picks_up_while_the_next_agent_is_rung_and_is_put_through(world: World) -> None:
    caller = asks(world)
    person(world, "answer@5rings, press 1 on gather, hang up after 30s of talk")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up at 12s")
    world.agent("kiran", "answer@3rings, press 1 on gather")
    world.run(300, lambda: world.status(caller) == "ended")
    (leg,) = dialled(world)
    assert "You are first in line" in " ".join(world.said(leg))
    assert (world.record(caller)["outcome"], world.record(caller)["agent"]) == ("called_back", "kiran")
