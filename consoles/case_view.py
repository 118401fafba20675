"""Cases as people and programs see them: who is owed what, by when, and who has it. Pure: records in, dicts out."""

from collections.abc import Iterable, Mapping
from typing import Any

from cases.case import DUE_MS, ERASED, Case, Recording
from consoles import phrases
from queues.plan import Plan
from queues.targets import verdict_now

Json = dict[str, Any]
KINDS = {"voicemail": "Left a message", "callback_failed": "We could not reach them"}


def listed(plan: Plan, cases: Iterable[Case], recordings: Iterable[Recording], now_ms: int, asker: str) -> list[Json]:
    """Each case with its clock and its message; the whole number only for the `asker` who has taken it."""
    known = {made.recording: made for made in recordings}
    return [_row(plan, case, known, now_ms, asker) for case in cases]


def _row(plan: Plan, case: Case, known: Mapping[str, Recording], now_ms: int, asker: str) -> Json:
    made = known.get(case.recording)
    mine = bool(asker) and case.who == asker
    return {
        "case": case.id,
        "kind": case.kind,
        "kind_title": KINDS.get(case.kind, case.kind),
        "call": case.call,
        "name": case.caller_name or None,
        "number": case.number if mine and case.number.startswith("+") else phrases.masked(case.number),
        "queue": case.queue,
        "queue_title": plan.queues[case.queue].title if case.queue in plan.queues else "",
        "language": case.language,
        "language_title": phrases.language(case.language),
        "status": case.status,
        "who": case.who or None,
        "who_title": _name(plan, case.who),
        "mine": mine,
        "created_ms": case.created_ms,
        "due_ms": case.due_ms,
        "resolved_ms": case.resolved_ms or None,
        "resolved_by": case.resolved_by or None,
        "note": case.note or None,
        "recording": case.recording or None,
        "playable": bool(made and made.status == "completed"),
        "erased": bool(made and made.status == ERASED),
        "seconds": made.seconds if made else None,
        "words": (made.words if made else "") or None,
        "target": clock(case, now_ms),
    }


def clock(case: Case, now_ms: int) -> Json:
    """The promise to handle it within a day, as it stands."""
    actual_ms = (case.resolved_ms or now_ms) - case.created_ms
    kept = "kept" if actual_ms <= DUE_MS else "broken"
    return {
        "target": "request_handled",
        "from_ms": case.created_ms,
        "to_ms": case.resolved_ms or None,
        "limit_ms": DUE_MS,
        "ring_ms": 0,
        "actual_ms": actual_ms,
        "verdict": kept if case.resolved_ms else verdict_now(DUE_MS, actual_ms),
    }


def _name(plan: Plan, who: str) -> str | None:
    known = plan.agents.get(who) or plan.supervisors.get(who)
    return known.name if known else who or None
