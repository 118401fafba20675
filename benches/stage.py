"""The live state under measurement: filled in bulk and moved on between the timed steps, all through `Live.commit`.

One commit may carry many records, so the bulk loader is the service's own path and cannot differ from it.
"""

from collections.abc import Sequence
from dataclasses import replace

import redis

from adapters.live import Live
from benches.population import Population, idle_agent, no_agents, waiting_call, working_agent
from queues.records import CLEARED, Call, Change, Record

AT_ONCE = 500
CHECK_MS = 120_000
Pair = tuple[str, str, int]


class Stage:
    """A Live that is moved on by hand. `now_ms` is the bench's own clock: each move takes a millisecond."""

    def __init__(self, client: redis.Redis, population: Population) -> None:
        client.flushall()
        self.population = population
        self.now_ms = 1_800_000_000_000
        self.calls = 0
        self._open_lines(client)
        self.live = Live(client, population.plan, lambda: None)

    def _open_lines(self, client: redis.Redis) -> None:
        """Every requirement is known before the agents come: opening one asks every agent, which is not timed here."""
        before = Live(client, no_agents(self.population), lambda: None)
        calls = [waiting_call(number, needs, self.now_ms) for number, needs in enumerate(self.population.needs)]
        self._save_all(before, calls)
        self._save_all(before, [replace(call, status="ended", version=1) for call in calls])
        for call in calls:
            before.forget(call.key)
        self.calls = len(calls)

    def tick(self) -> int:
        """A millisecond passes."""
        self.now_ms += 1
        return self.now_ms

    # -- filling --------------------------------------------------------------------------------------------------

    def _save_all(self, live: Live, rows: Sequence[Record]) -> None:
        for start in range(0, len(rows), AT_ONCE):
            part = rows[start : start + AT_ONCE]
            before = tuple(row for row in part if row.version)
            dues = tuple((f"check:{row.id}", self.now_ms + CHECK_MS) for row in part if isinstance(row, Call))
            if not live.commit(Change(before, tuple(part), dues=dues), self.tick()):
                raise RuntimeError("the stage was moved by somebody else")

    def fill_agents(self, idle: Sequence[str], working: Sequence[str]) -> None:
        """These agents exist from now on."""
        self._save_all(self.live, [idle_agent(name, self.tick()) for name in idle])
        self._save_all(self.live, [working_agent(name, self.tick()) for name in working])

    def fill_calls(self, needs: Sequence[str]) -> list[Call]:
        """One waiting call for each requirement named, oldest first."""
        calls = [self._call(one) for one in needs]
        self._save_all(self.live, calls)
        return calls

    def _call(self, needs: str) -> Call:
        self.calls += 1
        return waiting_call(self.calls, needs, self.tick())

    # -- between the steps ----------------------------------------------------------------------------------------

    def arrive(self, needs: Sequence[str], wake: bool = True) -> list[str]:
        """New calls stand in line; with `wake`, the next match looks at them. Returns their ids."""
        calls = tuple(self._call(one) for one in needs)
        causes = tuple(f"call:{call.call}" for call in calls) if wake else ()
        self._commit(Change((), calls, causes=causes))
        return [call.call for call in calls]

    def leave(self, sids: Sequence[str]) -> None:
        """These callers hang up."""
        before = tuple(self._known(sid) for sid in sids)
        self._commit(Change(before, tuple(replace(call, status="ended") for call in before)))
        for call in before:
            self.live.forget(call.key)

    def free(self, names: Sequence[str], wake: bool = True) -> None:
        """These agents become idle, in this order."""
        before = tuple(self.live.agent(name) for name in names)
        after = tuple(replace(row, activity="idle", idle_since_ms=self.tick(), idle_ms=0) for row in before)
        self._commit(Change(before, after, causes=tuple(f"agent:{name}" for name in names) if wake else ()))

    def keep_busy(self, names: Sequence[str]) -> None:
        """These agents do something else."""
        before = tuple(self.live.agent(name) for name in names)
        self._commit(Change(before, tuple(replace(row, activity="talking") for row in before)))

    def take_away(self, pairs: Sequence[Pair]) -> list[str]:
        """The pairs leave the stage: calls ended and forgotten, agents working. Returns what the calls needed."""
        calls = [self._known(sid) for sid, _, _ in pairs]
        agents = [self.live.agent(name) for _, name, _ in pairs]
        after: list[Record] = [replace(call, status="ended") for call in calls]
        after += [replace(agent, activity="talking", call="", offer=0) for agent in agents]
        dues = [(f"check:{call.call}", CLEARED) for call in calls] + [(f"offer:{pair[2]}", CLEARED) for pair in pairs]
        self._commit(Change((*calls, *agents), tuple(after), dues=tuple(dues)))
        self._forget(pairs)
        return [call.needs for call in calls]

    def _forget(self, pairs: Sequence[Pair]) -> None:
        for sid, _, offer in pairs:
            self.live.forget(f"call:{sid}")
            self.live.forget(f"offer:{offer}")
        taken_ms = self.tick()
        while taken := self.live.orders.take(taken_ms):
            for order, _ in taken:
                self.live.orders.done(order, taken_ms)
        self.live.wake_ups.rest()

    def _known(self, sid: str) -> Call:
        call = self.live.call(sid)
        if call is None:
            raise RuntimeError(f"{sid} is not on the stage")
        return call

    def _commit(self, change: Change) -> None:
        if not self.live.commit(change, self.tick()):
            raise RuntimeError("the stage was moved by somebody else")
