"""What the event stream tells of order and of sums: first come first served in each line, one end for each call."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import redis

from queues.records import Call

OUTCOMES = frozenset({"answered", "abandoned", "called_back", "voicemail", "moved_on", "closed", "failed"})
OUTCOMES |= {"served_in_menu", "left_in_menu"}
# Told of a call that may be over and forgotten: a message that it left.
LEFT_BEHIND = frozenset({"recorded", "case_opened"})


@dataclass
class ToldOrder:
    """The lines and ends as the events tell them, read entry by entry. `faults` collects what must not be."""

    last: str = "0"
    calls: set[str] = field(default_factory=set)
    rung: dict[str, set[str]] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    waiting: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    places: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    not_before_ms: dict[str, int] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    closed: set[str] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)
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
        if call and row["name"] not in LEFT_BEHIND:
            self.calls.add(call)
        if "not_before_ms" in row:
            self.not_before_ms[call] = int(row["not_before_ms"])
        match row["name"]:
            case "enqueued" | "restored" if "agent" not in row:  # with one, a conversation was restored
                self.places[call] = (row["queue"], row["needs"], int(row["position_ms"]))
                self.waiting[call] = self.places[call]
            case "offered" | "offer_end":
                self._rung(call, row)
            case "requeued":
                self.taken.discard(call)
                self.waiting[call] = self.places[call]
            case "left_line":
                self.waiting.pop(call, None)
            case "callback_promised" | "callback_first" | "callback_closed":
                self._promised(call, row)
            case "wrapped" if not self.ended[call]:  # it ended in an earlier life of Redis
                self.ended[call] = 1
            case "ended":
                self._ended(call, row["outcome"])

    def _rung(self, call: str, row: dict[str, str]) -> None:
        """One phone or several ring for a call; when none does any more and nobody took it, it waits again."""
        rung = self.rung.setdefault(call, set())
        if row["name"] == "offered":
            if not rung:
                self._served(call, row["needs"], int(row["at_ms"]))
            rung.add(row["offer"])
            return
        rung.discard(row["offer"])
        if row["outcome"] == "accepted":
            self.taken.add(call)
        elif not rung and call not in self.taken and not self.ended[call]:
            self.waiting[call] = self.places[call]

    def _promised(self, call: str, row: dict[str, str]) -> None:
        """A promise stands in the call's place, or in an older one; a supervisor may have it kept before all others."""
        if row["name"] == "callback_closed":
            self.closed.add(row["callback"])
            self.kept[row["callback"]] += row["status"] == "kept"
        elif call in self.places:
            queue, needs, place_ms = self.places[call]
            self.places[call] = (queue, needs, min(place_ms, int(row["position_ms"])))
            if call in self.waiting:
                self.waiting[call] = self.places[call]
        if row["name"] != "callback_promised":
            self.not_before_ms.pop(call, None)

    def _served(self, call: str, line: str, at_ms: int) -> None:
        queue, needs, position_ms = self.waiting.pop(call)
        if self.not_before_ms.get(call, 0) > at_ms:
            self.faults.append(f"{call} was called before the time that was promised")
        for other, place in self.waiting.items():
            its_turn = self.not_before_ms.get(other, 0) < at_ms
            if its_turn and place[:2] == (queue, needs) and place[2] < position_ms:
                self.faults.append(f"{call} was served before {other}, who came first for {line}")

    def _ended(self, call: str, outcome: str) -> None:
        self.waiting.pop(call, None)
        self.ended[call] += 1
        if self.ended[call] > 1 or outcome not in OUTCOMES:
            self.faults.append(f"{call} ended again, or in no known way: {outcome}")
