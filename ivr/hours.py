"""Opening hours: is a line open at an instant, and when does it open next.

Read from the center file; a menu's `hours` nodes ask here while the caller listens. Spans are wall-clock times.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60

# A line that is closed for longer than this is closed for good, as far as a caller is concerned.
SEARCH_DAYS = 400

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def zone_name(name: str) -> str:
    """The name, if it is that of a time zone; raises ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"`{name}` is not a time zone") from None
    return name


def _span(text: str) -> str:
    start, end = _minutes(text)
    if max(start, end) > MINUTES_A_DAY or start in (MINUTES_A_DAY, end):
        raise ValueError(f"`{text}` is not a span of a day")
    return text


def _minutes(text: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(text)
    if not match or int(match[2]) > 59 or int(match[4]) > 59:
        raise ValueError(f"`{text}` is not a span such as 09:00-18:00")
    return int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])


def _days(name: str) -> str:
    first, _, last = name.partition("-")
    if first not in DAYS or (last or first) not in DAYS or DAYS.index(last or first) < DAYS.index(first):
        raise ValueError(f"`{name}` is not a day or a range such as mon-fri")
    return name


def _date(name: str) -> str:
    try:
        date.fromisoformat(name)
    except ValueError:
        raise ValueError(f"`{name}` is not a date such as 2026-12-25") from None
    return name


Spans = tuple[Annotated[str, AfterValidator(_span)], ...]


class PublicHolidays(BaseModel):
    """Holidays of a country (ISO 3166 code) and, if named, of one of its subdivisions, from the `holidays` package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    country: str = Field(pattern=r"^[A-Z]{2}$")
    subdivision: str | None = None

    def __contains__(self, day: date) -> bool:
        return day in _calendar(self.country, self.subdivision)

    def model_post_init(self, _context: Any, /) -> None:
        """Raise ValueError now for a country or subdivision that the package does not have, not in a caller's ear."""
        try:
            _calendar(self.country, self.subdivision)
        except NotImplementedError as error:
            raise ValueError(str(error)) from None


@lru_cache(maxsize=32)
def _calendar(country: str, subdivision: str | None) -> Any:
    # Imported here because it takes 0.3 s, which a center without public holidays need not spend.
    import holidays

    return holidays.country_holidays(country, subdiv=subdivision)


class Hours(BaseModel):
    """Opening hours as the center file writes them.

    `weekly` maps days (`mon`, `mon-fri`) to spans; `days` gives a date spans of its own (none = closed) and wins over
    public holidays, which are closed. A span that ends before it starts (`22:00-06:00`) runs into the next day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    zone: Annotated[str, AfterValidator(zone_name)]
    weekly: dict[Annotated[str, AfterValidator(_days)], Spans]
    # YAML reads 2026-12-25 as a date.
    days: dict[Annotated[str, BeforeValidator(str), AfterValidator(_date)], Spans] = {}
    holidays: PublicHolidays | None = None

    def is_open(self, at_ms: int) -> bool:
        """Whether the line is open at an instant (UTC ms); the opening instant counts, the closing one does not."""
        return self.next_opening_ms(at_ms, within_days=1) == at_ms

    def next_opening_ms(self, at_ms: int, within_days: int = SEARCH_DAYS) -> int | None:
        """The first open instant from `at_ms` on (UTC ms), `at_ms` itself included; None when there is none."""
        today = datetime.fromtimestamp(at_ms / 1000, self.tz).date()
        for offset in range(-1, within_days + 1):
            # Yesterday first, because its last span may run past midnight.
            ahead = [max(start, at_ms) for start, end in self._instants(today + timedelta(days=offset)) if end > at_ms]
            if ahead:
                return min(ahead)
        return None

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone in which the spans are read."""
        return ZoneInfo(self.zone)

    @cached_property
    def _week(self) -> dict[int, Spans]:
        week: dict[int, Spans] = {}
        for name, spans in self.weekly.items():
            first, _, last = name.partition("-")
            for day in range(DAYS.index(first), DAYS.index(last or first) + 1):
                week[day] = week.get(day, ()) + spans
        return week

    def _spans(self, day: date) -> Spans:
        if day.isoformat() in self.days:
            return self.days[day.isoformat()]
        if self.holidays and day in self.holidays:
            return ()
        return self._week.get(day.weekday(), ())

    def _instants(self, day: date) -> Iterator[tuple[int, int]]:
        for span in self._spans(day):
            start, end = _minutes(span)
            yield _instant_ms(day, start, self.tz), _instant_ms(day, end + (end <= start) * MINUTES_A_DAY, self.tz)


def _instant_ms(day: date, minutes: int, tz: ZoneInfo) -> int:
    """The instant at which the wall clock first shows this time, or jumps over it on the day clocks go forward."""
    wall = datetime.combine(day + timedelta(days=minutes // MINUTES_A_DAY), time(), tz)
    wall = wall.replace(hour=minutes % MINUTES_A_DAY // 60, minute=minutes % 60)
    late, early = (int(wall.replace(fold=fold).timestamp()) for fold in (0, 1))
    if late <= early:
        return late * 1000
    # In the gap the two readings lie on both sides of the jump: find where the offset changes.
    before = datetime.fromtimestamp(early, UTC).astimezone(tz).utcoffset()
    while late - early > 1:
        middle = (late + early) // 2
        if datetime.fromtimestamp(middle, UTC).astimezone(tz).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late * 1000
