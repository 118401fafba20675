"""Values as a caller hears them: account numbers, dates, money, times and names, each by the rules of the language.

What a caller keyed in or a company's own service answered is kept as plain text; here it becomes words.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_currency

from ivr import wording
from ivr.parts import Kind

LONGEST_TEXT = 200
# Later than any time a caller could be told, and what a datetime can still hold: the end of the year 9999.
LATEST_MS = 253_402_300_799_000
_WHOLE = re.compile(r"[0-9]{1,15}", re.ASCII)
_MONEY = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Here:
    """Where and when something is said: now in UTC ms, the zone of dates and times, the currency of amounts.

    `theirs` is the zone of the caller's number: empty when the number does not tell, None when nobody asked.
    """

    now_ms: int
    zone: ZoneInfo
    currency: str = ""
    theirs: str | None = None

    def today(self) -> date:
        """The day it is there."""
        return datetime.fromtimestamp(self.now_ms / 1000, self.zone).date()


def fits(kind: Kind, value: str) -> bool:
    """Whether a text is a value of its kind: digits, ISO date, decimal amount, whole number, UTC ms, or any text."""
    match kind:
        case "digits":
            return value.isascii() and value.isdigit() and len(value) <= LONGEST_TEXT
        case "date":
            return _date(value) is not None
        case "amount":
            return _MONEY.fullmatch(value) is not None
        case "number":
            return _WHOLE.fullmatch(value) is not None
        case "time" | "due":
            return _WHOLE.fullmatch(value) is not None and int(value) <= LATEST_MS
        case "text":
            return 0 < len(value) <= LONGEST_TEXT and value.isprintable()


def speak(kind: Kind, value: str, language: str, here: Here) -> str:
    """A value of a kind in words; empty for one that does not fit its kind."""
    if not fits(kind, value):
        return ""
    match kind:
        case "digits":
            return digit_groups(value)
        case "date":
            return day(date.fromisoformat(value), here.today(), language)
        case "amount":
            return money(Decimal(value), here.currency, language)
        case "number":
            return str(int(value))
        case "time":
            return wording.opens(int(value), here.now_ms, here.zone, language)
        case "due":
            return _due(int(value), language, here)
        case "text":
            return value


def digit_groups(digits: str) -> str:
    """Digits one by one, in groups of at most four between which a voice pauses: `1 2 3 4, 5 6 7, 8 9 0`."""
    groups = -(-len(digits) // 4)
    sizes = [len(digits) // groups + (index < len(digits) % groups) for index in range(groups)]
    starts = [sum(sizes[:index]) for index in range(groups)]
    return ", ".join(" ".join(digits[start : start + size]) for start, size in zip(starts, sizes, strict=True))


def day(at: date, today: date, language: str) -> str:
    """A date: `25 November`, with the year when it is another one."""
    return format_date(at, "d MMMM" if at.year == today.year else "d MMMM y", locale=f"{language}_IN")


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount of money: `1250 rupees and 50 paise`. Digits are not grouped, because voices read them so."""
    if currency != "INR":
        whole = amount == amount.to_integral_value()
        pattern = "0 ¤¤¤" if whole else "0.00 ¤¤¤"
        return format_currency(amount, currency, pattern, locale=f"{language}_IN", currency_digits=False)
    rupees, paise = divmod(int(abs(amount) * 100), 100)
    said = wording.say("one_rupee" if rupees == 1 else "rupees", language, amount=rupees)
    said = wording.say("and_paise", language, money=said, paise=paise) if paise else said
    return wording.say("minus", language, money=said) if amount < 0 else said


def _due(at_ms: int, language: str, here: Here) -> str:
    """Until when, by the caller's clock; a zone that may not be theirs is named."""
    said = wording.due(at_ms, here.now_ms, ZoneInfo(here.theirs) if here.theirs else here.zone, language)
    unsure = here.theirs == "" and at_ms > here.now_ms
    return wording.in_zone(said, here.zone, language) if unsure else said


def keyed_date(digits: str) -> str:
    """Eight keys, day first, as an ISO date: `25112026` is `2026-11-25`; empty when that is no date."""
    iso = f"{digits[4:]}-{digits[2:4]}-{digits[:2]}"
    return iso if len(digits) == 8 and _date(iso) else ""


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of ISO/IEC 7812-1, as on cards and many account numbers."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(each - 9 * (each > 9) for each in doubled)) % 10 == 0


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == 10 else None
    except ValueError:
        return None
