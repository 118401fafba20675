"""How the pages say things: names before numbers, masked numbers, spans of time, plain words for states. Pure.

The browser says moving times itself (`static/js/phrases.js`); what stands still is said here.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers

from queues.plan import Plan

LANGUAGES = {"en": "English", "hi": "Hindi", "gu": "Gujarati", "te": "Telugu"}
HIDDEN = "Hidden number"
# 911 and the like are nobody's number.
SHORT = 4

TARGETS = {
    "picked_up": "Picked up within one ring",
    "agent_answers": "Agent answers within three rings",
    "reach_person": "Reaches a person within three rings",
    "time_to_person": "From first ring to a person",
    "handle_time": "Handled in the usual time",
    "callback_kept": "Called back when promised",
    "request_handled": "Request handled",
}
OUTCOMES = {
    "answered": "Answered",
    "abandoned": "Left while waiting",
    "called_back": "Called back",
    "voicemail": "Left a message",
    "moved_on": "Moved on",
    "closed": "We were closed",
    "failed": "We failed",
    "served_in_menu": "Served by the menu",
    "left_in_menu": "Left in the menu",
}
CALL_STATUSES = {
    "menu": "In the menu",
    "waiting": "Waiting",
    "offered": "Ringing an agent",
    "talking": "Talking",
    "wrap_up": "Wrap-up",
    "ended": "Ended",
}
OFFER_OUTCOMES = {"accepted": "Accepted", "declined": "Declined", "missed": "Missed", "withdrawn": "Withdrawn"}
SHOWN_FACTS = (
    *("agent", "node", "choice", "given", "value", "queue", "language", "rule", "outcome", "why", "by"),
    *("disposition", "reason", "kind", "status", "question", "who"),
)
VERDICTS = {"running": "Running", "at_risk": "At risk", "kept": "Kept", "broken": "Broken"}


def masked(number: str) -> str:
    """A caller's number as a wall may show it: country and the last two digits, `+91 ••••• 11`."""
    kind, colon, _ = number.partition(":")
    if colon:
        return f"{kind.capitalize()} address"
    if not number.removeprefix("+").isdigit():
        return HIDDEN
    if len(number) <= SHORT:
        return number
    try:
        code = f"+{phonenumbers.parse(number, None).country_code} "
    except phonenumbers.NumberParseException:
        code = ""
    return f"{code}••••• {number[-2:]}"


def caller_name(name: str, number: str) -> str:
    """What to call this caller: the name when we know it, else the masked number."""
    return name or masked(number)


def language(code: str) -> str:
    """The English name of a language code; the code itself when it is another."""
    return LANGUAGES.get(code, code)


def span(ms: int) -> str:
    """A span of time as people say it: `40 ms`, `8.1 s`, `3 min`, `1 min 12 s`, `2 h 05 min`."""
    if ms < 100:
        return f"{ms} ms"
    if ms < 60_000:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(ms // 1000, 60)
    if minutes < 60:
        return f"{minutes} min {seconds:02d} s" if seconds else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock_time(at_ms: int, zone: str, seconds: bool = False) -> str:
    """The time of day in the center's zone, `14:05` or `14:05:09`."""
    local = datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone))
    return local.strftime("%H:%M:%S" if seconds else "%H:%M")


def day(at_ms: int, zone: str) -> str:
    """The day in the center's zone, `22 Nov 2026`."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).strftime("%-d %b %Y")


def day_began_ms(now_ms: int, zone: str) -> int:
    """Midnight of the center's day, UTC ms."""
    local = datetime.fromtimestamp(now_ms / 1000, ZoneInfo(zone))
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def rings(count: int | None) -> str:
    """`1 ring`, `2 rings`; empty when a clock is not counted in rings."""
    return "" if not count else "1 ring" if count == 1 else f"{count} rings"


def verdict(target: dict[str, object]) -> str:
    """A target's story in one phrase: `2 rings, 8.1 s, kept`, `over by 4.0 s, broken`."""
    actual, limit = target.get("actual_ms"), target.get("limit_ms")
    word = VERDICTS.get(str(target.get("verdict")), str(target.get("verdict"))).lower()
    if not isinstance(actual, int) or not isinstance(limit, int):
        return word
    counted = target.get("rings")
    said = [rings(counted if isinstance(counted, int) else None), span(actual)]
    over = f"over by {span(actual - limit)}" if actual > limit else ""
    return ", ".join(part for part in (*said, over, word) if part)


def mark_facts(mark: dict[str, object], plan: Plan) -> str:
    """What stands beside a mark, without numbers and names of callers: `asha`, `longest idle, 3 could`."""
    told = []
    for name, value in mark.items():
        if name in SHOWN_FACTS and value not in ("", None):
            agent = plan.agents.get(str(value)) if name == "agent" else None
            told.append(agent.name if agent else str(value).replace("_", " "))
    return ", ".join(told)
