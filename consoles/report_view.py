"""How `/reports` tells what came of the waits that callers were told: sentence, picture and rows. Pure."""

from datetime import date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from consoles import phrases
from queues.announcement import minutes
from queues.calibration import GOAL_HI, GOAL_LO, Calibration, Said
from queues.plan import Plan

METHODS = {
    "queue_length": "Callers ahead",
    "effective_rate": "How fast the line moved lately",
    "head_of_line": "The longest wait in the line",
}
DAYS = 7
MOST_DAYS = 92
# The picture's scale from 0 to 100 %, in its own units.
WIDTH = 600

Judged = Literal["kept", "low", "high", "few"]
WORDS = {"kept": "as meant", "low": "too few", "high": "too many", "few": "too early to say"}


class Span(NamedTuple):
    """Whole days of the center, both ends included."""

    first: date
    last: date

    def ms(self, zone: str) -> tuple[int, int]:
        """From its beginning to before its end, in UTC ms."""
        ends = (self.first, self.last + timedelta(days=1))
        from_ms, to_ms = (round(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000) for day in ends)
        return from_ms, to_ms


def span(first: str, last: str, now_ms: int, zone: str) -> Span:
    """The days that were asked for as `2026-11-22`; the last week when none. Raises ValueError in plain words."""
    today = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone)).date()
    try:
        until = date.fromisoformat(last) if last else today
        since = date.fromisoformat(first) if first else until - timedelta(days=DAYS - 1)
    except (ValueError, OverflowError):
        raise ValueError("from and to must be days such as 2026-11-22") from None
    if not since <= until < since + timedelta(days=MOST_DAYS) or not 1971 <= since.year <= until.year < 3000:
        raise ValueError(f"from must be before to, and no more than {MOST_DAYS} days apart")
    return Span(since, until)


def judged(share: float | None, goal: tuple[float, float], enough: bool) -> Judged:
    """What to think of a share: as it was meant, lower, higher, or from too few calls."""
    if share is None or not enough:
        return "few"
    return "low" if share < goal[0] else "high" if share > goal[1] else "kept"


def row(plan: Plan, found: Calibration) -> dict[str, Any]:
    """One row of the table and of the picture."""
    ends = [(found.by_lo, GOAL_LO), (found.by_hi, GOAL_HI)]
    return {
        "found": found,
        "queue": plan.queues[found.queue].title if found.queue in plan.queues else found.queue,
        "method": METHODS.get(found.method, found.method),
        "shares": [_share(share, goal, found.enough) for share, goal in ends],
        "error": _error(found.error_ms),
    }


def sentence(total: Calibration) -> str:
    """The answer to the page's question."""
    if not total.answered:
        return "No caller who was told a time has been answered yet."
    if total.by_lo is None or total.by_hi is None:
        return "So many callers left that nobody can say how long their waits would have been."
    lo, hi = (judged(share, goal, True) for share, goal in ((total.by_lo, GOAL_LO), (total.by_hi, GOAL_HI)))
    said = f"{percent(total.by_hi)} of the waits were over by the later time we said"
    said = f"{said}, {percent(total.by_lo)} by the earlier one"
    if not total.enough:
        return f"{said}. With {total.answered} answered calls, that says little yet."
    if hi == "low":
        return f"{said}. We promise too much: callers wait longer than we say."
    if "kept" == lo == hi:
        return f"{said}, as it is meant to be."
    return f"{said}. We promise less than we could." if hi == "high" else f"{said}. The earlier time is off."


def told(plan: Plan, said: Said, zone: str) -> dict[str, Any]:
    """One estimate in the list behind a number."""
    lo, hi = minutes(said.lo_ms, said.hi_ms)
    waited_ms = said.to_ms - said.at_ms if said.to_ms else 0
    late = waited_ms > said.hi_ms
    return {
        "call": said.call,
        "when": f"{phrases.day(said.at_ms, zone)}, {phrases.clock_time(said.at_ms, zone, seconds=True)}",
        "queue": plan.queues[said.queue].title if said.queue in plan.queues else said.queue,
        "words": "less than a minute" if hi == 1 else f"within {hi} minutes" if not lo else f"{lo} to {hi} minutes",
        "exact": f"{phrases.span(said.lo_ms)} to {phrases.span(said.hi_ms)}",
        "came": phrases.span(waited_ms) if said.to_ms else "",
        "end": END.get(said.outcome, "Left the line"),
        "verdict": ("broken" if late else "kept") if said.answered else "",
    }


END = {"answered": "Answered", "callback": "Asked for a callback", "abandoned": "Left while waiting", "": "Still waits"}


def is_late(said: Said) -> bool:
    """True when a person answered after the later end."""
    return said.answered and said.to_ms - said.at_ms > said.hi_ms


def percent(share: float) -> str:
    """A share as a whole number of percent."""
    return f"{round(100 * share)} %"


def bands() -> list[dict[str, float]]:
    """Where the shares are meant to stand in the picture."""
    return [{"x": _x(low), "width": round(_x(high) - _x(low), 1)} for low, high in (GOAL_LO, GOAL_HI)]


def _x(share: float) -> float:
    return round(WIDTH * share, 1)


def _share(share: float | None, goal: tuple[float, float], enough: bool) -> dict[str, Any]:
    state = judged(share, goal, enough)
    return {
        "state": state,
        "words": WORDS[state],
        "text": "—" if share is None else percent(share),
        "x": None if share is None else _x(share),
    }


def _error(error_ms: int | None) -> str:
    if error_ms is None:
        return "—"
    return (
        f"{phrases.span(abs(error_ms))} {'longer' if error_ms > 0 else 'shorter'}" if abs(error_ms) >= 500 else "none"
    )
