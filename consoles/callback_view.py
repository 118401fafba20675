"""Promises to call back as people see them: who, by when, and where each stands now. Pure: records in, dicts out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from consoles import phrases
from queues.callback import Promise
from queues.plan import Plan
from queues.records import Call

SOON_MS = 900_000


def listed(plan: Plan, promises: Sequence[Promise], calls: Sequence[Call], now_ms: int) -> list[dict[str, Any]]:
    """Each promise with its place in line (from 1; None when it stands in none) and what is being done for it."""
    live = {call.call: call for call in calls}
    return [_row(plan, made, live, now_ms) for made in promises]


def _row(plan: Plan, made: Promise, live: Mapping[str, Call], now_ms: int) -> dict[str, Any]:
    call = live.get(made.call)
    until_ms = call.until_ms if call else made.to_ms
    return {
        "callback": made.id,
        "call": made.call,
        "name": made.name or None,
        "number": phrases.masked(made.number),
        "queue": made.queue,
        "queue_title": plan.queues[made.queue].title if made.queue in plan.queues else made.queue,
        "language": made.language,
        "status": made.status,
        "from_ms": made.from_ms,
        "to_ms": until_ms,
        "not_before_ms": (call.not_before_ms if call else made.not_before_ms) or None,
        "attempts": call.attempts if call else made.attempts,
        "place": _place(call, live.values(), now_ms) if call else None,
        "doing": _doing(plan, made, call, now_ms),
        "due": _due(made.status, until_ms, now_ms),
        "when": when(plan, made.from_ms, until_ms, now_ms),
        "changes": call is not None and call.status in ("waiting", "offered"),
    }


def when(plan: Plan, from_ms: int, to_ms: int, now_ms: int) -> str:
    """The window as a supervisor reads it: `by 14:00`, `15:00 to 15:30`, with the day if it is another."""
    day, today = (phrases.day(at_ms, plan.zone) for at_ms in (to_ms, now_ms))
    first, last = (phrases.clock_time(at_ms, plan.zone)[:5] for at_ms in (from_ms, to_ms))
    hours = f"by {last}" if from_ms <= now_ms else f"{first} to {last}"
    return hours if day == today else f"{day}, {hours}"


def _place(call: Call, calls: Iterable[Call], now_ms: int) -> int | None:
    if call.status != "waiting" or call.not_before_ms > now_ms:
        return None
    ahead = (
        other.status == "waiting" and other.queue == call.queue and other.not_before_ms <= now_ms
        for other in calls
        if (other.position_ms, other.call) < (call.position_ms, call.call)
    )
    return 1 + sum(ahead)


def _doing(plan: Plan, made: Promise, call: Call | None, now_ms: int) -> str:
    """What is being done for it, in words."""
    if made.status != "open":
        return STATUSES[made.status]
    if call is None:
        return "Being brought back after a loss"
    who = plan.agents[call.agent].name if call.agent in plan.agents else ""
    if call.status == "offered":
        return f"{who} is being rung"
    if call.status == "talking":
        return f"{who} is talking to them" if call.joined else f"Their phone rings, {who} is ready"
    if call.not_before_ms > now_ms:
        return "Waits for its time"
    return "In line"


def _due(status: str, to_ms: int, now_ms: int) -> str:
    if status != "open":
        return ""
    return "broken" if now_ms > to_ms else "at_risk" if to_ms - now_ms < SOON_MS else "running"


STATUSES = {
    "open": "Owed",
    "kept": "Called back",
    "cancelled": "Cancelled",
    "merged": "Rang again themselves",
    "failed": "Could not be reached",
}
