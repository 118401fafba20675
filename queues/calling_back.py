"""Promises to call back, made, kept, moved and ended: what the doors, the orders, the ticker and the sweep share.

A promise is in SQL before it is said. Whatever is lost afterwards, `restore` finds it there and puts it back in line.
"""

import secrets
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from ivr import wording
from queues import call_windows, callback, endings, owed, quiet_hours, routing, standing
from queues.callback import HALF_HOUR_MS, Promise, Window
from queues.lifecycle import Standing
from queues.records import NOTHING, Agent, Call, Change, Order

log = structlog.get_logger()

# An attempt that began so lately may still be ringing, whatever Redis remembers of it.
STILL_RINGING_MS = 120_000


class NotPromised(Exception):
    """SQL is away: what cannot be kept for certain is not promised."""


def promise(center: Center, call: Call, said: Window, place: Standing | None = None, later: bool = False) -> Call:
    """Promise it, in SQL first. `place` when the call has not been in line; `later` when it may not come before.

    What was promised to the same number for the same before goes on in this one, in the older place.
    Raises NotPromised when SQL is away, or the call has moved on.
    """
    now_ms = center.now_ms()
    id, not_before_ms = "CB" + secrets.token_hex(16), said.from_ms if later else 0
    before = owed_elsewhere(center, call, place.queue if place else call.queue)
    place_ms = min((one.position_ms for one in before), default=0)
    made = _row(id, call, place, said, not_before_ms, now_ms)
    made = replace(made, position_ms=min(made.position_ms, place_ms or made.position_ms))
    try:
        center.history.callbacks.promise(made)
    except SQLAlchemyError as error:
        raise NotPromised from error

    def decide() -> Change:
        now = center.live.call(call.call) or call
        if place:
            kept = replace(place, position_ms=place_ms)
            return callback.promise_in_menu(now, kept, id, said, now_ms, not_before_ms)
        return callback.promise(now, id, said, now_ms, not_before_ms, place_ms)

    change = center.live.settle(decide, now_ms)
    after = center.live.call(call.call)
    if not change or after is None or after.callback != id:
        center.history.callbacks.close(id, "cancelled", now_ms)
        raise NotPromised
    center.live.memories.keep_callback(call.caller, call.call)
    for one in before:  # the same number is called once for the same
        end(center, one.call, "merged", "caller")
    return after


def connect(center: Center, sid: str, offer: int) -> bool:
    """The caller pressed 1 on the leg we dialled: kept, and in SQL at once, so that no loss has them dialled again.

    False when their agent has gone meanwhile.
    """
    now_ms = center.now_ms()

    def decide() -> Change:
        call, rung, _ = center.live.parties(sid)
        return callback.connected(call, rung, now_ms) if call and rung and rung.offer == offer else NOTHING

    center.live.settle(decide, now_ms)
    call = center.live.call(sid)
    if call is None or not call.joined:
        return False
    _closed(center, call, "kept", now_ms)
    return True


def take_alone(center: Center, sid: str, leg: str) -> Call | None:
    """The caller pressed 1 and their agent has gone: they are on the line now, first in it."""
    now_ms = center.now_ms()
    before = center.live.call(sid)

    def decide() -> Change:
        call = center.live.call(sid)
        return callback.picked_up_alone(call, leg, now_ms) if call else NOTHING

    if before is not None and center.live.settle(decide, now_ms):
        _closed(center, before, "kept", now_ms)
    return center.live.call(sid)


def attempt_failed(center: Center, sid: str, why: str) -> None:
    """Nobody there, busy, or no 1 pressed: the agent is free, and it is tried again later or given up."""
    now_ms = center.now_ms()

    def decide() -> Change:
        call, _, agent = center.live.parties(sid)
        return failed(center, call, agent, why, now_ms) if call else NOTHING

    if center.live.settle(decide, now_ms):
        forget_if_over(center, sid)


def failed(center: Center, call: Call, agent: Agent | None, why: str, now_ms: int) -> Change:
    """The change that an attempt leads to at which nobody took the call."""
    again_ms = _again_ms(center, call, why, now_ms)
    change = callback.missed(call, agent, why, now_ms, again_ms)
    if again_ms:
        return change
    return owed.with_case(message(change, call, "callback_given_up", center), call, now_ms)


def forget_if_over(center: Center, sid: str) -> None:
    """A promise that has ended is not looked for when its caller rings again."""
    call = center.live.call(sid)
    if call is not None and call.status in ("ended", "wrap_up"):
        center.live.memories.drop_callback(call.caller, sid)


def end(center: Center, sid: str, status: str, by: str) -> bool:
    """Cancelled by the caller or a supervisor, or merged into a newer call. An agent being rung is let go first.

    Who rings in themselves need not be rung by us: that ends then too.
    """
    now_ms, outcome = center.now_ms(), "moved_on" if status == "merged" else "abandoned"
    call = center.live.call(sid)
    let_go(center, sid)

    def decide() -> Change:
        now, _, agent = center.live.parties(sid)
        return (
            callback.close(now, status, outcome, by, now_ms, agent if status == "merged" else None) if now else NOTHING
        )

    done = bool(center.live.settle(decide, now_ms))
    if done and call is not None:
        _closed(center, call, status, now_ms)
    return done


def owed_elsewhere(center: Center, call: Call, queue: str = "") -> list[Call]:
    """The other calls in which we owe this caller a callback, for one kind of help or for any."""
    others = center.live.memories.callbacks(call.caller) if call.caller.startswith("+") else []
    found = (center.live.call(sid) for sid in others if sid != call.call)
    open_ones = [one for one in found if one and one.callback and not one.joined and one.status != "ended"]
    return [one for one in open_ones if one.queue == (queue or one.queue)]


def let_go(center: Center, sid: str) -> None:
    """Nobody need be rung for this caller any more; all phones stop that ring."""
    call = center.live.call(sid)
    if call is not None and call.status == "offered":
        for number in (call.offer, *map(int, call.also.split())):
            endings.end_offer(center, number, "withdrawn", "caller_left")


def move(center: Center, sid: str, said: Window, why: str, later: bool = True) -> bool:
    """Another window, wished for by the caller or a supervisor."""
    now_ms = center.now_ms()

    def decide() -> Change:
        now = center.live.call(sid)
        return callback.move_window(now, said, said.from_ms if later else 0, now_ms, why) if now else NOTHING

    return bool(center.live.settle(decide, now_ms))


def ahead(center: Center, call: Call) -> int:
    """How many wait in the same queue and came before."""
    rows = (other for other in center.live.calls() if other.status == "waiting" and other.queue == call.queue)
    return sum(other.position_ms < call.position_ms for other in rows)


def hang_up(call: Call) -> Change:
    """The caller need not stay on the line: the phone is put down for them, after a thank-you."""
    return Change(orders=(Order("end", leg=call.caller_leg),))


def call_next(center: Center, sid: str) -> bool:
    """A supervisor's wish: nobody in this line comes before."""
    now_ms = center.now_ms()
    waiting = [call.position_ms for call in center.live.calls() if call.status == "waiting"]

    def decide() -> Change:
        now = center.live.call(sid)
        return callback.call_next(now, min([*waiting, now_ms]) - 1, now_ms) if now else NOTHING

    return bool(center.live.settle(decide, now_ms))


def repromise(center: Center, sid: str) -> None:
    """The window ends in minutes and nobody is free: say so before it breaks, and until when it will be.

    A half hour that would reach into the night is one of the next morning instead.
    """
    now_ms = center.now_ms()

    def decide() -> Change:
        call = center.live.call(sid)
        if call is None or not call.callback or call.status not in ("waiting", "offered"):
            return NOTHING
        said, hours = Window(call.until_ms, call.until_ms + HALF_HOUR_MS), center.plan.callbacks.hours
        not_before_ms = call.not_before_ms
        decent_ms = quiet_hours.next_decent_ms(call.caller, hours, said.to_ms - 1, center.plan.zone)
        if decent_ms >= said.to_ms:
            said, not_before_ms = Window(decent_ms, decent_ms + HALF_HOUR_MS), decent_ms
        change = callback.move_window(call, said, not_before_ms, now_ms, "late")
        return message(change, call, "callback_later", center, said)

    center.live.settle(decide, now_ms)


def restore(center: Center) -> int:
    """Promises that SQL holds open and Redis does not know stand in their places again. Returns how many.

    One whose last attempt is so fresh that it may still ring waits for the next sweep.
    """
    now_ms, count = center.now_ms(), 0
    for made in center.history.callbacks.open():
        if center.live.call(made.call) is not None or now_ms - made.attempt_ms < STILL_RINGING_MS:
            continue
        change = center.live.settle(lambda made=made: _restored(center, made, now_ms), now_ms)  # type: ignore[misc]
        center.live.memories.keep_callback(made.number, made.call)
        count += bool(change)
    if count:
        log.warning("restored_callbacks", callbacks=count)
    return count


def restored(center: Center, sid: str, leg: str) -> Call | None:
    """The call of a leg that we dialled before Redis was lost, back in its place with it. None: no such promise."""
    now_ms = center.now_ms()
    made = center.history.callbacks.of_call(sid)
    if made is not None:
        center.live.settle(lambda: _restored(center, made, now_ms, leg), now_ms)
        center.live.memories.keep_callback(made.number, made.call)
    return center.live.call(sid)


def message(change: Change, call: Call, sentence: str, center: Center, said: Window | None = None) -> Change:
    """The change, with a text message to its caller."""
    if not change:
        return change
    values = call_windows.words(center, said, call.caller, call.language) if said else {}
    text = wording.say(sentence, call.language, name=center.plan.name, **values)
    sent = Order("message", call=call.call, to=call.caller, text=text)
    return Change(change.before, change.after, change.events, change.dues, (*change.orders, sent), change.causes)


def zone_is_known(number: str) -> bool:
    """True when all who have such a number live by one clock."""
    return bool(quiet_hours.zone_of(number))


def _again_ms(center: Center, call: Call, why: str, now_ms: int) -> int:
    """When to try again; 0 when it was tried often enough, at once when it was not the caller's doing."""
    if why in OURS:
        return now_ms
    if call.attempts >= center.plan.callbacks.attempts or why == "refused":
        return 0
    at_ms = callback.next_attempt_ms(call.attempts, now_ms)
    return quiet_hours.next_decent_ms(call.caller, center.plan.callbacks.hours, at_ms, center.plan.zone)


OURS = frozenset({"agent_left", "record_away", "carrier_away"})


def _closed(center: Center, call: Call, status: str, now_ms: int) -> None:
    """The promise has ended: in SQL at once, so that no loss brings it back."""
    center.live.memories.drop_callback(call.caller, call.call)
    try:
        center.history.callbacks.close(call.callback, status, now_ms)
    except SQLAlchemyError as error:  # the event says it too, when SQL is back
        log.warning("callback_closed_later", error=type(error).__name__)


def _restored(center: Center, made: Promise, now_ms: int, leg: str = "") -> Change:
    if center.live.call(made.call) is not None:
        return NOTHING
    queue = standing.home(center, made.queue)
    spoken = {skill: level for skill, level in routing.wanted(made.needs) if skill.startswith("lang:")}
    call = Call(
        call=made.call,
        caller=made.number,
        called=made.called,
        name=made.name,
        country=made.country,
        language=made.language,
        queue=queue,
        needs=made.needs if queue == made.queue else center.plan.needs(queue, spoken),
        position_ms=made.position_ms,
        received_ms=made.received_ms,
        enqueued_ms=made.enqueued_ms,
        wrap_up_ms=center.plan.queues[queue].wrap_up_s * 1000,
        callback=made.id,
        attempts=made.attempts,
        not_before_ms=made.not_before_ms,
        promised_ms=made.created_ms,
        until_ms=made.to_ms,
        leg=leg,
    )
    return callback.restore(call, now_ms)


def _row(id: str, call: Call, place: Standing | None, said: Window, not_before_ms: int, now_ms: int) -> Promise:
    return Promise(
        id=id,
        call=call.call,
        number=call.caller,
        called=call.called,
        name=call.name,
        country=call.country,
        queue=place.queue if place else call.queue,
        language=place.language if place else call.language,
        needs=place.needs if place else call.needs,
        created_ms=now_ms,
        from_ms=said.from_ms,
        to_ms=said.to_ms,
        not_before_ms=not_before_ms,
        position_ms=now_ms - place.credit_ms if place else call.position_ms,
        enqueued_ms=now_ms if place else call.enqueued_ms,
        received_ms=call.received_ms,
    )
