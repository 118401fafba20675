"""A small live state for tests: agents made idle, calls put in line, all through the service's own commits."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import Any, cast

import redis

from adapters.carrier import Carrier
from adapters.history import History
from adapters.job_queues import JobQueues
from adapters.live import Live
from center import Center, Settings
from ivr.flow import Flow
from queues import agent_life, lifecycle, offers, orders, partings, ticker
from queues.plan import AgentPlan, Limits, Plan, canonical
from queues.policy import QueuePlan, Rule
from queues.records import Call, Change

START_MS = 1_793_000_000_000


def agent_plan(number: int, skills: Mapping[str, int], queues: tuple[str, ...] = ()) -> AgentPlan:
    """An agent on a plain phone, who needs no open desk."""
    return AgentPlan(name=f"Agent {number}", line=f"+9198123{number:05d}", skills=dict(skills), queues=list(queues))


def plan_of(
    agents: Mapping[str, Mapping[str, int]], rule: Rule = "longest_idle", queue: QueuePlan | None = None, **rest: Any
) -> Plan:
    """A center of one queue, `any`, whose agents have these skills. Its created legs leave at once."""
    return Plan(
        name="Test",
        zone="UTC",
        country="IN",
        flow="none",
        queues={"any": queue or QueuePlan(title="Any", rule=rule)},
        agents={name: agent_plan(number, skills) for number, (name, skills) in enumerate(agents.items())},
        **{"limits": Limits().model_copy(update={"calls_per_second": 1e6})} | rest,
    )


class Inline(Executor):
    """A pool that waits: what is submitted has happened."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


class Floor:
    """A Live with the moves that tests need, and a Center around it whose clock is `now_ms`.

    `woken` counts the wake-ups asked for.
    """

    def __init__(
        self, client: redis.Redis, plan: Plan, carrier: object | None = None, pool: Executor | None = None
    ) -> None:
        self.woken = 0
        self.now_ms = START_MS
        self.live = Live(client, plan, self._wake)
        self.center = Center(
            settings=Settings(_env_file=None),
            plan=plan,
            flow=cast(Flow, None),
            live=self.live,
            jobs=cast(JobQueues, None),
            history=cast(History, None),
            carrier=cast(Carrier, carrier),
            now_ms=lambda: self.now_ms,
            pool=pool or Inline(),
        )

    def _wake(self) -> None:
        self.woken += 1

    def idle(self, agent: str, now_ms: int) -> None:
        """The agent becomes available."""
        self.choose(agent, "available", now_ms)

    def choose(self, agent: str, status: str, now_ms: int) -> None:
        """The agent's wish."""
        live = self.live
        live.settle(lambda: agent_life.choose_status(live.agent(agent), status, "", now_ms), now_ms)

    def wait(
        self,
        sid: str,
        needs: Mapping[str, int],
        now_ms: int,
        credit_ms: int = 0,
        queue: str = "any",
        preferred: str = "",
        overflow: str = "",
    ) -> Call:
        """A call stands in the line of its requirement."""
        text = canonical(needs)
        return self.stand(sid, lifecycle.Standing(queue, "en", text, credit_ms, 60_000, preferred, overflow), now_ms)

    def stand(self, sid: str, standing: lifecycle.Standing, now_ms: int, caller: str = "") -> Call:
        """A call that comes in now stands where `standing` says."""
        call = Call(call=sid, received_ms=now_ms, caller=caller)
        self.live.commit(lifecycle.arrive(call, 3000, now_ms, now_ms), now_ms)
        self.live.settle(lambda: lifecycle.enqueue(self.the(sid), standing, now_ms), now_ms)
        return self.the(sid)

    def pass_time(self, now_ms: int) -> None:
        """The ticker moves on every call whose lines change by time alone."""
        self.now_ms = now_ms
        for member, at_ms in self.live.dues.by(now_ms):
            kind, _, name = member.partition(":")
            if kind == "stand":
                ticker.change_lines(self.center, name)
                self.live.dues.passed(member, at_ms)

    def answered(self, agent: str) -> None:
        """The agent who is being rung accepts, talks to the caller, and is free again, all in this moment."""
        live, offer = self.live, self.live.offer(self.live.agent(agent).offer)
        assert offer is not None
        moves: list[Callable[[], Change]] = [
            lambda: offers.accept(offer, self.the(offer.call), live.agent(agent), "leg", self.now_ms),
            lambda: lifecycle.join(self.the(offer.call), offer, self.now_ms),
            lambda: partings.agent_left(self.the(offer.call), live.agent(agent), self.now_ms),
            lambda: partings.wrap_up(live.agent(agent), self.the(offer.call), {}, "agent", self.now_ms),
        ]
        for decide in moves:
            assert live.settle(decide, self.now_ms)
        for order, tries in live.orders.take(self.now_ms):
            if order.do == "withdraw":
                orders.carry(self.center, order, tries, self.now_ms)

    def the(self, sid: str) -> Call:
        """A call that must be there."""
        call = self.live.call(sid)
        assert call is not None
        return call

    def stands(self, key: str) -> dict[str, int]:
        """Where a record stands, each list with the milliseconds by which its calls are held back for it."""
        tokens = (self.live.client.hget(f"tr:{key}", "stands") or "").split()
        parts = (token.rpartition("#") for token in tokens)
        return {name: int(back or 0) for back, _, name in parts}

    def lines(self) -> dict[str, dict[str, int]]:
        """Every line with its calls and scores, as Redis has them."""
        return self._sets("tr:line:")

    def lists(self) -> dict[str, dict[str, int]]:
        """Every idle list with its agents and scores."""
        return self._sets("tr:idle:")

    def _sets(self, prefix: str) -> dict[str, dict[str, int]]:
        client = self.live.client
        return {
            key.removeprefix(prefix): {name: int(score) for name, score in client.zrange(key, 0, -1, withscores=True)}
            for key in client.keys(f"{prefix}*")
        }

    def pairs(self, now_ms: int) -> list[tuple[str, str]]:
        """Match until nothing fits."""
        found = []
        while pair := self.live.match(now_ms):
            found.append(pair[:2])
        return found
