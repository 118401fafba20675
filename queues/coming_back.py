"""Callers who ring again: a place that a dropped line cost them, or a callback that is not needed any more.

Asked when a caller goes into line. Whoever is back in the same queue within minutes stands where they stood; the
earlier call has then gone on in this one, and is not counted as abandoned.
"""

from dataclasses import replace

from center import Center
from queues import calling_back
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


def owed_callback(center: Center, call: Call) -> Call | None:
    """The call in which this caller was promised to be called back, and has not been yet; the one due first."""
    owed = [one for one in calling_back.owed_elsewhere(center, call) if one.status in ("waiting", "offered")]
    return min(owed, key=lambda one: one.until_ms, default=None)


def _promised(center: Center, call: Call, queue: str) -> int:
    """Whoever rings while we owe them a callback for the same has it now: the promise goes on in this call."""
    owed = calling_back.owed_elsewhere(center, call, queue)
    return min((one.position_ms for one in owed if calling_back.end(center, one.call, "merged", "caller")), default=0)
