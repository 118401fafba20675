"""What the event stream tells of order and of sums: first come first served in each line, one end for each call."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import redis

from queues.records import Call

OUTCOMES = frozenset({"answered", "abandoned", "called_back", "voicemail", "moved_on", "closed", "failed"})
OUTCOMES |= {"served_in_menu", "left_in_menu"}


@dataclass
class ToldOrder:
    """The lines and ends as the events tell them, read entry by entry. `faults` collects what must not be."""

    last: str = "0"
    calls: set[str] = field(default_factory=set)
    waiting: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    places: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def read_on(self, client: redis.Redis) -> None:
        """Take in what has been told since."""
        entries: Any = client.xrange("tr:events", f"({self.last}", "+")
        for self.last, row in entries:
            self._hear(row, row.get("call", ""))

    def stand_anew(self, calls: Iterable[Call]) -> None:
        """Another center file holds: whoever waits may ask for something else, in the same place."""
        for call in calls:
            if call.call in self.places:
                self.places[call.call] = (call.queue, call.needs, call.position_ms)
            if call.call in self.waiting:
                self.waiting[call.call] = self.places[call.call]

    def _hear(self, row: dict[str, str], call: str) -> None:
        self.heard[row.get("outcome", row["name"])] += 1
        if call:
            self.calls.add(call)
        match row["name"]:
            case "enqueued" | "restored" if "agent" not in row:  # with one, a conversation was restored
                self.places[call] = (row["queue"], row["needs"], int(row["position_ms"]))
                self.waiting[call] = self.places[call]
            case "offered":
                self._served(call, row["needs"])
            case "offer_end" if row["outcome"] != "accepted":
                self.waiting[call] = self.places[call]
            case "requeued":
                self.waiting[call] = self.places[call]
            case "wrapped" if not self.ended[call]:  # it ended in an earlier life of Redis
                self.ended[call] = 1
            case "ended":
                self._ended(call, row["outcome"])

    def _served(self, call: str, line: str) -> None:
        queue, needs, position_ms = self.waiting.pop(call)
        for other, place in self.waiting.items():
            if place[:2] == (queue, needs) and place[2] < position_ms:
                self.faults.append(f"{call} was served before {other}, who came first for {line}")

    def _ended(self, call: str, outcome: str) -> None:
        self.waiting.pop(call, None)
        self.ended[call] += 1
        if self.ended[call] > 1 or outcome not in OUTCOMES:
            self.faults.append(f"{call} ended again, or in no known way: {outcome}")
