"""Promises to call back, made, kept, moved and ended: what the doors and the ticker share.

A promise is in SQL before it is said. Whatever is lost afterwards, `lost_promises.py` finds it there and puts it back
in line; the attempts are in `ringing_back.py`.
"""

import secrets
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from ivr import wording
from queues import call_windows, callback, callback_attempt, endings, lost_promises, quiet_hours
from queues.callback import Promise, Window
from queues.lifecycle import Standing
from queues.records import NOTHING, Call, Change, Order

log = structlog.get_logger()


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


def end(center: Center, sid: str, status: str, by: str) -> bool:
    """Cancelled by the caller or a supervisor, or merged into a newer call. Who is being rung for it is let go."""
    now_ms, outcome = center.now_ms(), "moved_on" if status == "merged" else "abandoned"
    call = center.live.call(sid)
    let_go(center, sid)

    def decide() -> Change:
        now, _, agent = center.live.parties(sid)
        if now is not None and agent is not None and now.status == "talking":
            return callback_attempt.broken_off(now, agent, status, outcome, by, now_ms)
        return callback.close(now, status, outcome, by, now_ms) if now else NOTHING

    done = bool(center.live.settle(decide, now_ms))
    if done and call is not None:
        closed(center, call, status, now_ms)
    return done


def owed_elsewhere(center: Center, call: Call, queue: str = "") -> list[Call]:
    """The other calls in which we owe this caller a callback, for one kind of help or for any."""
    found = (_found(center, sid) for sid in _promises_to(center, call.caller) if sid != call.call)
    open_ones = [one for one in found if one and one.callback and not one.joined and one.status != "ended"]
    return [one for one in open_ones if one.queue == (queue or one.queue)]


def _promises_to(center: Center, number: str) -> list[str]:
    """The calls in which this number was promised a callback. Until what a loss took is back, SQL is asked."""
    known = center.live.memories.callbacks(number) if number.startswith("+") else []
    if center.live.recovered() or not number.startswith("+"):
        return known
    try:
        return sorted({*known, *center.history.callbacks.promised_to(number)})
    except SQLAlchemyError:
        return known


def _found(center: Center, sid: str) -> Call | None:
    """The promised call; one that Redis forgot is brought back, so that it ends here like any other."""
    if call := center.live.call(sid):
        return call
    try:
        return lost_promises.restored(center, sid, "")
    except SQLAlchemyError:
        return None


def let_go(center: Center, sid: str) -> None:
    """Nobody need be rung for this caller any more; all phones stop that ring."""
    call = center.live.call(sid)
    if call is not None and call.status == "offered":
        for number in (call.offer, *map(int, call.also.split())):
            endings.end_offer(center, number, "withdrawn", "caller_left")


def move(center: Center, sid: str, said: Window, why: str, later: bool = True) -> bool:
    """Another window, wished for by the caller or a supervisor. An agent being rung for the old one is let go first."""
    now_ms, not_before_ms = center.now_ms(), said.from_ms if later else 0
    call = center.live.call(sid)
    if call is not None and not_before_ms > now_ms:
        let_go(center, sid)

    def decide() -> Change:
        now = center.live.call(sid)
        return callback.move_window(now, said, not_before_ms, now_ms, why) if now else NOTHING

    done = bool(center.live.settle(decide, now_ms))
    if done and call is not None:
        _moved(center, call, said, not_before_ms, now_ms)
    return done


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
        if call is None or not call.callback or call.joined:
            return NOTHING
        if call.status == "talking":  # their phone is being rung; if nobody lifts, it is time then
            return Change(dues=((f"promise:{sid}", now_ms + callback.REPROMISE_AGAIN_MS),))
        if call.status not in ("waiting", "offered") or now_ms < call.until_ms - callback.REPROMISE_BEFORE_MS:
            return NOTHING  # another ticker was quicker
        said = call_windows.next_one(center, call)
        later_ms = said.from_ms if said.from_ms > max(call.until_ms, now_ms) else call.not_before_ms
        change = callback.move_window(call, said, later_ms, now_ms, "late")
        return message(change, call, "callback_later", center, said)

    center.live.settle(decide, now_ms)


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


def _moved(center: Center, call: Call, said: Window, not_before_ms: int, now_ms: int) -> None:
    """In SQL at once, because a loss must not have them phoned at the time that they no longer want."""
    try:
        center.history.callbacks.move(call.callback, said.from_ms, said.to_ms, not_before_ms, now_ms)
    except SQLAlchemyError as error:  # the event says it too, when SQL is back
        log.warning("callback_moved_later", error=type(error).__name__)


def closed(center: Center, call: Call, status: str, now_ms: int) -> None:
    """The promise has ended: in SQL at once, so that no loss brings it back."""
    center.live.memories.drop_callback(call.caller, call.call)
    try:
        center.history.callbacks.close(call.callback, status, now_ms)
    except SQLAlchemyError as error:  # the event says it too, when SQL is back
        log.warning("callback_closed_later", error=type(error).__name__)


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
        position_ms=min(now_ms - place.credit_ms, place.position_ms or now_ms) if place else call.position_ms,
        enqueued_ms=now_ms if place else call.enqueued_ms,
        received_ms=call.received_ms,
    )
