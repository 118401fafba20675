"""The real core under the path oracle: `dispatch`, its orders and moves on real Valkey, with every moment handed in.

Callers arrive, wait, are rung to an agent who accepts at once, talk, and are wrapped up; the phone network here takes
no time. Events of one millisecond are ordered: departures, then arrivals, then callers who lose patience. A dispatch
round follows every change that gives it cause.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import redis

from queues import lifecycle, offers, partings
from queues.dispatch import dispatch
from queues.lifecycle import Standing
from queues.records import Agent, Call, Change, Offer, Record
from tests.dispatch.floor import START_MS, Floor, plan_of
from tests.oracle.path import Caller, Fate

DEPARTURE, ARRIVAL, LEAVING = range(3)
R = TypeVar("R", bound=Record)


class ServiceFloor:
    """One pool of agents, all available. As carrier it lets the agent accept while they are rung.

    `skills` and `needs` of agents and calls by their number make several pools of it.
    """

    def __init__(
        self,
        client: redis.Redis,
        agents: int,
        latency_ms: int = 0,
        wraps_up: bool = True,
        skills: Callable[[int], Mapping[str, int]] = lambda number: {},
        needs: Callable[[int], str] = lambda number: "anyone",
    ) -> None:
        plan = plan_of({f"a{number:02d}": skills(number) for number in range(agents)})
        self.needs = needs
        self.floor = Floor(client, plan, carrier=self)
        self.live = self.floor.live
        self.latency_ms, self.wraps_up = latency_ms, wraps_up
        self.events: list[tuple[int, int, int, Callable[[], None]]] = []
        self.numbers = itertools.count()
        self.round_due = False
        self.waiting: dict[str, Call] = {}
        self.talks: dict[str, tuple[Offer, Call, Agent]] = {}
        self.callers: dict[str, Caller] = {}
        for agent in plan.agents:
            self.floor.idle(agent, START_MS - 1000)

    # -- time -----------------------------------------------------------------------------------------------------

    def play(self, callers: Sequence[Caller]) -> list[Fate]:
        """Let these callers come, and everybody go home. Returns what the records in Redis say of each."""
        self.callers = {f"CA{number:06d}": caller for number, caller in enumerate(callers)}
        for sid, caller in self.callers.items():
            self._run(until=(caller.arrival_ms, ARRIVAL))
            self._at(caller.arrival_ms, ARRIVAL, lambda sid=sid: self._arrive(sid))  # type: ignore[misc]
        self._run(until=(2**62, 0))
        return [_fate(self.floor.the(sid)) for sid in self.callers]

    def _run(self, until: tuple[int, int]) -> None:
        while self.events and self.events[0][:2] < until:
            self.floor.now_ms, _, _, happen = heappop(self.events)
            happen()
            if self.round_due and self.latency_ms:
                self._at(self.floor.now_ms + self.latency_ms, DEPARTURE, self._round)
            elif self.round_due:
                self._round()
            self.round_due = False

    def _round(self) -> None:
        dispatch(self.floor.center)

    def _saved(self, change: Change) -> Change:
        assert change
        assert self.live.commit(change, self.floor.now_ms), "nobody else changes these records"
        self.round_due = self.round_due or bool(change.causes)
        return change

    def _at(self, at_ms: int, kind: int, happen: Callable[[], None]) -> None:
        heappush(self.events, (at_ms, kind, next(self.numbers), happen))

    # -- callers and agents -----------------------------------------------------------------------------------------

    def _arrive(self, sid: str) -> None:
        caller, now_ms = self.callers[sid], self.floor.now_ms
        wrap_up_ms = caller.wrap_up_ms if self.wraps_up else 0
        standing = Standing("any", "en", self.needs(int(sid.removeprefix("CA"))), 0, wrap_up_ms)
        change = self._saved(lifecycle.enqueue(Call(call=sid, received_ms=now_ms), standing, now_ms))
        self.waiting[sid] = _now(change, Call)
        self._at(now_ms + caller.patience_ms, LEAVING, lambda: self._lose_patience(sid))

    def _lose_patience(self, sid: str) -> None:
        if call := self.waiting.pop(sid, None):
            self._saved(partings.caller_left(call, None, None, self.floor.now_ms))

    def _hang_up(self, sid: str) -> None:
        _, call, agent = self.talks.pop(sid)
        change = self._saved(partings.agent_left(call, agent, self.floor.now_ms))
        call, agent = _now(change, Call), _now(change, Agent)
        wrapped_ms = dict(change.dues)[f"wrap:{agent.agent}"]
        self._at(wrapped_ms, DEPARTURE, lambda: self._wrap_up(call, agent))

    def _wrap_up(self, call: Call, agent: Agent) -> None:
        self._saved(partings.wrap_up(agent, call, {}, "limit", self.floor.now_ms))

    # -- the phone network ------------------------------------------------------------------------------------------

    def ring(self, line: str, caller_id: str, url: str, status_url: str, limits: object) -> str:
        """The agent accepts before the request is answered."""
        number = int(parse_qs(urlsplit(url).query)["offer"][0])
        offer = self.live.offer(number)
        assert offer is not None
        leg = f"leg{number}"
        call, agent = self.floor.the(offer.call), self.live.agent(offer.agent)
        change = self._saved(offers.accept(offer, call, agent, leg, self.floor.now_ms))
        self.waiting.pop(call.call)
        self.talks[call.call] = _now(change, Offer), _now(change, Call), _now(change, Agent)
        return leg

    def move(self, sid: str, url: str) -> None:
        """The caller comes over at once."""
        offer, call, agent = self.talks[sid]
        change = self._saved(lifecycle.join(call, offer, self.floor.now_ms))
        self.talks[sid] = offer, _now(change, Call), agent
        self._at(self.floor.now_ms + self.callers[sid].talk_ms, DEPARTURE, lambda: self._hang_up(sid))


def _fate(call: Call) -> Fate:
    assert call.status == "ended"
    return ("start", call.answered_ms) if call.outcome == "answered" else ("left", call.ended_ms)


def _now(change: Change, kind: type[R]) -> R:
    """The changed record of that kind as it is in Redis now, one version on."""
    found = change.record(kind)
    assert isinstance(found, kind)
    return replace(found, version=found.version + 1)
