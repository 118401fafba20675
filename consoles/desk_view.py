"""One agent's desk at one moment: what do I do now? Pure: records in, a dict out.

The feed sends it to that agent's page alone, so names are full and numbers are masked all the same: nobody needs
the digits to take a call.
"""

from typing import Any

from consoles import clocks, phrases
from queues.plan import Plan
from queues.records import Agent, Call, Offer

Frame = dict[str, Any]


def desk(plan: Plan, agent: Agent, call: Call | None, offer: Offer | None, now_ms: int) -> Frame:
    """What this agent's page shows. `call` and `offer` are the ones the agent is tied to, if any."""
    return {
        "now_ms": now_ms,
        "agent": {
            "agent": agent.agent,
            "name": plan.agents[agent.agent].name,
            "status": agent.status,
            "reason": agent.reason,
            "activity": agent.activity,
            "since_ms": agent.since_ms,
            "missed": agent.missed,
        },
        "offer": _offer(plan, offer) if offer is not None else None,
        "call": _call(plan, call) if call is not None else None,
        "wrap_up": clocks.wrap_up(agent, call) if agent.activity == "wrap_up" and call is not None else None,
    }


def _offer(plan: Plan, offer: Offer) -> Frame:
    return {
        "offer": offer.offer,
        "leg": offer.leg,
        "status": offer.status,
        "standing": bool(offer.standing),
        "offered_ms": offer.offered_ms,
        "clock": clocks.agent_answers(plan, offer),
    }


def _call(plan: Plan, call: Call) -> Frame:
    known = call.queue in plan.queues
    return {
        "call": call.call,
        "status": call.status,
        "name": call.name,
        "number": phrases.masked(call.caller),
        "language": phrases.language(call.language),
        "language_code": call.language,
        "queue": call.queue,
        "queue_title": plan.queues[call.queue].title if known else call.queue,
        "received_ms": call.received_ms,
        "enqueued_ms": call.enqueued_ms,
        "answered_ms": call.answered_ms,
        "ended_ms": call.ended_ms,
        "joined": bool(call.joined),
        "reach_person": clocks.reach_person(plan, call),
        "time_to_person": clocks.time_to_person(plan, call),
        "callback_kept": clocks.callback_kept(call) if call.callback else None,
    }
