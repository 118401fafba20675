"""All live state in one read, and what must be true of it whenever the service is at rest (design.md 6)."""

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import redis

from queues.offers import LIVE_OFFERS
from queues.plan import Plan
from queues.records import Agent, Call, Offer

# Marks of the machinery, which a repeated webhook may touch: ids of changes, wake-ups, heartbeats.
MARKS = ("tr:seen", "tr:wake", "tr:beats")
# The queues that ring several phones at once in some center file of the random lives, and how many.
RING_SEVERAL = {"sales": 3}
HELD = {"offered": "offered", "talking": "talking", "wrap_up": "wrap_up"}

# Every key of ours with its value; what is over is left out unless asked for, because there is ever more of it.
DUMP = """
local out = {}
local function over(key)
  local status = ARGV[1] == '' and string.find(key, '^tr:[co][af]') and redis.call('HGET', key, 'status')
  return status and string.find('ended accepted declined missed withdrawn', status, 1, true)
end
for _, key in ipairs(redis.call('KEYS', 'tr:*')) do
  local kind = redis.call('TYPE', key).ok
  if kind == 'hash' then out[key] = not over(key) and redis.call('HGETALL', key) or nil
  elseif kind == 'zset' then out[key] = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  elseif kind == 'set' then out[key] = redis.call('SMEMBERS', key); table.sort(out[key])
  elseif kind == 'list' then out[key] = redis.call('LRANGE', key, 0, -1)
  elseif kind == 'stream' then out[key] = redis.call('XLEN', key)
  else out[key] = redis.call('GET', key) end
end
return cjson.encode(out)
"""


@dataclass(frozen=True)
class FloorState:
    """One instant. `keys` is every key of ours with its value, as Redis has it."""

    keys: dict[str, Any]
    plan: Plan
    now_ms: int

    @classmethod
    def read(cls, client: redis.Redis, plan: Plan, now_ms: int, whole: bool = False) -> "FloorState":
        """The floor now; `whole` with the calls and offers that are over."""
        found = json.loads(str(client.eval(DUMP, 0, "whole" if whole else "")))
        rows = {key: _pairs(rows) if key.startswith(RECORDS) else rows for key, rows in found.items()}
        return cls(rows, plan, now_ms)

    def lasting(self) -> dict[str, Any]:
        """What a repeated webhook must leave as it was, byte for byte."""
        return {key: value for key, value in self.keys.items() if key not in MARKS}

    @cached_property
    def calls(self) -> dict[str, Call]:
        """Calls that have not ended."""
        rows = [Call.from_hash(row) for key, row in self.keys.items() if key.startswith("tr:call:")]
        return {call.call: call for call in rows if call.status != "ended"}

    @cached_property
    def agents(self) -> dict[str, Agent]:
        rows = [Agent.from_hash(row) for key, row in self.keys.items() if key.startswith("tr:agent:")]
        return {agent.agent: agent for agent in rows}

    @cached_property
    def live_offers(self) -> list[Offer]:
        rows = [Offer.from_hash(row) for key, row in self.keys.items() if key.startswith("tr:offer:")]
        return [offer for offer in rows if offer.status in LIVE_OFFERS]

    @cached_property
    def dues(self) -> dict[str, int]:
        return {member: int(at_ms) for member, at_ms in _pairs(self.keys.get("tr:due", [])).items()}

    @cached_property
    def waiting(self) -> dict[str, Call]:
        """Calls whose turn it may be; a callback that may not come before a time waits outside the lines till then."""
        rows = self.calls.values()
        return {call.call: call for call in rows if call.status == "waiting" and call.not_before_ms <= self.now_ms}

    @cached_property
    def orders(self) -> frozenset[str]:
        """The names of what is still to be asked of the phone network."""
        return frozenset(_pairs(self.keys.get("tr:orders", [])))

    # -- always true ----------------------------------------------------------------------------------------------

    def faults(self) -> list[str]:
        """Every rule that does not hold, in words; none is the only right answer."""
        return [*self._ties(), *self._lines(), *self._without_due_time()]

    def avoidable_idle(self) -> list[str]:
        """Callers who wait while somebody idle may take them."""
        idle = [agent for agent in self.agents.values() if (agent.status, agent.activity) == ("available", "idle")]
        return [
            f"{call.call} waits for {call.needs} and {agent.agent} is idle"
            for call in self.waiting.values()
            for agent in idle
            if self.plan.takes(agent.agent, call.queue, call.needs)
        ]

    def _ties(self) -> list[str]:
        """No agent with two calls or offers, no call with two live offers unless asked for, both sides say the same."""
        said = [f"two live offers: {who}" for who in _twice([o.agent for o in self.live_offers])]
        tied = [call for call in self.calls.values() if call.status in HELD]
        said += [f"two calls: {who}" for who in _twice([call.agent for call in tied])]
        for call in tied:
            agent = self.agents[call.agent]
            if (agent.call, agent.activity) != (call.call, HELD[call.status]):
                said.append(f"{call.call} is {call.status} with {call.agent}, who is {agent.activity} {agent.call}")
        held = {call.agent for call in tied} | {offer.agent for offer in self.live_offers}
        for agent in self.agents.values():
            if (agent.activity in HELD) != (agent.agent in held) or bool(agent.call) != (agent.activity in HELD):
                said.append(f"{agent.agent} is {agent.activity} with {agent.call or 'nobody'}")
        return said + self._rung()

    def _rung(self) -> list[str]:
        """Each live offer is one of those its call is rung with, or is about to be withdrawn."""
        said = []
        rung = {call.call: [call.offer, *map(int, call.also.split())] for call in self.calls.values() if _offered(call)}
        for offer in self.live_offers:
            agent = self.agents[offer.agent]
            if (agent.activity, agent.offer, agent.call) != ("offered", offer.offer, offer.call):
                said.append(f"offer {offer.offer} is {offer.status}, {offer.agent} {agent.activity} {agent.offer}")
            if offer.offer not in rung.get(offer.call, ()) and f"withdraw:{offer.offer}" not in self.orders:
                said.append(f"offer {offer.offer} is {offer.status} and its call is not rung with it")
        agents = {offer.offer: offer.agent for offer in self.live_offers}
        for sid, numbers in rung.items():
            call = self.calls[sid]
            if len(numbers) > RING_SEVERAL.get(call.queue, 1) or agents.get(call.offer) != call.agent:
                said.append(f"{sid} is offered to {call.agent} with {numbers}")
            said += [f"{sid} is rung with {number}, which is over" for number in numbers if number not in agents]
        return said

    def _lines(self) -> list[str]:
        """Who stands in a line waits, who waits stands in one, and only the idle and available stand in idle lists."""
        said = []
        lines = {key[8:]: set(_pairs(rows)) for key, rows in self.keys.items() if key.startswith("tr:line:")}
        if (standing := set().union(*lines.values())) != set(self.waiting):
            said.append(f"in line: {sorted(standing)}, waiting: {sorted(self.waiting)}")
        for call in self.calls.values():
            gone = call.queue and call.queue not in self.plan.queues
            if gone and not call.joined and call.status != "wrap_up":
                said.append(f"{call.call} is {call.status} in {call.queue}, which is gone")
        fronts = {line: rows[0:2] for line, rows in self._zsets("tr:line:").items() if rows}
        heads = _pairs(self.keys.get("tr:heads", []))
        if {line: front[1] for line, front in fronts.items()} != heads:
            said.append(f"heads {heads} are not the fronts {fronts}")
        for name, rows in self._zsets("tr:idle:").items():
            for who in _pairs(rows):
                agent = self.agents[who]
                if (agent.status, agent.activity) != ("available", "idle") or who not in self.plan.agents:
                    said.append(f"{who} is {agent.status} and {agent.activity} in the idle list {name}")
        return said

    def _zsets(self, prefix: str) -> dict[str, list[str]]:
        return {key.removeprefix(prefix): rows for key, rows in self.keys.items() if key.startswith(prefix)}

    def _without_due_time(self) -> list[str]:
        """Every state that is not the last of its kind has a moment at which somebody looks after it."""
        wanted = {f"offer:{offer.offer}" for offer in self.live_offers}
        promised = [call for call in self.calls.values() if call.callback and not call.joined]
        nobody_on = {call.call for call in promised if call.status == "waiting"}  # no leg that could be asked for
        on = (c for c in self.calls.values() if c.status in ("menu", "waiting", "talking") and c.call not in nobody_on)
        wanted |= {f"check:{call.call}" for call in on}
        wanted |= {f"wrap:{c.agent}" for c in self.calls.values() if c.status == "wrap_up"}
        wanted |= {f"promise:{c.call}" for c in promised if c.status == "waiting"}
        wanted |= {f"stand:{c.call}" for c in promised if c.status == "waiting" and c.call not in self.waiting}
        wanted |= {f"dial:{c.call}" for c in promised if c.status == "talking"}
        agents = self.agents.values()
        wanted |= {f"line:{a.agent}" for a in agents if a.standing_leg}
        wanted |= {
            f"device:{a.agent}" for a in agents if a.activity == "idle" and a.needs_device and not a.standing_leg
        }
        return [f"nobody will look after {member}" for member in sorted(wanted - set(self.dues))]


def _offered(call: Call) -> bool:
    return call.status == "offered"


RECORDS = ("tr:call:", "tr:agent:", "tr:offer:")


def _pairs(flat: list[str]) -> dict[str, str]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
