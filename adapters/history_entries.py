"""Entries of the event stream, read into events. Pure text in, events out.

The recorder's first step. An entry that cannot be read must never stop the others, so reading raises `Unreadable`
with a reason, and the caller sets the entry aside.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from queues.records import Event

Entry = tuple[str, Mapping[str, str]]

WHOLE_FACTS = {
    *("limit_ms", "ring_ms", "twilio_ms", "position_ms", "enqueued_ms", "idle", "waiting"),
    *("lo_ms", "hi_ms", "mean_ms", "ahead", "agents", "handle_ms", "patience_ms"),
}
OWN_FIELDS = {"name", "at_ms", "call", "agent", "offer"}
ABOUT_AN_AGENT = {"agent_status", "agent_line"}
ABOUT_THE_MENU = {"flow_changed"}
OUTCOMES_NEED = {"ended": "outcome", "offer_end": "outcome", "leg": "leg"}
KEYS = ("name", "call", "agent", "leg")
LONGEST_KEY = 100  # Longer texts do not fit into an index of PostgreSQL, and a whole batch would fail with them.
LARGEST = 2**53


class Unreadable(ValueError):
    """An entry is no event; the text says why."""


@dataclass(frozen=True, order=True)
class StreamId:
    """Where an entry stood: its number (two parts) in the life of one Redis."""

    ms: int = 0
    seq: int = 0
    life: str = ""

    @classmethod
    def read(cls, text: str, life: str) -> "StreamId":
        """From Redis' own form, such as `1732-0`."""
        ms, _, seq = text.partition("-")
        return cls(int(ms), int(seq or 0), life)

    def __str__(self) -> str:
        return f"{self.ms}-{self.seq}" if self.ms or self.seq else "0"

    @property
    def columns(self) -> dict[str, str | int]:
        """As the tables keep it."""
        return {"life": self.life, "stream_ms": self.ms, "stream_seq": self.seq}


@dataclass(frozen=True)
class Entered:
    """An event with its place in the stream."""

    at: StreamId
    event: Event = field(compare=False)

    @property
    def order(self) -> tuple[int, StreamId]:
        """How the events of one call are told: by the moment, then by the stream."""
        return self.event.at_ms, self.at

    @property
    def columns(self) -> dict[str, str | int]:
        """As the `events` table keeps it."""
        event = self.event
        facts: str = json.dumps(dict(event.facts), sort_keys=True, ensure_ascii=False)
        return self.at.columns | {
            "name": event.name,
            "at_ms": event.at_ms,
            "call": event.call,
            "agent": event.agent,
            "offer": event.offer,
            "facts": facts,
        }


def read_entry(entry: Mapping[str, str]) -> Event:
    """The event of an entry's flat fields. Raises Unreadable."""
    for text in (part for pair in entry.items() for part in pair):
        if "\x00" in text:
            raise Unreadable("contains a null character")
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise Unreadable("contains half a character")
    for key in KEYS:
        if len(entry.get(key, "")) > LONGEST_KEY:
            raise Unreadable(f"{key} is too long")
    name = entry.get("name", "")
    if not name:
        raise Unreadable("has no name")
    needed = "agent" if name in ABOUT_AN_AGENT else "flow" if name in ABOUT_THE_MENU else "call"
    for field_name in (needed, OUTCOMES_NEED.get(name, needed)):
        if not entry.get(field_name):
            raise Unreadable(f"{name} without {field_name}")
    return Event(
        name=name,
        at_ms=_whole(entry, "at_ms", least=1),
        call=entry.get("call", ""),
        agent=entry.get("agent", ""),
        offer=_whole(entry, "offer"),
        facts={
            key: _whole(entry, key, least=-LARGEST) if key in WHOLE_FACTS else text
            for key, text in sorted(entry.items())
            if key not in OWN_FIELDS
        },
    )


def _whole(entry: Mapping[str, str], name: str, least: int = 0) -> int:
    text = entry.get(name, "0")
    try:
        number = int(text)
    except ValueError:
        raise Unreadable(f"{name} is not a whole number") from None
    if not least <= number < LARGEST:
        raise Unreadable(f"{name} is out of range")
    return number
