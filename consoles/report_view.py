"""How `/reports` tells what came of the waits that callers were told: sentence, picture and rows. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from consoles import phrases
from queues.announcement import minutes
from queues.calibration import GOAL_HI, GOAL_LO, Calibration, End, Night, Said, over_by_hi, over_by_lo, too_late
from queues.plan import Plan
from queues.shares import Share

METHODS = {
    "queue_length": "Callers ahead",
    "effective_rate": "How fast the line moved lately",
    "head_of_line": "The longest wait in the line",
}
# The picture's scale from 0 to 100 %, in its own units.
WIDTH = 600

WORDS = {
    "kept": "as meant",
    "low": "too few",
    "high": "too many",
    "unsure": "may be chance",
    "few": "not enough waits yet",
}
# The calls behind each number, and how their list is headed.
WHICH: dict[str, tuple[str, Callable[[Said], bool]]] = {
    "": ("What callers were told, and what came", lambda one: True),
    "answered": ("Who was told a time, and answered", lambda one: one.answered),
    "left": ("Who was told a time, and left before anybody answered", lambda one: one.left),
    "earlier": ("Who was answered by the earlier time", over_by_lo),
    "later": ("Who was answered by the later time", over_by_hi),
    "late": ("Who was answered later than we said", too_late),
}


def row(plan: Plan, found: Calibration) -> dict[str, Any]:
    """One row of the table and of the picture."""
    return {
        "found": found,
        "queue": plan.queues[found.queue].title if found.queue in plan.queues else found.queue,
        "method": METHODS.get(found.method, found.method),
        "ends": [_end(found.lo), _end(found.hi)],
        "error": _error(found.error_ms),
        "loss": "—" if found.loss_ms is None else phrases.span(found.loss_ms),
    }


def sentence(total: Calibration) -> str:
    """The answer to the page's question."""
    if not total.answered:
        return "No caller who was told a time has been answered yet."
    if total.lo.curve is None or total.hi.curve is None:
        return "So many callers left that nobody can say how long their waits would have been."
    said = f"{percent(total.hi.curve.ratio)} of the waits were over by the later time we said"
    said = f"{said}, {percent(total.lo.curve.ratio)} by the earlier one"
    return f"{said}{_meaning(total)}"


def _meaning(total: Calibration) -> str:
    lo, hi = total.lo.verdict, total.hi.verdict
    if "few" in (lo, hi):
        return f". Not enough waits yet: {counted(total.answered, 'answered call says', 'answered calls say')} little."
    if hi == "low":
        return ". We promise too much: callers wait longer than we say."
    if hi == "high":
        return ". We promise less than we could."
    if lo in ("low", "high"):
        return ". The earlier time is off."
    return ", as it is meant to be." if lo == hi == "kept" else ". That is a little off, but may be chance."


def nights(found: Sequence[Night]) -> list[dict[str, Any]]:
    """The days that were judged, newest first; of days on which nobody was told anything there is nothing to say."""
    return [
        {
            "night": one,
            "loss": "—" if one.loss_ms is None else phrases.span(one.loss_ms),
            "ends": [_kept(one.by_lo, one.verdict_lo), _kept(one.by_hi, one.verdict_hi)],
        }
        for one in reversed(found)
        if one.told and not one.queue
    ]


def told(plan: Plan, said: Said, zone: str) -> dict[str, Any]:
    """One estimate in the list behind a number."""
    lo, hi = minutes(said.lo_ms, said.hi_ms)
    return {
        "call": said.call,
        "when": f"{phrases.day(said.at_ms, zone)}, {phrases.clock_time(said.at_ms, zone, seconds=True)}",
        "queue": plan.queues[said.queue].title if said.queue in plan.queues else said.queue,
        "words": "less than a minute" if hi == 1 else f"within {hi} minutes" if not lo else f"{lo} to {hi} minutes",
        "exact": f"{phrases.span(said.lo_ms)} to {phrases.span(said.hi_ms)}",
        "came": phrases.span(said.waited_ms) if said.to_ms else "",
        "end": END.get(said.outcome, "Left the line"),
        "verdict": ("broken" if too_late(said) else "kept") if said.answered else "",
    }


END = {"answered": "Answered", "callback": "Asked for a callback", "abandoned": "Left while waiting", "": "Still waits"}


def percent(share: float) -> str:
    """A share as a whole number of percent."""
    return f"{round(100 * share)} %"


def counted(count: int, one: str, more: str) -> str:
    """`1 call`, `2 calls`."""
    return f"{count} {one if count == 1 else more}"


def bands() -> list[dict[str, float]]:
    """Where the shares are meant to stand in the picture."""
    return [{"x": x(low), "width": round(x(high) - x(low), 1)} for low, high in (GOAL_LO, GOAL_HI)]


def x(ratio: float) -> float:
    """Where a share stands in the picture."""
    return round(WIDTH * ratio, 1)


def between(low: float | None, high: float | None) -> str:
    """An interval in words: `between 49 and 94 %`."""
    return "" if low is None or high is None else f"between {round(100 * low)} and {round(100 * high)} %"


def share(found: Share) -> dict[str, Any]:
    """A share with its count and its interval, in words and in the picture's units."""
    return {
        "of": found.of,
        "count": found.count,
        "text": "—" if found.ratio is None else percent(found.ratio),
        "between": between(found.low, found.high),
    } | ({} if found.ratio is None else {"x": x(found.ratio), "from": x(found.low or 0), "to": x(found.high or 0)})


def _end(end: End) -> dict[str, Any]:
    return _kept(end.curve.ratio if end.curve else None, end.verdict) | {
        "between": between(end.curve.low, end.curve.high) if end.curve else "",
        "x": None if end.curve is None else x(end.curve.ratio),
        "from": x(end.curve.low) if end.curve else 0,
        "to": x(end.curve.high) if end.curve else 0,
        "answered": share(end.answered),
    }


def _kept(ratio: float | None, verdict: str) -> dict[str, Any]:
    return {"state": verdict, "words": WORDS.get(verdict, verdict), "text": "—" if ratio is None else percent(ratio)}


def _error(error_ms: int | None) -> str:
    if error_ms is None:
        return "—"
    return (
        f"{phrases.span(abs(error_ms))} {'longer' if error_ms > 0 else 'shorter'}" if abs(error_ms) >= 500 else "none"
    )
