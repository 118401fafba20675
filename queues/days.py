"""Whole days of the center, as reports count them: a local day is 23, 24 or 25 hours long. Pure."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = 7
MOST_DAYS = 92


class Span(NamedTuple):
    """Whole days of the center, both ends included."""

    first: date
    last: date

    def ms(self, zone: str) -> tuple[int, int]:
        """From its beginning to before its end, in UTC ms."""
        ends = (self.first, self.last + timedelta(days=1))
        from_ms, to_ms = (round(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000) for day in ends)
        return from_ms, to_ms


def day_at(at_ms: int, zone: str) -> date:
    """The center's day at this moment."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()


def span(first: str, last: str, now_ms: int, zone: str) -> Span:
    """The days that were asked for as `2026-11-22`; the last week when none. Raises ValueError in plain words."""
    try:
        until = date.fromisoformat(last) if last else day_at(now_ms, zone)
        since = date.fromisoformat(first) if first else until - timedelta(days=DAYS - 1)
    except (ValueError, OverflowError):
        raise ValueError("from and to must be days such as 2026-11-22") from None
    if not since <= until < since + timedelta(days=MOST_DAYS) or not 1971 <= since.year <= until.year < 3000:
        raise ValueError(f"from must be before to, and no more than {MOST_DAYS} days apart")
    return Span(since, until)
