"""A small live state for tests: agents made idle, calls put in line, all through the service's own commits."""

import redis

from adapters.live import Live
from queues import lifecycle
from queues.plan import AgentPlan, Plan, canonical
from queues.policy import QueuePlan, Rule
from queues.records import Call


def plan_of(agents: dict[str, dict[str, int]], rule: Rule = "longest_idle") -> Plan:
    """A center whose agents have these skills, on plain phones."""
    return Plan(
        name="Test",
        zone="UTC",
        country="IN",
        flow="none",
        queues={"any": QueuePlan(title="Any", rule=rule)},
        agents={
            name: AgentPlan(name=name, line=f"+9198123{number:05d}", skills=skills)
            for number, (name, skills) in enumerate(agents.items())
        },
    )


class Floor:
    """A Live with the moves that tests need. `woken` counts the wake-ups asked for."""

    def __init__(self, client: redis.Redis, agents: dict[str, dict[str, int]], rule: Rule = "longest_idle") -> None:
        self.woken = 0
        self.live = Live(client, plan_of(agents, rule), self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def idle(self, agent: str, now_ms: int) -> None:
        """The agent becomes available."""
        live = self.live
        live.settle(lambda: lifecycle.choose_status(live.agent(agent), "available", "", now_ms), now_ms)

    def wait(self, sid: str, needs: dict[str, int], now_ms: int, credit_ms: int = 0) -> Call:
        """A call stands in the line of its requirement."""
        call = Call(call=sid, received_ms=now_ms)
        self.live.commit(lifecycle.arrive(call, 3000, now_ms, now_ms), now_ms)
        standing = lifecycle.Standing("any", "en", canonical(needs), credit_ms, 60_000)
        self.live.settle(lambda: lifecycle.enqueue(self.the(sid), standing, now_ms), now_ms)
        return self.the(sid)

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
