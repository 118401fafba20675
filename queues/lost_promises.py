"""Promises that Redis forgot, found in SQL and put back in line."""

from collections.abc import Iterator, Sequence

import structlog

from center import Center
from queues import callback
from queues.callback import Promise
from queues.records import NOTHING, Call, Change

log = structlog.get_logger()

# An attempt that began so lately may still be ringing, whatever Redis remembers of it.
STILL_RINGING_MS = 120_000
# How many Redis is asked about in one step.
AT_ONCE = 1_000


def restore(center: Center) -> int:
    """Promises that SQL holds open and Redis does not know stand in their places again. Returns how many.

    One whose last attempt is so fresh that it may still ring waits for the next sweep.
    """
    count = 0
    for rows in _thousands(center.history.callbacks.open_calls()):
        known = center.live.are_open([call for _, call in rows])
        if gone := [id for (id, _), is_known in zip(rows, known, strict=True) if not is_known]:
            count += _put_back(center, gone)
    if count:
        log.warning("restored_callbacks", callbacks=count)
    return count


def _thousands(rows: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _put_back(center: Center, ids: Sequence[str]) -> int:
    """Those of these promises that no call in Redis stands for, back in line."""
    now_ms, count = center.now_ms(), 0
    promises = center.history.callbacks.several(ids)
    for made, call in zip(promises, center.live.calls_of([made.call for made in promises]), strict=True):
        if call is not None or now_ms - made.attempt_ms < STILL_RINGING_MS:
            continue
        change = _restored(center, made, now_ms)
        count += bool(change) and center.live.commit(change, now_ms)
        center.live.memories.keep_callback(made.number, made.call)
    return count


def restored(center: Center, sid: str, leg: str) -> Call | None:
    """The call of a leg that we dialled before Redis was lost, back in its place with it. None: no such promise."""
    now_ms = center.now_ms()
    made = center.history.callbacks.of_call(sid)
    if made is not None:
        center.live.commit(_restored(center, made, now_ms, leg), now_ms)
        center.live.memories.keep_callback(made.number, made.call)
    return center.live.call(sid)


def _restored(center: Center, made: Promise, now_ms: int, leg: str = "") -> Change:
    """The change that puts it back. It is refused as stale when the call is known by now."""
    if made.queue not in center.plan.queues:
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
