"""Callers who ring again: a place that a dropped line cost them, or a callback that is not needed any more.

Asked when a caller goes into line. Whoever is back in the same queue within minutes stands where they stood; the
earlier call has then gone on in this one, and is not counted as abandoned.
"""

from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from center import Center
from queues import calling_back, lost_promises
from queues.lifecycle import LeftPlace, Standing
from queues.records import Call, Change, Event


def note_left(center: Center, before: Call, change: Change) -> None:
    """A caller left the line, perhaps because it dropped: keep the place for a while."""
    after = change.record(Call)
    if not isinstance(after, Call) or (before.status, after.outcome) != ("waiting", "abandoned"):
        return
    place = LeftPlace(before.call, before.queue, before.position_ms, before.enqueued_ms, after.ended_ms)
    center.live.memories.keep_place(before.caller, place)


def place_of(center: Center, call: Call, place: Standing) -> Standing:
    """Where the caller stands, with an earlier place in the same queue if there is one."""
    earlier = [_left(center, call, place.queue), _promised(center, call, place.queue)]
    kept_ms = [at_ms for at_ms in earlier if at_ms]
    return replace(place, position_ms=min(kept_ms)) if kept_ms else place


def _left(center: Center, call: Call, queue: str) -> int:
    now_ms = center.now_ms()
    left = center.live.memories.take_place(call.caller) if call.caller.startswith("+") else None
    if left is None or left.queue != queue or left.call == call.call:
        return 0
    if now_ms - left.left_ms > center.plan.callbacks.came_back_s * 1000:
        return 0
    center.live.commit(Change(events=(Event("came_back", now_ms, left.call, facts={"in": call.call}),)), now_ms)
    return left.position_ms


def _promised(center: Center, call: Call, queue: str) -> int:
    """Whoever rings while we owe them a callback for the same has it now: the promise goes on in this call."""
    earlier = owed(center, call, queue)
    return earlier.position_ms if earlier and calling_back.end(center, earlier.call, "merged", "caller") else 0


def owed(center: Center, call: Call, queue: str) -> Call | None:
    """The earlier call of this caller to which we owe a callback in that queue."""
    earlier = _earlier(center, call)
    return earlier if earlier and earlier.queue == queue else None


def owed_callback(center: Center, call: Call) -> Call | None:
    """The call in which this caller was promised to be called back, and has not been yet."""
    earlier = _earlier(center, call)
    return earlier if earlier and earlier.status in ("waiting", "offered") else None


def _earlier(center: Center, call: Call) -> Call | None:
    sid = _promise_to(center, call.caller) if call.caller.startswith("+") else ""
    earlier = _found(center, sid) if sid and sid != call.call else None
    return earlier if earlier and earlier.callback else None


def _promise_to(center: Center, number: str) -> str:
    """The call in which this number was promised a callback. Until what a loss took is back, SQL is asked."""
    if (sid := center.live.memories.callback(number)) or center.live.recovered():
        return sid
    try:
        return center.history.callbacks.promised_to(number)
    except SQLAlchemyError:
        return ""


def _found(center: Center, sid: str) -> Call | None:
    """The promised call; one that Redis forgot is brought back, so that it ends here like any other."""
    if call := center.live.call(sid):
        return call
    try:
        return lost_promises.restored(center, sid, "")
    except SQLAlchemyError:
        return None
