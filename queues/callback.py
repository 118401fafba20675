"""A place kept in line: the caller has hung up, we phone them when it is their turn. Pure.

The call stays the same call, with the same `enqueued`; only the leg is another one. An agent is reserved first and the
caller dialled then, so that nobody who picks up hears silence. Each promise is a record in SQL before it is said
(`adapters/history_callbacks.py`); this file says what each step makes of the live state.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queues.lifecycle import FORGET_MS, Standing, enqueue, move, waiting
from queues.records import CLEARED, NOTHING, Call, Change, Event, Order

HALF_HOUR_MS = 1_800_000
# Before the window ends there must be time to say that it will not be kept.
REPROMISE_BEFORE_MS = 300_000
# How soon to look again when the phone rings at that time.
REPROMISE_AGAIN_MS = 60_000


@dataclass(frozen=True)
class Window:
    """Between when and when (UTC ms) we said that we would phone."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True)
class Promise:
    """One promise to call back. Times in UTC ms; `from_ms` to `to_ms` is the window that was said."""

    id: str
    call: str
    number: str
    called: str
    name: str
    country: str
    queue: str
    language: str
    needs: str
    created_ms: int
    from_ms: int
    to_ms: int
    not_before_ms: int
    position_ms: int
    enqueued_ms: int
    received_ms: int
    status: str = "open"
    attempts: int = 0
    attempt_ms: int = 0
    changed_ms: int = 0
    closed_ms: int = 0


def window(now_ms: int, soonest_ms: int, latest_ms: int, zone: ZoneInfo) -> Window:
    """What is said of a callback that comes after a wait between these: outwards to half hours of the wall clock."""
    first, last = now_ms + soonest_ms, now_ms + max(latest_ms, soonest_ms)
    from_ms = max(now_ms, _half_hour(first, zone))
    to_ms = _half_hour(last, zone)
    return Window(from_ms, to_ms if to_ms >= last and to_ms > from_ms else _half_hour(last, zone, 1))


def _half_hour(at_ms: int, zone: ZoneInfo, after: int = 0) -> int:
    """The half hour of the wall clock that an instant is in, or a later one."""
    at = datetime.fromtimestamp(at_ms // 1000, zone)
    offset_ms = round((at.utcoffset() or timedelta()).total_seconds() * 1000)
    return ((at_ms + offset_ms) // HALF_HOUR_MS + after) * HALF_HOUR_MS - offset_ms


def slot_capacity(agents: int, handle_ms: int = 300_000) -> int:
    """How many callbacks half an hour of so many agents can hold: seven tenths, the rest is for who calls in."""
    return max(1, int(0.7 * agents * HALF_HOUR_MS / handle_ms))


def promise(call: Call, callback: str, said: Window, now_ms: int, not_before_ms: int = 0, place_ms: int = 0) -> Change:
    """The caller may hang up and keeps the place. An agent who is being rung for them is not disturbed.

    `place_ms` is an older place that the caller has from another promise.
    """
    if call.status not in ("waiting", "offered") or call.callback:
        return NOTHING
    after = replace(call, callback=callback, promised_ms=now_ms, until_ms=said.to_ms, not_before_ms=not_before_ms)
    after = replace(after, position_ms=min(call.position_ms, place_ms or call.position_ms))
    facts = facts_of(after, said) | {"position_ms": after.position_ms}
    event = Event("callback_promised", now_ms, call.call, facts=facts)
    return Change((call,), (after,), (event,), (before_it_breaks(after),), causes=(f"call:{call.call}",))


def promise_in_menu(
    call: Call, place: Standing, callback: str, said: Window, now_ms: int, not_before_ms: int = 0
) -> Change:
    """The same, asked for in the menu: the place in line begins now."""
    change = enqueue(call, place, now_ms)
    stands = change.record(Call)
    if not isinstance(stands, Call):
        return NOTHING
    again = promise(stands, callback, said, now_ms, not_before_ms)
    return replace(change, after=again.after, events=(*change.events, *again.events), dues=(*change.dues, *again.dues))


def restore(call: Call, now_ms: int) -> Change:
    """A promise that Redis forgot stands in the same place again, from what SQL says."""
    facts: dict[str, str | int] = {
        "queue": call.queue,
        "language": call.language,
        "needs": call.needs,
        "position_ms": call.position_ms,
        "enqueued_ms": call.enqueued_ms,
        "caller": call.caller,
        "callback": call.callback,
        "not_before_ms": call.not_before_ms,
    }
    back = replace(call, status="waiting")
    change = waiting((), back, Event("restored", now_ms, call.call, facts=facts), now_ms)
    return replace(change, dues=(*change.dues, before_it_breaks(back)))


def move_window(call: Call, said: Window, not_before_ms: int, now_ms: int, why: str) -> Change:
    """Another window: the caller asked for it, or we cannot keep the one that was said and say so before it ends."""
    if call.status not in ("waiting", "offered") or not call.callback:
        return NOTHING
    after = replace(call, until_ms=said.to_ms, not_before_ms=not_before_ms)
    event = Event("callback_moved", now_ms, call.call, facts=facts_of(after, said) | {"why": why})
    causes = () if not_before_ms > now_ms else (f"call:{call.call}",)
    return Change((call,), (after,), (event,), (before_it_breaks(after),), causes=causes)


def call_next(call: Call, position_ms: int, now_ms: int) -> Change:
    """By hand, before everybody else: a supervisor takes it on themselves that others are overtaken."""
    if call.status != "waiting" or not call.callback:
        return NOTHING
    after = replace(call, position_ms=min(position_ms, call.position_ms), not_before_ms=0)
    event = Event("callback_first", now_ms, call.call, facts={"callback": call.callback, "position_ms": position_ms})
    return Change((call,), (after,), (event,), causes=(f"call:{call.call}",))


def close(call: Call, status: str, outcome: str, by: str, now_ms: int) -> Change:
    """The promise ends without a conversation: cancelled, merged into another call, or given up."""
    if call.status not in ("waiting", "menu") or not call.callback:
        return NOTHING
    return replace(ended((call,), call, status, outcome, by, now_ms), orders=silenced(call))


def ended(before: tuple[Call, ...], call: Call, status: str, outcome: str, by: str, now_ms: int) -> Change:
    """The call and its promise are over, and nothing is due any more."""
    after = move(call, "ended", outcome=outcome, ended_ms=now_ms)
    closed = Event("callback_closed", now_ms, call.call, facts={"callback": call.callback, "status": status})
    ended = Event("ended", now_ms, call.call, facts={"outcome": outcome, "by": by})
    cleared = ((f"{kind}:{call.call}", CLEARED) for kind in ("check", "promise", "stand"))
    return Change(before, (after,), (closed, ended), (*cleared, (f"forget:call:{call.call}", now_ms + FORGET_MS)))


def silenced(call: Call) -> tuple[Order, ...]:
    """The order to stop the caller's phone, if we are ringing it."""
    return (Order("end", leg=call.leg),) if call.leg else ()


def before_it_breaks(call: Call) -> tuple[str, int]:
    """When it has to be said that the window will not be kept."""
    return f"promise:{call.call}", call.until_ms - REPROMISE_BEFORE_MS


def facts_of(call: Call, said: Window) -> dict[str, str | int]:
    """What the record keeps of a promise: which one, and when it is due."""
    return {
        "callback": call.callback,
        "from_ms": said.from_ms,
        "to_ms": said.to_ms,
        "not_before_ms": call.not_before_ms,
    }
