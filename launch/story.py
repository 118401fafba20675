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
ENDED = {
    "accepted": "{agent} accepts",
    "declined": "{agent} declines",
    "missed": "{agent} does not answer; the caller keeps the place",
    "withdrawn": "{agent}'s phone stops ringing",
}
TARGETS = {
    "picked_up": "picked up within {limit}",
    "agent_answers": "{agent} answered within {limit}",
    "reach_person": "reached a person within {limit}",
    "time_to_person": "from call to person within {limit}",
    "handle_time": "handled within {limit}",
}
NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}
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
            yield offer["ringing_at_ms"], f"{offer['agent']}'s phone rings ({_why(offer.get('reason') or {})})"
        if offer.get("ended_at_ms"):
            yield offer["ended_at_ms"], ENDED[offer["outcome"]].format(agent=offer["agent"])


def _why(reason: Mapping[str, Any]) -> str:
    """Why this agent, as in `longest idle, for lang:en 1, support 1`."""
    needs = str(reason.get("needs", "")).replace("&", ", ").replace("=", " ")
    return str(reason.get("rule", "chosen")).replace("_", " ") + (f", for {needs}" if needs else "")


def target_lines(record: Mapping[str, Any]) -> list[str]:
    """Each target of the call, as in `asha answered within three rings: 2 rings, 8.1 s, kept`."""
    agents = {offer["offer"]: offer["agent"] for offer in record.get("offers", [])}
    rings = {mark.get("offer"): mark["ring_ms"] for mark in record.get("marks", []) if mark.get("ring_ms")}
    lines = []
    for row in record.get("targets", []):
        wording = TARGETS.get(row["target"], row["target"].replace("_", " ") + " within {limit}")
        limit = _limit(row["limit_ms"], rings.get(row.get("offer"), 0) if row.get("rings") else 0)
        promise = wording.format(limit=limit, agent=agents.get(row.get("offer"), "an agent"))
        lines.append(f"  {promise}: {', '.join([*_measured(row), row['verdict']])}")
    return lines


def _limit(limit_ms: int, ring_ms: int) -> str:
    """In rings when it is a whole number of them, else in seconds; `ring_ms` 0 where rings are not counted."""
    if not ring_ms or limit_ms % ring_ms:
        return f"{limit_ms / 1000:g} s"
    rings = limit_ms // ring_ms
    return f"{NUMBERS.get(rings, rings)} ring{'' if rings == 1 else 's'}"


def _measured(row: Mapping[str, Any]) -> list[str]:
    rings = row.get("rings")
    counted = [f"{rings} ring{'' if rings == 1 else 's'}"] if rings is not None else []
    return [*counted, f"{row['actual_ms'] / 1000:.1f} s", *(["estimated"] if row.get("estimated") else [])]
