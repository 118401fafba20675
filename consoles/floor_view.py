"""The floor at one moment: queues, waiting callers, agents, and what will break first. Pure: records in, a dict out.

The feed sends it to the wall, the API answers it at `/floor`, and the page is drawn from it. Times are UTC ms; the
browser lets the clocks tick in between. Numbers are masked, because a wall has many readers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from consoles import clocks, phrases, skills
from queues.plan import Plan
from queues.records import Agent, Call, Offer

MOST_FIRST = 24
MOST_CALLERS = 200
WAITING = ("waiting", "offered")
Frame = dict[str, Any]


def floor(
    plan: Plan,
    agents: Sequence[Agent],
    calls: Sequence[Call],
    offers: Sequence[Offer],
    now_ms: int,
    leg_wait_ms: int = 0,
) -> Frame:
    """The whole floor. `offers` are the live ones; agents come in plan order, callers by who came first.

    `leg_wait_ms` is how long a leg that is created now waits for the account's limit.
    """
    waiting = sorted((call for call in calls if call.status in WAITING), key=lambda call: call.enqueued_ms)
    return {
        "now_ms": now_ms,
        "name": plan.name,
        "zone": plan.zone,
        "counts": _counts(agents, calls, waiting),
        "pace": {"wait_ms": leg_wait_ms, "per_second": plan.limits.calls_per_second},
        "first": _first(plan, agents, calls, waiting, offers, now_ms),
        "queues": [_queue(plan, name, agents, waiting) for name in plan.queues],
        "callers": [_caller(plan, call, agents) for call in waiting[:MOST_CALLERS]],
        "agents": [_agent(plan, agent, calls, offers) for agent in agents],
    }


def _counts(agents: Sequence[Agent], calls: Sequence[Call], waiting: Sequence[Call]) -> dict[str, int]:
    statuses = [call.status for call in calls]
    kinds = [skills.doing(agent) for agent in agents]
    return {
        "menu": statuses.count("menu"),
        "waiting": sum(not call.callback for call in waiting),
        "callbacks": sum(bool(call.callback) for call in waiting),
        "talking": statuses.count("talking"),
        "wrap_up": statuses.count("wrap_up"),
        "ready": kinds.count(skills.READY),
        "signed_in": sum(agent.status != "offline" for agent in agents),
    }


def _queue(plan: Plan, name: str, agents: Sequence[Agent], waiting: Sequence[Call]) -> Frame:
    line = [call for call in waiting if call.queue == name and not call.callback]
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
        "callback": bool(call.callback),
        "reach_person": clocks.callback_kept(call) if call.callback else clocks.reach_person(plan, call),
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
    plan: Plan,
    agents: Sequence[Agent],
    calls: Sequence[Call],
    waiting: Sequence[Call],
    offers: Sequence[Offer],
    now_ms: int,
) -> list[Frame]:
    """The clocks that run, soonest to break first and those broken already last; no more than a wall can use."""
    rows = [_waiting_row(plan, call) for call in waiting]
    for agent in agents:
        call = next((row for row in calls if row.call == agent.call), None)
        offer = next((row for row in offers if row.offer == agent.offer), None)
        if running := _agent_clock(plan, agent, call, offer):
            rows.append(_agent_row(plan, agent, call, running))
    soonest = sorted(rows, key=lambda row: _urgency(row, now_ms))[:MOST_FIRST]
    known = {call.call: call for call in waiting}
    return [row | {"helps": _helps(plan, agents, row, known)} for row in soonest]


def _urgency(row: Frame, now_ms: int) -> tuple[bool, int]:
    """What can still be kept by when it breaks; then what is broken, the latest first."""
    dues = [clock["from_ms"] + clock["limit_ms"] for clock in row["clocks"]]
    ahead = [due_ms for due_ms in dues if due_ms >= now_ms]
    return (False, min(ahead)) if ahead else (True, -max(dues))


def _waiting_row(plan: Plan, call: Call) -> Frame:
    promises = [clocks.reach_person(plan, call), clocks.time_to_person(plan, call)]
    asks = f"{_title(plan, call)} in {phrases.language(call.language)}".removesuffix(" in ")
    return {
        "kind": "waiting",
        "call": call.call,
        "agent": call.agent,
        "who": phrases.caller_name(call.name, call.caller),
        "what": f"is to be called back about {asks}" if call.callback else f"waits for {asks}",
        "clocks": [clocks.callback_kept(call)] if call.callback else promises,
        # A promise of half an hour is looked at when two thirds of it are gone.
        "show_from_ms": call.promised_ms + (call.until_ms - call.promised_ms) * 2 // 3 if call.callback else 0,
    }


def _agent_row(plan: Plan, agent: Agent, call: Call | None, running: clocks.Clock) -> Frame:
    who = phrases.caller_name(call.name, call.caller) if call else "a caller"
    ringing = agent.activity == "offered"
    return {
        "kind": "ringing" if ringing else "wrap_up",
        "call": agent.call,
        "agent": agent.agent,
        "who": plan.agents[agent.agent].name,
        "what": f"is being rung for {who}" if ringing else f"is wrapping up after {who}",
        "clocks": [running],
        # Wrap-up is work like any other; only its last third is worth a supervisor's eye.
        "show_from_ms": 0 if ringing else running["from_ms"] + running["limit_ms"] * 2 // 3,
    }


def _helps(plan: Plan, agents: Sequence[Agent], row: Frame, waiting: Mapping[str, Call]) -> str:
    """The one thing that would help, as a sentence."""
    if row["kind"] == "ringing":
        return "Unanswered, the next agent is rung and the caller keeps the place"
    if row["kind"] == "wrap_up":
        agent = next(one for one in agents if one.agent == row["agent"])
        return _waited_for(sum(skills.able(plan, agent, call.queue, call.needs) for call in waiting.values()))
    call = waiting[row["call"]]
    if call.status == "offered" and call.agent in plan.agents:
        return f"{plan.agents[call.agent].name} is being rung"
    return skills.what_helps(plan, agents, call.queue, call.needs)


def _waited_for(count: int) -> str:
    if not count:
        return "Nobody is waiting for them"
    return "1 caller waits for what they can do" if count == 1 else f"{count} callers wait for what they can do"


def _title(plan: Plan, call: Call) -> str:
    return plan.queues[call.queue].title if call.queue in plan.queues else call.queue
