"""The floor at one moment: queues, waiting callers, agents, and what will break first. Pure: records in, a dict out.

The feed sends it to the wall, the API answers it at `/floor`, and the page is drawn from it. Times are UTC ms; the
browser lets the clocks tick in between. Numbers are masked, because a wall has many readers.
"""

from collections.abc import Sequence
from typing import Any

from consoles import clocks, phrases, skills
from queues.plan import Plan
from queues.records import Agent, Call, Offer

WAITING = ("waiting", "offered")
Frame = dict[str, Any]


def floor(plan: Plan, agents: Sequence[Agent], calls: Sequence[Call], offers: Sequence[Offer], now_ms: int) -> Frame:
    """The whole floor. `offers` are the live ones; agents come in plan order, callers by who came first."""
    waiting = sorted((call for call in calls if call.status in WAITING), key=lambda call: call.enqueued_ms)
    return {
        "now_ms": now_ms,
        "name": plan.name,
        "zone": plan.zone,
        "counts": _counts(agents, calls, waiting),
        "first": _first(plan, agents, calls, waiting, offers),
        "queues": [_queue(plan, name, agents, waiting) for name in plan.queues],
        "callers": [_caller(plan, call, agents) for call in waiting],
        "agents": [_agent(plan, agent, calls, offers) for agent in agents],
    }


def _counts(agents: Sequence[Agent], calls: Sequence[Call], waiting: Sequence[Call]) -> dict[str, int]:
    statuses = [call.status for call in calls]
    kinds = [skills.doing(agent) for agent in agents]
    return {
        "menu": statuses.count("menu"),
        "waiting": len(waiting),
        "talking": statuses.count("talking"),
        "wrap_up": statuses.count("wrap_up"),
        "ready": kinds.count(skills.READY),
        "signed_in": sum(agent.status != "offline" for agent in agents),
    }


def _queue(plan: Plan, name: str, agents: Sequence[Agent], waiting: Sequence[Call]) -> Frame:
    line = [call for call in waiting if call.queue == name]
    return {
        "queue": name,
        "title": plan.queues[name].title,
        "waiting": len(line),
        "longest": clocks.reach_person(plan, line[0]) if line else None,
        "agents": skills.counted(plan, agents, name),
    }


def _caller(plan: Plan, call: Call, agents: Sequence[Agent]) -> Frame:
    ringing = next((agent for agent in agents if agent.agent == call.agent), None)
    return {
        "call": call.call,
        "name": call.name,
        "number": phrases.masked(call.caller),
        "language": phrases.language(call.language),
        "queue": call.queue,
        "queue_title": plan.queues[call.queue].title if call.queue in plan.queues else call.queue,
        "status": call.status,
        "ringing": plan.agents[ringing.agent].name if ringing and ringing.agent in plan.agents else "",
        "reach_person": clocks.reach_person(plan, call),
        "time_to_person": clocks.time_to_person(plan, call),
    }


def _agent(plan: Plan, agent: Agent, calls: Sequence[Call], offers: Sequence[Offer]) -> Frame:
    call = next((row for row in calls if row.call == agent.call), None)
    offer = next((row for row in offers if row.offer == agent.offer), None)
    return {
        "agent": agent.agent,
        "name": plan.agents[agent.agent].name,
        "status": agent.status,
        "reason": agent.reason,
        "activity": agent.activity,
        "since_ms": agent.since_ms,
        "call": agent.call,
        "with": phrases.caller_name(call.name, call.caller) if call else "",
        "queue_title": plan.queues[call.queue].title if call and call.queue in plan.queues else "",
        "clock": _agent_clock(plan, agent, call, offer),
    }


def _agent_clock(plan: Plan, agent: Agent, call: Call | None, offer: Offer | None) -> clocks.Clock | None:
    if agent.activity == "offered" and offer is not None and offer.ringing_ms:
        return clocks.agent_answers(plan, offer)
    if agent.activity == "wrap_up" and call is not None:
        return clocks.wrap_up(agent, call)
    return None


# -- what will break first --------------------------------------------------------------------------------------


def _first(
    plan: Plan, agents: Sequence[Agent], calls: Sequence[Call], waiting: Sequence[Call], offers: Sequence[Offer]
) -> list[Frame]:
    """Every clock that is running on the floor, soonest first; the page shows the head of the list."""
    rows = [_waiting_row(plan, agents, call) for call in waiting]
    for agent in agents:
        call = next((row for row in calls if row.call == agent.call), None)
        offer = next((row for row in offers if row.offer == agent.offer), None)
        if running := _agent_clock(plan, agent, call, offer):
            rows.append(_agent_row(plan, agent, call, running, waiting))
    return sorted(rows, key=lambda row: row["due_ms"])


def _waiting_row(plan: Plan, agents: Sequence[Agent], call: Call) -> Frame:
    promises = [clocks.reach_person(plan, call), clocks.time_to_person(plan, call)]
    rung = plan.agents[call.agent].name if call.status == "offered" and call.agent in plan.agents else ""
    return {
        "kind": "waiting",
        "call": call.call,
        "agent": call.agent,
        "who": phrases.caller_name(call.name, call.caller),
        "what": f"waits for {_title(plan, call)} in {phrases.language(call.language)}",
        "helps": f"{rung} is being rung" if rung else skills.what_helps(plan, agents, call.needs),
        "clocks": promises,
        "due_ms": min(row["from_ms"] + row["limit_ms"] for row in promises),
        "show_from_ms": 0,
    }


def _agent_row(plan: Plan, agent: Agent, call: Call | None, running: clocks.Clock, waiting: Sequence[Call]) -> Frame:
    who = phrases.caller_name(call.name, call.caller) if call else "a caller"
    could = sum(skills.able(plan, agent, row.needs) for row in waiting)
    ringing = agent.activity == "offered"
    return {
        "kind": "ringing" if ringing else "wrap_up",
        "call": agent.call,
        "agent": agent.agent,
        "who": plan.agents[agent.agent].name,
        "what": f"is being rung for {who}" if ringing else f"is wrapping up after {who}",
        "helps": "Unanswered, the next agent is rung and the caller keeps the place" if ringing else _waited_for(could),
        "clocks": [running],
        "due_ms": running["from_ms"] + running["limit_ms"],
        # Wrap-up is work like any other; only its last third is worth a supervisor's eye.
        "show_from_ms": 0 if ringing else running["from_ms"] + running["limit_ms"] * 2 // 3,
    }


def _waited_for(count: int) -> str:
    if not count:
        return "Nobody is waiting for them"
    return "1 caller waits for what they can do" if count == 1 else f"{count} callers wait for what they can do"


def _title(plan: Plan, call: Call) -> str:
    return plan.queues[call.queue].title if call.queue in plan.queues else call.queue
