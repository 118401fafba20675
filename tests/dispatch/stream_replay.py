"""What the event stream says happened, played back: who was offered what when, and what should not have been.

The stream is written in the same step as each change, so its order is the order in which things were true. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from queues.plan import Plan

Entry = tuple[str, Mapping[str, str]]


@dataclass
class StreamReplay:
    """Who waits and who is idle, entry by entry, in the milliseconds of Redis's clock or of the events (`stepped`).

    `delays_ms` is, for each offer, how long its pair had been possible, `waits_ms` how long its call was in line;
    `doubled` names every offer of a call that did
    not wait or to an agent who was not idle; `avoidable_idle_ms` is how long somebody waited whom somebody idle could
    have helped.
    """

    plan: Plan
    stepped: bool = False
    delays_ms: list[int] = field(default_factory=list)
    waits_ms: list[int] = field(default_factory=list)
    doubled: list[tuple[str, str]] = field(default_factory=list)
    ends: Counter[str] = field(default_factory=Counter)
    avoidable_idle_ms: int = 0

    def __post_init__(self) -> None:
        self.now_ms = 0
        self.waiting: dict[str, int] = {}
        self.idle: dict[str, int] = {}
        self.offers: dict[str, tuple[str, str]] = {}
        self.here: set[str] = set()
        self._line: dict[str, tuple[str, str]] = {}
        self._in_line: Counter[tuple[str, str]] = Counter()
        self._able: dict[tuple[str, str], set[str]] = {}

    def play(self, entries: Iterable[Entry]) -> "StreamReplay":
        """Play these entries, which follow those played before."""
        for stream_id, event in entries:
            at_ms = int(event["at_ms"] if self.stepped else stream_id.partition("-")[0])
            if at_ms > self.now_ms:
                self.avoidable_idle_ms += (at_ms - self.now_ms) * self._somebody_could()
                self.now_ms = at_ms
            self._happen(event)
        return self

    def _somebody_could(self) -> bool:
        return bool(self.idle) and any(not self._able[line].isdisjoint(self.idle) for line in self._in_line)

    def _happen(self, event: Mapping[str, str]) -> None:
        call, agent = event.get("call", ""), event.get("agent", "")
        match event["name"]:
            case "agent_status":
                self._chosen(agent, event["status"] == "available", event["activity"] == "idle")
            case "enqueued":
                self._stand(call, (event["queue"], event["needs"]))
            case "offered":
                self._offered(event["offer"], call, agent)
            case "offer_end":
                self._offer_end(event["offer"], event["outcome"])
            case "ended":
                self.ends[call] += 1
                self._leave(call)
            case "wrapped":
                self._free(agent)

    def _chosen(self, agent: str, available: bool, free: bool) -> None:
        (self.here.add if available else self.here.discard)(agent)
        if not available:
            self.idle.pop(agent, None)
        elif free:
            self._free(agent)

    def _stand(self, call: str, line: tuple[str, str]) -> None:
        self._line[call], self.waiting[call] = line, self.now_ms
        self._in_line[line] += 1
        if line not in self._able:
            self._able[line] = {agent for agent in self.plan.agents if self.plan.takes(agent, *line)}

    def _leave(self, call: str) -> int | None:
        since_ms = self.waiting.pop(call, None)
        if since_ms is not None:
            line = self._line[call]
            self._in_line[line] -= 1
            if not self._in_line[line]:
                del self._in_line[line]
        return since_ms

    def _free(self, agent: str) -> None:
        if agent in self.here:
            self.idle[agent] = self.now_ms

    def _offered(self, offer: str, call: str, agent: str) -> None:
        waiting_ms, idle_ms = self._leave(call), self.idle.pop(agent, None)
        self.offers[offer] = call, agent
        if waiting_ms is None or idle_ms is None or agent not in self._able[self._line[call]]:
            self.doubled.append((call, agent))
        else:
            self.delays_ms.append(self.now_ms - max(waiting_ms, idle_ms))
            self.waits_ms.append(self.now_ms - waiting_ms)

    def _offer_end(self, offer: str, outcome: str) -> None:
        call, agent = self.offers.pop(offer)
        if outcome != "accepted":
            self._free(agent)
            self._stand(call, self._line[call])  # when the caller has left, that is told next
