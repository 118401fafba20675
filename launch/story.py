"""A call told line by line: what the caller hears and does, and what the service's record of the call adds to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

HEARD = {
    "say": 'hears "{text}"',
    "play": "hears a recording",
    "music": "hears music",
    "ring": "hears it ring",
    "key": "presses {text}",
    "speech": 'says "{text}"',
}
MARKED = {
    "received": "the call arrives",
    "enqueued": "waits in line for {queue}",
    "answered": "is connected",
    "ended": "the call is over",
    "wrapped": "the wrap-up is done",
}


@dataclass
class Story:
    """The lines of one call, each told once, with seconds since the call was placed."""

    began_ms: int
    caller: str
    told: set[tuple[int, str]] = field(default_factory=set)

    def new_lines(self, heard: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
        """What was not told yet, in the order in which it happened.

        `heard` is the network's view of the caller's leg, `record` the service's `GET /calls/{CallSid}`; either may
        be empty.
        """
        events = sorted({*self._heard(heard), *_marked(record), *_offered(record)} - self.told)
        self.told.update(events)
        return [f"{(at_ms - self.began_ms) / 1000:7.1f} s  {text}" for at_ms, text in events]

    def _heard(self, leg: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
        for entry in leg.get("heard", []):
            if wording := HEARD.get(entry["kind"]):
                yield entry["at_ms"], f"{self.caller} {wording.format(text=entry.get('text') or '')}"


def _marked(record: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for mark in record.get("marks", []):
        if wording := MARKED.get(mark["name"]):
            yield mark["at_ms"], wording.format(queue=record.get("queue"))


def _offered(record: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    for offer in record.get("offers", []):
        if offer.get("ringing_at_ms"):
            why = f" ({offer['reason']})" if offer.get("reason") else ""
            yield offer["ringing_at_ms"], f"{offer['agent']}'s phone rings{why}"
        if offer.get("ended_at_ms"):
            yield offer["ended_at_ms"], f"{offer['agent']}: {offer['outcome']}"


def target_lines(record: Mapping[str, Any]) -> list[str]:
    """Each target of the call with its verdict, as in `agent_answers   kept    2 rings, 5.2 s of 9.0 s`."""
    return [f"  {row['target']:<16} {row['verdict']:<8} {_measured(row)}" for row in record.get("targets", [])]


def _measured(row: Mapping[str, Any]) -> str:
    actual, limit, rings = row.get("actual_ms"), row.get("limit_ms"), row.get("rings")
    counted = [f"{rings} ring{'' if rings == 1 else 's'}"] if rings is not None else []
    took = [] if actual is None else [f"{actual / 1000:.1f} s" + (f" of {limit / 1000:.1f} s" if limit else "")]
    about = ["estimated"] if row.get("estimated") else []
    return ", ".join([*counted, *took, *about])
