"""Whom we may phone, and when: never a premium number or a country nobody expects, never at night. Pure.

A number tells its country, not its zone: where a country has several, a time must be decent in all of them.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel.core import get_global

CALLABLE = frozenset(
    {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        phonenumbers.PhoneNumberType.VOIP,
        phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
        phonenumbers.PhoneNumberType.UNKNOWN,
    }
)
STEP = timedelta(minutes=15)
SEARCH_STEPS = 8 * 24 * 4


def refusal(number: str, countries: frozenset[str]) -> str:
    """Why this number is never dialled: `no_number`, `country` or `premium`; empty when it may be."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "no_number"
    if not phonenumbers.is_possible_number(parsed):
        return "no_number"
    region = phonenumbers.region_code_for_number(parsed) or ""
    if region not in countries and not _shares_code(parsed.country_code or 0, countries):
        return "country"
    return "" if phonenumbers.number_type(parsed) in CALLABLE else "premium"


def _shares_code(code: int, countries: frozenset[str]) -> bool:
    """A number without a region of its own (reserved for examples, say) belongs to the main country of its code."""
    main: str = phonenumbers.region_code_for_country_code(code)
    return main in countries


def next_decent_ms(number: str, hours: str, at_ms: int, zone: str) -> int:
    """The first moment from `at_ms` on that is within `hours` (`09:00-20:00`) wherever the called person may be.

    `zone` counts where the number tells no country, or a country so wide that no moment is decent in all of it.
    """
    zones = _zones(number) or (zone,)
    found = _first(zones, hours, at_ms)
    if found is None:
        found = _first((zone,), hours, at_ms)
    return at_ms if found is None else found


def zone_of(number: str) -> str:
    """The one zone in which this number's people live; empty where there are several, or the number tells nothing."""
    zones = _zones(number)
    return zones[0] if len(zones) == 1 else ""


def _first(zones: tuple[str, ...], hours: str, at_ms: int) -> int | None:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    if _decent(zones, hours, at):
        return at_ms
    quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    for step in range(1, SEARCH_STEPS):
        later = quarter + step * STEP
        if _decent(zones, hours, later):
            return round(later.timestamp() * 1000)
    return None


def _decent(zones: tuple[str, ...], hours: str, at: datetime) -> bool:
    first, _, last = hours.partition("-")
    return all(first <= at.astimezone(ZoneInfo(zone)).strftime("%H:%M") < last for zone in zones)


def _zones(number: str) -> tuple[str, ...]:
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ()
    return _zones_of(region or "")


@lru_cache(maxsize=256)
def _zones_of(region: str) -> tuple[str, ...]:
    return tuple(get_global("territory_zones").get(region, ()))
