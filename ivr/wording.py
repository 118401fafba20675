"""Our own sentences in every language, and how numbers, waits, times and callers are spoken in them.

A flow says what one company says; this is what the service itself says, to callers and to agents on plain phones.
Digits stay digits, because the voice of each language reads them; those to be read one by one are spaced.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta, get_timezone_name

from ivr.lined_yaml import read_yaml

DEFAULT_LANGUAGE = "en"
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

# About how long a voice takes per character, an estimate: Indic scripts put a syllable into fewer characters.
LATIN_MS = 60
INDIC_MS = 90

_HOUR_PARTS = ((5, "at_early"), (12, "at_morning"), (17, "at_afternoon"), (20, "at_evening"), (24, "at_night"))

_BOUNDS = {"gu": (("વાગ્યે", "વાગ્યા"),), "te": (("గంటలకు", "గంటల"), ("గంటకు", "గంట"))}

SENTENCES: Mapping[str, Mapping[str, str]] = read_yaml(
    Path(__file__).with_name("wording.yaml").read_text("utf-8"), "ivr/wording.yaml"
).data


def say(id: str, language: str, **values: str | int) -> str:
    """One of our sentences, filled in. An unknown language falls back to English; an unknown id raises KeyError."""
    sentence = SENTENCES[id]
    return fill(sentence.get(language) or sentence[DEFAULT_LANGUAGE], values)


def version(id: str, language: str) -> str:
    """Which words exactly one of our sentences has in a language: its name and a short hash."""
    return f"{id}-{sha256(say(id, language).encode()).hexdigest()[:8]}"


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Put values in place of `{name}`; nothing else in a text has a meaning, so a value cannot reach further."""
    return PLACEHOLDER.sub(lambda match: str(values.get(match[1], "")), text)


def digits(text: str) -> str:
    """The digits of a text apart, so that a voice reads them one by one: `1 2 3`."""
    return " ".join(character for character in text if character.isdigit())


def waited(waited_ms: int, language: str) -> str:
    """A wait as it is spoken: whole seconds under a minute, then whole minutes."""
    seconds = max(0, waited_ms) // 1000
    count, unit_s = (seconds, 1) if seconds < 60 else (seconds // 60, 60)
    # With the count as threshold Babel stays in this unit: 90 minutes are not rounded to hours.
    wait = timedelta(seconds=count * unit_s)
    return format_timedelta(wait, threshold=max(1, count), locale=_locale(language))


def caller(name: str | None, number: str, language: str) -> str:
    """Who calls, as an agent hears it: the name, the last four digits of the number, or that it is withheld."""
    if name:
        return " ".join(name.split())[:40]
    last = "".join(character for character in number if character.isdigit())[-4:]
    if number.startswith("+") and len(last) == 4:
        return say("caller_number", language, digits=digits(last))
    return say("caller_withheld", language)


def opens(opening_ms: int | None, now_ms: int, zone: ZoneInfo, language: str) -> str:
    """When a closed line opens: today, tomorrow, on a day of the coming week, or on a date."""
    if opening_ms is None:
        return say("opens_later", language)
    opening, now = (datetime.fromtimestamp(at_ms / 1000, zone) for at_ms in (opening_ms, now_ms))
    days = (opening.date() - now.date()).days
    when = "opens_today" if days == 0 else "opens_tomorrow" if days == 1 else "opens_day" if days < 7 else "opens_date"
    return say(
        when,
        language,
        day=format_date(opening, "EEEE", locale=_locale(language)),
        date=format_date(opening, "d MMMM", locale=_locale(language)),
        time=clock(opening, language),
    )


def window(from_ms: int, to_ms: int, now_ms: int, zone: ZoneInfo, language: str) -> str:
    """Between when and when, as people say it: `by 4 PM`, `tomorrow between 9 AM and 9:30 AM`."""
    first, last, now = (datetime.fromtimestamp(at_ms / 1000, zone) for at_ms in (from_ms, to_ms, now_ms))
    if from_ms <= now_ms:
        return say("window_by", language, to=_bound(last, language))
    days = (first.date() - now.date()).days
    when = "window_today" if days == 0 else "window_tomorrow" if days == 1 else "window_day"
    day = format_date(first, "EEEE", locale=_locale(language))
    return say(when, language, day=day, first=_bound(first, language), last=_bound(last, language))


def due(at_ms: int, now_ms: int, zone: ZoneInfo, language: str) -> str:
    """Until when something is done, rounded up to a half hour: `by tomorrow at 4 PM`. What is late: `soon`."""
    if at_ms <= now_ms:
        return say("due_now", language)
    half_hour_ms = 1_800_000
    until, now = (datetime.fromtimestamp(at / 1000, zone) for at in (-(-at_ms // half_hour_ms) * half_hour_ms, now_ms))
    days = (until.date() - now.date()).days
    if not days:
        return say("window_by", language, to=_bound(until, language))
    day = format_date(until, "EEEE", locale=_locale(language))
    return say("due_tomorrow" if days == 1 else "due_day", language, day=day, time=_bound(until, language))


def _bound(at: datetime, language: str) -> str:
    """A time of day that bounds something: where a language says `at nine`, it has another form for `until nine`."""
    told = clock(at, language)
    for at_form, bound_form in _BOUNDS.get(language, ()):
        told = told.replace(at_form, bound_form)
    return told


def in_zone(when: str, zone: ZoneInfo, language: str) -> str:
    """A time with the name of its zone, for somebody who may live in another."""
    return f"{when}, {get_timezone_name(zone, zone_variant='standard', locale=_locale(language))}"


def clock(at: datetime, language: str) -> str:
    """A time of day as people say it, with its part of the day: `9 AM`, `दोपहर 2:30 बजे`."""
    part = next(id for until, id in _HOUR_PARTS if at.hour < until)
    return say(part, language, time=f"{(at.hour - 1) % 12 + 1}" + (f":{at.minute:02}" if at.minute else ""))


def seconds_to_say(text: str) -> float:
    """About how long a voice takes to say a text, in seconds; half a second at least."""
    return max(0.5, sum(INDIC_MS if _is_indic(character) else LATIN_MS for character in text) / 1000)


def shorten(text: str, seconds: float) -> str:
    """As many whole words of a text as can be said in this time."""
    words = text.split()
    while len(words) > 1 and seconds_to_say(" ".join(words)) > seconds:
        words.pop()
    return " ".join(words)


def _is_indic(character: str) -> bool:
    return "\u0900" <= character <= "\u0dff" and unicodedata.category(character)[0] in "LM"


def _locale(language: str) -> str:
    return f"{language}_IN"
