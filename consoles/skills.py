"""Which agents could take which call, and what they are doing instead: what would help a waiting caller. Pure."""

from collections.abc import Iterable

from queues.plan import Plan, canonical
from queues.records import Agent

READY, TALKING, WRAP_UP, AWAY = "ready", "talking", "wrap_up", "away"


def able(plan: Plan, agent: Agent, queue: str, needs: str) -> bool:
    """May the agent take such a call, whatever they are doing now?"""
    return agent.agent in plan.agents and plan.takes(agent.agent, queue, needs)


def doing(agent: Agent) -> str:
    """What the agent is to a waiting caller: `ready`, `talking` (ringing counts), `wrap_up` or `away`."""
    if agent.activity in ("offered", "talking"):
        return TALKING
    if agent.activity == "wrap_up":
        return WRAP_UP
    return READY if agent.status == "available" and agent.activity == "idle" else AWAY


def counted(plan: Plan, agents: Iterable[Agent], queue: str) -> dict[str, int]:
    """How many who could take that queue's calls are ready, talking, in wrap-up, away."""
    needs = canonical(plan.queues[queue].needs)
    found = [doing(agent) for agent in agents if able(plan, agent, queue, needs)]
    return {kind: found.count(kind) for kind in (READY, TALKING, WRAP_UP, AWAY)}


def what_helps(plan: Plan, agents: Iterable[Agent], queue: str, needs: str) -> str:
    """The one thing that would bring this caller to a person soonest, as a sentence."""
    can = [agent for agent in agents if able(plan, agent, queue, needs)]
    reachable = sorted((rank, place) for place, agent in enumerate(can) if (rank := _rank(agent)) < len(_SENTENCES))
    if not reachable:
        return "Nobody who can take it is signed in"
    rank, place = reachable[0]
    talking = sum(doing(agent) == TALKING for agent in can)
    if _SENTENCES[rank] == _TALKS and talking > 1:
        return f"All {talking} who can take it are talking"
    why = f" ({can[place].reason})" if can[place].reason not in ("", "break") else ""
    return _SENTENCES[rank].format(plan.agents[can[place].agent].name, why)


_TALKS = "{0} could take it after this talk"
# Soonest help first.
_SENTENCES = (
    "{0} is free and is rung next",
    "{0} could take it after wrap-up",
    "{0} could take it, but their desk is not connected",
    "{0} could take it: on break{1}",
    _TALKS,
)


def _rank(agent: Agent) -> int:
    known = {READY: 0, WRAP_UP: 1, TALKING: 4}
    if (kind := doing(agent)) in known:
        return known[kind]
    return {"available": 2, "break": 3}.get(agent.status, len(_SENTENCES))
