"""The pure half of dispatching, in virtual time: `routing` says where people stand, `next_pair` who is paired.

No Redis and no clock: hundreds of thousands of calls in seconds, so that waits can be held against queueing theory.
Events of one millisecond are ordered: departures, then arrivals, then callers who lose patience.
"""

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import NamedTuple

from queues import match, routing
from queues.plan import Plan
from queues.records import Agent, Call

DEPARTURE, ARRIVAL, LEAVING = range(3)


class Visit(NamedTuple):
    """What one caller brings along. All in ms; `patience_ms` None waits for ever."""

    queue: str
    arrival_ms: int
    service_ms: int
    patience_ms: int | None = None


@dataclass(slots=True)
class Outcome:
    """What became of a visit: served by `agent` after `wait_ms`, or gone after it with no agent."""

    wait_ms: int = -1
    agent: str = ""


class Places(Mapping[str, int]):
    """One line or idle list, id → score. Looked through, it shows its first entry only: the rule asks for no other."""

    def __init__(self) -> None:
        self._scores: dict[str, int] = {}
        self._heap: list[tuple[int, str]] = []

    def put(self, who: str, score: int) -> None:
        """Let somebody stand here."""
        self._scores[who] = score
        heappush(self._heap, (score, who))

    def drop(self, who: str) -> None:
        """They stand here no longer."""
        del self._scores[who]

    def items(self) -> ItemsView[str, int]:
        """The first alone; ties go to the smaller id. Empty when nobody stands here."""
        heap, scores = self._heap, self._scores
        while heap and scores.get(heap[0][1]) != heap[0][0]:
            heappop(heap)
        return {heap[0][1]: heap[0][0]}.items() if heap else scores.items()

    def __len__(self) -> int:
        return len(self._scores)

    def __getitem__(self, who: str) -> int:
        return self._scores[who]

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores)


@dataclass
class Twin:
    """One floor. `lines` and `idle` are what Redis holds in service."""

    plan: Plan
    lines: dict[str, Places] = field(default_factory=dict)
    idle: dict[str, Places] = field(default_factory=dict)
    stands: dict[str, dict[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [str(routing.Line(queue, self.plan.needs(queue, {}))) for queue in self.plan.queues]
        self.lines = {name: Places() for name in names}
        self.idle = {name: Places() for name in names}
        self._credit_ms = {queue: self.plan.credit_ms(queue, "") for queue in self.plan.queues}
        self._needs = {queue: self.plan.needs(queue, {}) for queue in self.plan.queues}
        for agent in self.plan.agents:
            lists = self.free(agent, 0)
            self.stands[f"agent:{agent}"] = {
                name: routing.held_back_ms(agent, routing.parse(name), self.plan) for name in lists
            }

    def wait(self, sid: str, queue: str, now_ms: int) -> None:
        """A caller goes into line."""
        position_ms = now_ms - self._credit_ms[queue]
        call = Call(
            call=sid,
            status="waiting",
            queue=queue,
            needs=self._needs[queue],
            position_ms=position_ms,
            enqueued_ms=now_ms,
        )
        places = routing.call_lines(call, self.plan, now_ms)
        for line, score in places.items():
            self.lines[line].put(sid, score)
        self.stands[f"call:{sid}"] = dict.fromkeys(places, 0)

    def free(self, agent: str, now_ms: int) -> dict[str, int]:
        """An agent has nothing to do from now. Returns where they stand, always in the same lists."""
        record = Agent(agent=agent, status="available", idle_since_ms=now_ms)
        places = routing.agent_lists(record, self.plan, self.idle)
        for name, score in places.items():
            self.idle[name].put(agent, score)
        return places

    def leave(self, sid: str) -> None:
        """A caller is in no line any more."""
        for line in self.stands.pop(f"call:{sid}"):
            self.lines[line].drop(sid)

    def pair(self, cause: str) -> tuple[str, str] | None:
        """The pair that this event leads to, taken out of lines and lists."""
        found = match.next_pair(cause, self.stands.__getitem__, self.lines, self.idle)
        if found:
            self.leave(found[0])
            for name in self.stands[f"agent:{found[1]}"]:
                self.idle[name].drop(found[1])
        return found


# The floor, the number of the visit that has to wait, and the time.
Watch = Callable[[Twin, int, int], None]


def play(plan: Plan, visits: Iterable[Visit], waits: Watch | None = None) -> list[Outcome]:
    """Play visits (in order of arrival) on a floor where every agent of the plan is available all the time.

    `waits` is told of everyone who has to wait, when they have just gone into line.
    """
    twin = Twin(plan)
    played: list[tuple[Visit, Outcome]] = []
    events: list[tuple[int, int, str]] = []

    def seat(cause: str, now_ms: int) -> bool:
        pair = twin.pair(cause)
        if pair:
            visit, outcome = played[int(pair[0])]
            outcome.wait_ms, outcome.agent = now_ms - visit.arrival_ms, pair[1]
            heappush(events, (now_ms + visit.service_ms, DEPARTURE, pair[1]))
        return bool(pair)

    def until(end: tuple[int, int]) -> None:
        while events and events[0][:2] < end:
            now_ms, kind, who = heappop(events)
            if kind == DEPARTURE:
                twin.free(who, now_ms)
                seat(f"agent:{who}", now_ms)
            elif f"call:{who}" in twin.stands:
                twin.leave(who)
                visit, outcome = played[int(who)]
                outcome.wait_ms = now_ms - visit.arrival_ms

    for number, visit in enumerate(visits):
        until((visit.arrival_ms, ARRIVAL))
        sid = f"{number:08d}"
        played.append((visit, Outcome()))
        twin.wait(sid, visit.queue, visit.arrival_ms)
        if seat(f"call:{sid}", visit.arrival_ms):
            continue
        if waits:
            waits(twin, number, visit.arrival_ms)
        if visit.patience_ms is not None:
            heappush(events, (visit.arrival_ms + visit.patience_ms, LEAVING, sid))
    until((2**62, ARRIVAL))
    return [outcome for _, outcome in played]
