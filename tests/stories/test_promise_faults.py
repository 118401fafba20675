"""Ways in which a promise could be lost, broken without a word, or kept twice: two tickers, half a save, a move."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from queues import agent_life, calling_back, recovery, ringing_back, ticker
from queues.callback import HALF_HOUR_MS, Promise, Window
from queues.records import Change
from tests.dispatch.mortal import Killed, MortalWorld
from tests.stories.test_callbacks import ASKS, JIGNESH, OPEN, TAKES, asks, dialled, person
from tests.stories.test_menu import SUNDAY_MS
from tests.stories.world import START_MS, World

Make = Callable[[dict[str, Any]], World]
HOUR_MS = 3_600_000
LIFTS = "answer@2rings, press 1 on gather, hang up after 30s of talk"


@pytest.fixture
def world(world_with: Make) -> World:
    return world_with(OPEN)


def promise_of(world: World) -> Promise:
    """The only promise, as SQL has it."""
    world.drain()
    (made,) = world.center.history.callbacks.list()
    return made


def away(*_: object) -> None:
    raise OperationalError("update", {}, Exception("away"))


# -- windows ----------------------------------------------------------------------------------------------------------


def test_two_tickers_at_once_promise_one_other_window(world: World) -> None:
    caller = asks(world)
    until_ms = world.live(caller).until_ms
    world.run(3600, lambda: world.live(caller).until_ms > until_ms)
    calling_back.repromise(world.center, caller.sid)  # the other ticker had read the same due time
    world.drain()
    assert (world.live(caller).until_ms, len(world.net.messages.by_sid)) == (until_ms + HALF_HOUR_MS, 1)


def test_window_that_ends_while_the_phone_rings_stays_due(world: World) -> None:
    caller = asks(world)
    person(world, "never")
    world.agent("asha", TAKES)
    world.run(120, lambda: len(dialled(world)) == 1)
    world.client.zadd("tr:due", {f"promise:{caller.sid}": world.net.now_ms})
    ticker.tick(world.center)
    assert world.client.zscore("tr:due", f"promise:{caller.sid}") == world.net.now_ms + 60_000


def test_service_that_was_away_for_hours_promises_no_time_that_has_passed(world: World) -> None:
    caller = asks(world)
    world.net.advance_to(world.live(caller).until_ms + 3 * HOUR_MS)
    world.run(60)
    assert len(world.net.messages.by_sid) == 1
    assert world.live(caller).until_ms > world.net.now_ms


def test_promise_is_moved_over_the_night_and_nobody_is_woken(world: World) -> None:
    caller = asks(world)
    noon_ms = world.live(caller).until_ms - 2 * HOUR_MS  # they were told "by 2 PM"
    world.run(10 * 3600, lambda: world.live(caller).not_before_ms)
    nine_ms = noon_ms + 21 * HOUR_MS
    assert (world.live(caller).not_before_ms, world.live(caller).until_ms) == (nine_ms, nine_ms + HALF_HOUR_MS)
    assert max(told.created_ms for told in world.net.messages.by_sid.values()) <= noon_ms + 8 * HOUR_MS
    person(world, LIFTS)
    world.agent("asha", TAKES)
    world.run(20 * 3600, lambda: bool(dialled(world)))
    assert nine_ms <= dialled(world)[0].created_ms <= nine_ms + HALF_HOUR_MS


def test_agent_who_comes_in_the_night_rings_nobody_whose_window_is_over(world: World) -> None:
    caller = asks(world)
    person(world, LIFTS)
    world.net.advance_to(world.live(caller).until_ms + 9 * HOUR_MS)  # eleven at night, and no ticker until now
    world.agent("asha", TAKES)
    world.run(1800)
    assert (dialled(world), world.status(caller)) == ([], "waiting")
    assert (promise_of(world).attempts, world.center.live.agent("asha").activity) == (0, "idle")
    assert len(world.net.messages.by_sid) == 1


def test_promise_moved_while_an_agent_is_rung_is_not_dialled_before_its_new_time(world: World) -> None:
    caller = asks(world)
    person(world, LIFTS)
    world.agent("asha", "answer@2rings, press 1 on gather")
    world.run(60, lambda: world.status(caller) == "offered")
    from_ms = world.net.now_ms + HOUR_MS
    assert calling_back.move(world.center, caller.sid, Window(from_ms, from_ms + HALF_HOUR_MS), "caller")
    world.run(7200, lambda: bool(dialled(world)))
    assert from_ms <= dialled(world)[0].created_ms <= from_ms + HALF_HOUR_MS


# -- what SQL knows ---------------------------------------------------------------------------------------------------


def test_window_after_an_attempt_that_failed_is_in_the_record(world: World) -> None:
    caller = asks(world)
    person(world, "never")
    world.agent("asha", TAKES)
    world.run(3 * 3600, lambda: world.live(caller).attempts == 2 and world.status(caller) == "waiting")
    call, made = world.live(caller), promise_of(world)
    assert (made.to_ms, made.not_before_ms) == (call.until_ms, call.not_before_ms)
    assert made.from_ms == call.not_before_ms > made.created_ms + 2 * HOUR_MS


def test_promise_called_first_is_first_again_after_a_loss(world: World) -> None:
    caller = asks(world)
    from_ms = world.net.now_ms + HOUR_MS
    assert calling_back.move(world.center, caller.sid, Window(from_ms, from_ms + HALF_HOUR_MS), "caller")
    assert calling_back.call_next(world.center, caller.sid)
    call = world.live(caller)
    world.drain()
    world.client.flushall()
    recovery.recover(world.center)
    assert (world.live(caller).position_ms, world.live(caller).not_before_ms) == (call.position_ms, 0)


def test_moved_promise_is_moved_in_sql_before_the_recorder_comes(world: World) -> None:
    caller = asks(world)
    world.recording = False
    from_ms = world.net.now_ms + HOUR_MS
    assert calling_back.move(world.center, caller.sid, Window(from_ms, from_ms + HALF_HOUR_MS), "caller")
    world.client.flushall()
    recovery.recover(world.center)
    assert world.live(caller).not_before_ms == from_ms


def test_promise_that_was_saved_and_never_made_is_not_kept_an_hour_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise Killed

    caller = world.call("press 1 on gather, press 1 on gather, wait", JIGNESH)
    world.run(40, lambda: world.status(caller) == "waiting")
    call, said = world.live(caller), Window(world.net.now_ms, world.net.now_ms + HOUR_MS)
    with monkeypatch.context() as dying:
        dying.setattr(world.center.live, "settle", killed)
        with pytest.raises(Killed):
            calling_back.promise(world.center, call, said)
    world.agent("asha")
    world.until_ended(caller)
    recovery.sweep(world.center)
    world.run(2 * 3600)
    recovery.sweep(world.center)
    world.run(60)
    assert (promise_of(world).status, dialled(world)) == ("cancelled", [])


def test_promise_kept_while_sql_was_away_is_not_kept_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = asks(world)
    person(world, LIFTS)
    world.drain()
    world.recording = False
    with monkeypatch.context() as sql:
        sql.setattr(world.center.history.callbacks, "close", away)
        world.agent("asha", TAKES)
        world.run(300, lambda: world.status(caller) == "ended")
        world.run(2 * 3600)
    assert world.center.live.call(caller.sid) is None
    recovery.sweep(world.center)  # sooner than the recorder
    world.recording = True
    world.run(600)
    assert (promise_of(world).status, len(dialled(world))) == ("kept", 1)


# -- the attempt, twice -----------------------------------------------------------------------------------------------


def test_two_tickers_at_once_end_one_attempt(world: World) -> None:
    caller = asks(world)
    person(world, "never")
    world.agent("asha", TAKES)
    world.run(120, lambda: world.live(caller).attempts == 1 and world.status(caller) == "waiting")
    world.run(60)
    before = world.live(caller)
    ticker.callback_unanswered(world.center, caller.sid)  # the other ticker had read the same due time
    assert world.live(caller) == before


def test_late_key_of_an_earlier_attempt_does_not_end_this_one(world: World) -> None:
    caller = asks(world)
    person(world, "answer@1ring")
    world.agent("asha", TAKES)
    world.run(120, lambda: world.live(caller).attempts == 1 and world.status(caller) == "waiting")
    person(world, "answer@9rings, press 1 on gather, hang up after 30s of talk")
    world.run(900, lambda: world.live(caller).attempts == 2)
    leg, offer = world.live(caller).leg, world.live(caller).offer
    ringing_back.attempt_failed(world.center, caller.sid, "not_accepted", dialled(world)[0].sid)
    assert (world.live(caller).leg, world.live(caller).offer) == (leg, offer)
    world.run(300, lambda: world.status(caller) == "ended")
    assert world.record(caller)["outcome"] == "called_back"


# -- the caller, twice ------------------------------------------------------------------------------------------------


def test_caller_who_lifted_for_an_agent_who_had_gone_is_never_hung_up_on(world: World) -> None:
    caller = asks(world)
    person(world, "answer@5rings, press 1 on gather, wait")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up at 12s")
    world.run(60, lambda: bool(dialled(world)))
    calling_back_leg = dialled(world)[0]
    world.center.live.settle(lambda: _offline(world, "asha"), world.net.now_ms)
    world.run(300)
    assert (calling_back_leg.ended, world.status(caller)) == (False, "waiting")


def _offline(world: World, name: str) -> Change:
    return agent_life.choose_status(world.center.live.agent(name), "offline", "", world.net.now_ms)


def test_caller_who_rings_us_while_we_ring_them_has_the_place_and_no_second_ring(world: World) -> None:
    first = asks(world)
    position_ms = world.live(first).position_ms
    person(world, "never")
    world.agent("asha", TAKES)
    world.run(120, lambda: len(dialled(world)) == 1)
    again = world.call("press 1 on gather, press 1 on gather, wait", JIGNESH)
    world.run(30, lambda: world.status(again) in ("waiting", "offered"))
    assert world.live(again).position_ms == position_ms
    world.run(1)
    assert dialled(world)[0].ended
    world.run(4 * 3600)
    assert (promise_of(world).status, len(dialled(world))) == ("merged", 1)


def test_caller_who_rings_after_a_loss_and_before_the_repair_has_the_place(world: World) -> None:
    first = asks(world)
    position_ms = world.live(first).position_ms
    world.drain()
    world.client.flushall()
    again = world.call("press 1 on gather, press 1 on gather, wait", JIGNESH)
    world.run(30, lambda: world.status(again) == "waiting")
    assert (world.live(again).position_ms, promise_of(world).status) == (position_ms, "merged")
    recovery.recover(world.center)
    assert [call.call for call in world.center.live.calls()] == [again.sid]


def test_promise_cancelled_while_the_phone_is_being_dialled_stops_the_phone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = asks(world)
    person(world, "never")
    ring = world.center.carrier.ring

    def cancelled_meanwhile(to: str, *rest: Any) -> str:
        leg = ring(to, *rest)
        assert to != JIGNESH or calling_back.end(world.center, caller.sid, "cancelled", "caller")
        return leg

    monkeypatch.setattr(world.center.carrier, "ring", cancelled_meanwhile)
    world.agent("asha", TAKES)
    world.run(120, lambda: len(dialled(world)) == 1)
    world.run(5)
    assert (dialled(world)[0].ended, promise_of(world).status) == (True, "cancelled")
    assert world.center.live.agent("asha").activity == "idle"


def test_phone_dialled_by_a_worker_who_died_is_not_dialled_again_for_the_next_agent(
    redis_url: str, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = MortalWorld(redis_url, sqlite_url, OPEN)
    world.recording = True
    try:
        caller = world.call(ASKS, JIGNESH)
        world.run(90, lambda: caller.ended)
        person(world, "answer@9rings, press 1 on gather, hang up after 30s of talk")
        request, deaths = world.http.request, iter([True])

        def dying(method: str, uri: str, *rest: Any, **options: Any) -> Any:
            answer = request(method, uri, *rest, **options)
            if method == "POST" and JIGNESH in str(options.get("data")) and next(deaths, False):
                raise Killed
            return answer

        monkeypatch.setattr(world.http, "request", dying)
        world.agent("asha", "answer@1ring, press 1 on gather, hang up at 6s")
        world.agent("kiran", "answer@1ring, press 1 on gather")
        world.run(400, lambda: world.status(caller) == "ended")
        assert next(deaths, None) is None
        assert (len(dialled(world)), world.record(caller)["outcome"]) == (1, "called_back")
    finally:
        world.close()


def test_callback_asked_for_twice_in_the_menu_is_one_promise(world: World) -> None:
    world.run((SUNDAY_MS - START_MS) / 1000)
    keys = "press 2 on gather, press 3 on gather, press 2 after 12s, press 1 on gather"
    first = world.call(f"press 1 on gather, {keys}", JIGNESH)
    world.run(120, lambda: first.ended)
    position_ms = world.live(first).position_ms
    second = world.call(keys, JIGNESH)
    world.run(120, lambda: second.ended)
    world.drain()
    assert [made.call for made in world.center.history.callbacks.open()] == [second.sid]
    assert world.center.live.memories.callbacks(JIGNESH) == [second.sid]
    assert world.live(second).position_ms == position_ms
