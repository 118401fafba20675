"""Promises that Redis forgot, found in SQL and put back in line."""

from collections.abc import Iterator, Sequence

import structlog

from center import Center
from queues import callback, routing, standing
from queues.callback import Promise
from queues.records import Call, Change

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
    told = _ends_not_recorded(center)
    for made, call in zip(promises, center.live.calls_of([made.call for made in promises]), strict=True):
        if call is not None:
            if call.status == "ended":
                center.history.callbacks.close(made.id, _end_of(made, call), now_ms)
        elif made.id not in told:
            count += now_ms - made.attempt_ms >= STILL_RINGING_MS and _in_line(center, made, now_ms)
            center.live.memories.keep_callback(made.number, made.call)
    return count


def _in_line(center: Center, made: Promise, now_ms: int, leg: str = "") -> bool:
    change = _restored(center, made, now_ms, leg)
    return bool(change) and center.live.commit(change, now_ms)


def _end_of(made: Promise, call: Call) -> str:
    """How a promise ended whose call has: its end was not told to SQL, or it was never made to the caller."""
    if call.outcome == "called_back" or (made.attempts and not call.callback):
        return "kept"
    return {"moved_on": "merged", "failed": "failed"}.get(call.outcome, "cancelled")


def _ends_not_recorded(center: Center) -> frozenset[str]:
    """The promises whose end is in the event stream and not in SQL yet, because SQL was away."""
    stream, found = center.live.stream, set[str]()
    last = center.history.position(stream.life())
    while entries := stream.after(last, AT_ONCE)[1]:
        found |= {row["callback"] for _, row in entries if row.get("name") == "callback_closed" and "callback" in row}
        last = entries[-1][0]
    return frozenset(found)


def restored(center: Center, sid: str, leg: str) -> Call | None:
    """The call of a leg that we dialled before Redis was lost, back in its place with it. None: no such promise."""
    now_ms = center.now_ms()
    made = center.history.callbacks.of_call(sid)
    if made is not None:
        _in_line(center, made, now_ms, leg)
        center.live.memories.keep_callback(made.number, made.call)
    return center.live.call(sid)


def _restored(center: Center, made: Promise, now_ms: int, leg: str = "") -> Change:
    """The change that puts it back. It is refused as stale when the call is known by now."""
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
