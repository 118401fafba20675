"""People in the menu: a caller who presses, speaks, stays silent, and remembers what was heard."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import ivr
from ivr.flow import Flow, load_flow
from ivr.hours import Hours
from ivr.step import Caller, Enqueue, HangUp, Keys, Listen, Nothing, Reply, Speech, start, step

MAIN = Path(ivr.__file__).parent / "flows" / "main.yaml"


class Visitor:
    """One caller's way through a menu, each step by the place that the reply before carried."""

    def __init__(self, flow: Flow, caller: Caller, now_ms: int) -> None:
        self.flow, self.caller, self.now_ms = flow, caller, now_ms
        self.reply = start(flow, caller, now_ms)
        self.heard = [prompt.text for prompt in self.reply.say]

    def _go(self, heard: Keys | Nothing | Speech) -> "Visitor":
        assert isinstance(self.reply.then, Listen), "the menu is over"
        self.reply = step(self.flow, self.reply.then.place, heard, self.caller, self.now_ms)
        given = {each.name: each.value for each in self.reply.given}
        self.caller = replace(self.caller, given={**self.caller.given, **given})
        self.heard = [prompt.text for prompt in self.reply.say]
        return self

    def press(self, *keys: str) -> "Visitor":
        for key in keys:
            self._go(Keys(key))
        return self

    def silent(self) -> "Visitor":
        return self._go(Nothing())

    def speak(self, text: str, confidence: float | None = 0.9) -> "Visitor":
        return self._go(Speech(text, confidence))


Dial = Callable[..., Visitor]
At = Callable[..., int]


@pytest.fixture(scope="session")
def at() -> At:
    """Wall-clock time in a zone → UTC ms."""

    def instant_ms(text: str, zone: str = "Asia/Kolkata", fold: int = 0) -> int:
        return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)

    return instant_ms


@pytest.fixture(scope="session")
def hours() -> Mapping[str, Hours]:
    weekly = {"mon-fri": ("09:00-18:00",), "sat": ("09:00-13:00",)}
    return {"visits": Hours(zone="Asia/Kolkata", weekly=weekly, days={"2026-12-25": ()})}


@pytest.fixture(scope="session")
def flow(hours: Mapping[str, Hours]) -> Flow:
    """The example flow that ships with the service."""
    return load_flow(MAIN.read_text("utf-8"), "main.yaml", hours)


@pytest.fixture
def dial(flow: Flow, at: At) -> Dial:
    """A caller on a Monday at 10 in the morning, unless the test says otherwise; `who` is what is known of them."""

    def call(language: str | None = None, when: str = "2026-11-23T10:00", into: Flow = flow, **who: Any) -> Visitor:
        return Visitor(into, Caller(**{"known": language is not None, "language": language} | who), at(when))

    return call


@pytest.fixture(scope="session")
def end_of() -> Callable[[Reply], str]:
    """How a reply goes on, in a word: `listen main`, `sales in hi`, `closed`."""

    def word(reply: Reply) -> str:
        match reply.then:
            case Listen(place=place):
                return f"listen {place.node}"
            case Enqueue(queue=queue, language=language):
                return f"{queue} in {language}"
            case HangUp(outcome=outcome):
                return outcome
            case other:
                return type(other).__name__.lower()

    return word
