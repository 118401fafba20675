"""Who takes which call: policies as positions in lines. Pure.

A call stands in a line (its queue and what it asks for now), an idle agent in the idle list of every line they can
serve. Relaxed skills, a preferred agent's time, reserved specialists and overflow are times at which a call changes
its line; it keeps its score. What is left to do at the moment of truth is the same for all policies: see `match.py`.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from queues.plan import Plan, canonical
from queues.policy import Overflow, QueuePlan, Rule
from queues.records import Agent, Call

# A rule orders agents first by rank, then by how long they have been available. Scores stay whole in a double.
RANK = 10**13
HIGHEST_RANK = 99
# Who let the last call ring, or declined it, comes after everybody who did not, whatever the rule; of several, the one
# who has been free longest is next, so that a pair is not tried again while another agent is free.
MISSED = 5 * 10**15


class Line(NamedTuple):
    """A line's name in parts. `only` is the preferred agent, `without` the skill whose holders are kept back."""

    queue: str
    needs: str
    only: str = ""
    without: str = ""

    def __str__(self) -> str:
        suffix = f"|={self.only}" if self.only else f"|!{self.without}" if self.without else ""
        return f"{self.queue}|{self.needs}{suffix}"


@lru_cache(maxsize=65536)
def parse(name: str) -> Line:
    """A line's name back in parts. One that is not a name of ours has a queue that no plan has, so nobody serves it."""
    queue, _, rest = name.partition("|")
    needs, _, suffix = rest.partition("|")
    kind, skill_or_agent = suffix[:1], suffix[1:]
    return Line(queue, needs, only=skill_or_agent if kind == "=" else "", without=skill_or_agent if kind == "!" else "")


@lru_cache(maxsize=65536)
def wanted(needs: str) -> tuple[tuple[str, int], ...]:
    """A requirement's text back as (skill, least level) pairs; `anyone` is none."""
    if needs == "anyone":
        return ()
    return tuple((skill, int(level)) for skill, _, level in (part.partition("=") for part in needs.split("&")))


# -- where a call stands ----------------------------------------------------------------------------------------


def lines_at(call: Call, plan: Plan, now_ms: int) -> list[Line]:
    """The lines in which a waiting call stands at `now_ms`, its own queue's first; none before its time has come."""
    if call.not_before_ms > now_ms:
        return []
    waited_s = (now_ms - call.enqueued_ms) / 1000
    own = _line(call, plan.queues[call.queue], call.queue, call.needs, waited_s)
    return [
        own,
        *(
            _line(call, plan.queues[to], to, _needs_there(call, plan, to), waited_s)
            for to in _overflows(call, plan, waited_s)
        ),
    ]


def lines_ahead(call: Call, plan: Plan, now_ms: int) -> list[str]:
    """The call's own line now, then the others in which calls that asked the same stand before or after a change."""
    queue = plan.queues[call.queue]
    times_s = [0, *(step.after_s for step in queue.relax), *([queue.reserve.after_s] if queue.reserve else [])]
    now = _line(call, queue, call.queue, call.needs, (now_ms - call.enqueued_ms) / 1000)._replace(only="")
    plain = replace(call, preferred="")
    return list(
        dict.fromkeys(map(str, (now, *(_line(plain, queue, call.queue, call.needs, at_s) for at_s in times_s))))
    )


def next_change_ms(call: Call, plan: Plan, now_ms: int) -> int | None:
    """When the lines of a waiting call change next, by time alone; None when they stay."""
    if call.queue not in plan.queues:
        return call.not_before_ms if call.not_before_ms > now_ms else None
    times: list[int] = []
    overflow = [row for row in plan.queues[call.queue].overflow if not row.leads_out]
    for name in (call.queue, *(row.to for row in overflow)):
        queue = plan.queues[name]
        times += [step.after_s for step in queue.relax]
        times += [queue.reserve.after_s] if queue.reserve else []
    queue = plan.queues[call.queue]
    times += [queue.preferred_s] if call.preferred else []
    times += [row.after_s for row in overflow if row.when == "waited"]
    later = [call.enqueued_ms + after_s * 1000 for after_s in times] + [call.not_before_ms]
    return min((at_ms for at_ms in later if at_ms > now_ms), default=None)


def ways_out(call: Call, plan: Plan, now_ms: int) -> list[str]:
    """Where a waiting caller's line leads by now, other than to an agent: `voicemail`, `callback`, numbers; in order.

    Nobody who is to be called back is on the phone to be led anywhere.
    """
    if call.status != "waiting" or call.callback or call.queue not in plan.queues:
        return []
    waited_s = (now_ms - call.enqueued_ms) / 1000
    return list(dict.fromkeys(row.to for row in _helping(call, plan, waited_s) if row.leads_out))


def call_lines(call: Call, plan: Plan, now_ms: int) -> dict[str, int]:
    """Line → score of a call: the oldest place first, priority being waiting time given in advance."""
    if call.status != "waiting":
        return {}
    return {str(line): call.position_ms for line in lines_at(call, plan, now_ms)}


def _line(call: Call, queue: QueuePlan, name: str, needs: str, waited_s: float) -> Line:
    asked = canonical(queue.asked_after(dict(wanted(needs)), waited_s))
    if call.preferred and name == call.queue and waited_s < queue.preferred_s:
        return Line(name, asked, only=call.preferred)
    if queue.reserve and waited_s < queue.reserve.after_s and queue.reserve.skill not in dict(wanted(needs)):
        return Line(name, asked, without=queue.reserve.skill)
    return Line(name, asked)


def _needs_there(call: Call, plan: Plan, queue: str) -> str:
    """What the call asks for in another queue: what it asked for beyond its own queue's needs, and that queue's."""
    own = plan.queues[call.queue].needs
    asked = {skill: level for skill, level in wanted(call.needs) if level > own.get(skill, 0)}
    return plan.needs(queue, asked)


def _overflows(call: Call, plan: Plan, waited_s: float) -> list[str]:
    """The other queues in which the call stands by now."""
    found = _helping(call, plan, waited_s)
    return list(dict.fromkeys(to for to in (*call.overflow.split(), *(row.to for row in found)) if to in plan.queues))


def _helping(call: Call, plan: Plan, waited_s: float) -> list[Overflow]:
    """The rows of the queue's overflow that hold for this call by now."""
    rows, decided = plan.queues[call.queue].overflow, call.overflow.split()
    return [row for row in rows if row.to in decided or (row.when == "waited" and row.after_s <= waited_s)]


# -- where an agent stands --------------------------------------------------------------------------------------


def serves(agent: str, line: Line, plan: Plan) -> bool:
    """True when this agent may take the calls of this line."""
    held = plan.agents[agent].skills
    if (line.only and line.only != agent) or (line.without and line.without in held):
        return False
    return line.queue in plan.queues and plan.takes(agent, line.queue, line.needs)


def agent_lists(agent: Agent, plan: Plan, known: Iterable[str]) -> dict[str, int]:
    """Idle list → score of an agent over the `known` lines; nothing unless available, idle, and with a device."""
    if agent.agent not in plan.agents or agent.status != "available" or agent.activity != "idle":
        return {}
    available_since_ms = agent.idle_since_ms - agent.idle_ms
    lines = ((name, parse(name)) for name in known)
    return {
        name: available_since_ms + (MISSED if agent.missed else rank(agent.agent, line, plan) * RANK)
        for name, line in lines
        if serves(agent.agent, line, plan)
    }


def rank(agent: str, line: Line, plan: Plan) -> int:
    """How a queue's rule orders agents before it looks at who has been available longest; the lowest is taken."""
    held = plan.agents[agent].skills
    rule: Rule = plan.queues[line.queue].rule
    if rule == "least_flexible":
        return min(HIGHEST_RANK, len(held))
    if rule == "best_level":
        return HIGHEST_RANK - min(HIGHEST_RANK, sum(held[skill] for skill, _ in wanted(line.needs)))
    return 0


def held_back_ms(agent: str, line: Line, plan: Plan) -> int:
    """By how much an agent's order of queues puts the calls of this line behind those of their first queue."""
    queues = plan.agents[agent].queues
    return round(queues.index(line.queue) * plan.limits.queue_order_minutes * 60_000) if line.queue in queues else 0
