"""Keys that are a value: an account number, a date, an amount; read, found right or wrong, and read back.

Between the keys and their confirmation a value is kept with the call, never in a URL.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ivr import spoken
from ivr.heard import Heard, Keys
from ivr.nodes import CollectNode
from ivr.parts import BACK_KEY, PERSON_KEY
from ivr.reply import Given, Place
from ivr.spoken import Here
from ivr.visit import Visit

RIGHT_KEY = "1"
AGAIN_KEY = "2"

# 0 is a digit here: a person is reached by one step back and 0 in one go.
TO_PERSON = BACK_KEY + PERSON_KEY


def read(node: CollectNode, digits: str, here: Here) -> tuple[str, str]:
    """The value of keys and an empty text, or an empty value and the sentence that says what is wrong with them."""
    if not (digits.isascii() and digits.isdigit()) or not node.least <= len(digits) <= node.most:
        return "", "wrong_length"
    if node.checksum == "luhn" and not spoken.luhn(digits):
        return "", "wrong_checksum"
    if node.kind == "date" and not spoken.keyed_date(digits):
        return "", "wrong_date"
    value = spoken.keyed_date(digits) if node.kind == "date" else str(int(digits)) if node.kind == "amount" else digits
    return (value, "") if _in_range(node, value, here) else ("", "wrong_range")


def _in_range(node: CollectNode, value: str, here: Here) -> bool:
    if node.kind == "date":
        first, last = (_days(here, days) for days in (node.from_, node.to))
        return (first is None or first <= value) and (last is None or value <= last)
    number = int(value)
    return (node.from_ is None or node.from_ <= number) and (node.to is None or number <= node.to)


def _days(here: Here, days: int | None) -> str | None:
    return None if days is None else date.isoformat(here.today() + timedelta(days=days))


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of keys: go `on`, `ask` or ask `again` with an apology; for the value, or to `confirm` it."""

    visit: Visit
    then: Literal["on", "ask", "again"]
    confirm: bool = False
    sorry: str = ""


def judge(visit: Visit, place: Place, node: CollectNode, heard: Heard) -> Judged:
    """Keys that are a value, or the key that says whether it was understood."""
    digits = heard.digits if isinstance(heard, Keys) else ""
    if place.confirm:
        return _confirmed(visit, place.node, node, digits)
    value, wrong = read(node, digits, visit.here) if digits else ("", "nothing_heard")
    if wrong:
        return Judged(visit, "again", sorry=wrong)
    visit = visit.giving(given(node, place.node, value, sure=node.secret))
    return Judged(visit, "on") if node.secret else Judged(visit, "ask", confirm=True)


def _confirmed(visit: Visit, name: str, node: CollectNode, key: str) -> Judged:
    value = visit.values.get(unsure(name))
    if value is None:  # Redis forgot it, and a URL never knew
        return Judged(visit, "ask")
    if key == RIGHT_KEY:
        return Judged(visit.giving(given(node, name, value, sure=True)), "on")
    if key == AGAIN_KEY:
        return Judged(visit, "again")
    return Judged(visit, "again", confirm=True, sorry="not_understood" if key else "nothing_heard")


def read_back(visit: Visit, name: str, node: CollectNode) -> Visit:
    """Say what was understood, and which keys say whether it is right."""
    value = spoken.speak(node.kind, visit.values[unsure(name)], visit.language, visit.here)
    return visit.saying_ours("read_back", value=value)


def given(node: CollectNode, name: str, value: str, sure: bool) -> Given:
    """A value that the caller gave, to be kept with the call under the node's name once they are sure of it."""
    return Given(name if sure else unsure(name), value, sure, node.secret)


def unsure(name: str) -> str:
    """Under which name a value is kept that the caller has not confirmed."""
    return f"{name}?"
