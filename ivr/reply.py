"""What a menu step hands to the door: what to say, then listen, stand in line, go through another door, or hang up.

A Place travels in the URL of the key press to come, so the service keeps nothing between two steps of a menu.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,2}", re.ASCII)

# Deeper menus forget the first steps of the way back; a URL stays short.
MAX_TRAIL = 8

HangUpOutcome = Literal["served_in_menu", "closed", "left_in_menu", "failed"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a caller is: `tries` wrong answers here, `trail` the asking nodes before, `turns` questions in all.

    `confirm`: what was keyed in has been read back, and is to be confirmed.
    """

    node: str
    tries: int = 0
    language: str | None = None
    trail: tuple[str, ...] = ()
    turns: int = 0
    confirm: bool = False

    def to_query(self) -> dict[str, str]:
        """Short ASCII query parameters; entries that say nothing are left out."""
        query = {
            "n": self.node,
            "t": str(self.tries) if self.tries else "",
            "l": self.language or "",
            "b": ".".join(self.trail),
            "s": str(self.turns) if self.turns else "",
            "c": "1" if self.confirm else "",
        }
        return {name: value for name, value in query.items() if value}

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Place | None":
        """The place that `to_query` wrote, or None when it is not one."""
        node, language = query.get("n", ""), query.get("l", "")
        tries, turns = query.get("t", "0"), query.get("s", "0")
        trail = tuple(query["b"].split(".")) if query.get("b") else ()
        whole = (
            all(_NAME.fullmatch(name) for name in (node, *trail))
            and len(trail) <= MAX_TRAIL
            and (not language or _LANGUAGE.fullmatch(language))
            and _COUNT.fullmatch(tries)
            and _COUNT.fullmatch(turns)
        )
        confirm = query.get("c") == "1"
        return cls(node, int(tries), language or None, trail, int(turns), confirm) if whole else None


@dataclass(frozen=True, slots=True)
class Prompt:
    """Words in a language, or a recording of them at `audio` (a URL, relative to the service)."""

    text: str
    language: str
    audio: str | None = None


class Choice(NamedTuple):
    """What was chosen at a node: the next node, a language, `person` for 0, `back` for *."""

    node: str
    choice: str


class Given(NamedTuple):
    """A value to be kept with the call. Only what the caller is `sure` of is told on, and no secret."""

    name: str
    value: str
    sure: bool
    secret: bool


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for keys, and for speech when there are `hints`; the answer comes back with `place`."""

    place: Place
    language: str
    timeout_s: int = 5
    max_digits: int = 1
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enqueue:
    """Stand in the line of `queue`; `skills` maps what the agent must have to its least level.

    `promised`: in the line of the callback that the caller is owed, where there is one.
    """

    queue: str
    language: str
    skills: Mapping[str, int] = field(default_factory=dict, hash=False)
    priority: int = 0
    reason: str | None = None
    promised: bool = False


@dataclass(frozen=True, slots=True)
class Callback:
    """Promise a callback that keeps the place in the line of `queue`; the rest as for `Enqueue`.

    0 and * come back with `place`.
    """

    queue: str
    language: str
    skills: Mapping[str, int] = field(default_factory=dict, hash=False)
    priority: int = 0
    reason: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Voicemail:
    """Take a message for those who serve `queue`; 0 and * come back with `place`."""

    queue: str
    language: str
    reason: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """Ask how it was."""

    language: str


@dataclass(frozen=True, slots=True)
class Forward:
    """Dial `number` (E.164) for so long; when nobody answers the caller comes back with `place`."""

    number: str
    timeout_s: int
    place: Place


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the company's own service at `url`, telling it `values`; the caller comes back with `place`."""

    url: str
    values: Mapping[str, str] = field(hash=False)
    place: Place


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call with this outcome."""

    outcome: HangUpOutcome


Then = Listen | Enqueue | Callback | Voicemail | Survey | Forward | LookUp | HangUp


@dataclass(frozen=True, slots=True)
class Reply:
    """One step's answer. `language` is the one in force; `remember_language` says that the caller chose it just now.

    `messages` are texts to send to the caller's number.
    """

    say: tuple[Prompt, ...]
    then: Then
    language: str
    choices: tuple[Choice, ...] = ()
    remember_language: bool = False
    messages: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()
