"""Promises that Redis forgot, found in SQL and put back in line."""

import structlog

from center import Center
from queues import callback
from queues.callback import Promise
from queues.records import NOTHING, Call, Change

log = structlog.get_logger()

# An attempt that began so lately may still be ringing, whatever Redis remembers of it.
STILL_RINGING_MS = 120_000


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


def _restored(center: Center, made: Promise, now_ms: int, leg: str = "") -> Change:
    if center.live.call(made.call) is not None or made.queue not in center.plan.queues:
        return NOTHING
    call = Call(
        call=made.call,
        caller=made.number,
        called=made.called,
        name=made.name,
        country=made.country,
        language=made.language,
        queue=made.queue,
        needs=made.needs,
        position_ms=made.position_ms,
        received_ms=made.received_ms,
        enqueued_ms=made.enqueued_ms,
        wrap_up_ms=center.plan.queues[made.queue].wrap_up_s * 1000,
        callback=made.id,
        attempts=made.attempts,
        not_before_ms=made.not_before_ms,
        promised_ms=made.created_ms,
        until_ms=made.to_ms,
        leg=leg,
    )
    return callback.restore(call, now_ms)
