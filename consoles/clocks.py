"""The clocks that the pages draw as three segments: where each began and how long it may run. Pure.

The server says only when a clock began and its limit; the browser lets it tick between frames.
"""

from typing import Any

from queues.plan import Plan
from queues.records import Agent, Call, Offer
from queues.rings import ring_ms

Clock = dict[str, Any]


def clock(target: str, from_ms: int, limit_ms: int, one_ring_ms: int = 0, to_ms: int = 0) -> Clock:
    """One running (or, with `to_ms`, stopped) clock. All in UTC ms; `ring_ms` 0 when it is not counted in rings."""
    return {"target": target, "from_ms": from_ms, "limit_ms": limit_ms, "ring_ms": one_ring_ms, "to_ms": to_ms or None}


def reach_person(plan: Plan, call: Call) -> Clock:
    """Enqueued to answered: three rings of the caller's country."""
    one = ring_ms(call.country or plan.country)
    return clock("reach_person", call.enqueued_ms, plan.limits.rings * one, one, call.answered_ms)


def time_to_person(plan: Plan, call: Call) -> Clock:
    """Received to answered, within what the queue aims at."""
    limit_s = plan.queues[call.queue].time_to_person_s if call.queue in plan.queues else 90
    return clock("time_to_person", call.received_ms, limit_s * 1000, to_ms=call.answered_ms)


def callback_kept(call: Call) -> Clock:
    """Promised to called back: until the end of the window that was said."""
    return clock("callback_kept", call.promised_ms, call.until_ms - call.promised_ms)


def agent_answers(plan: Plan, offer: Offer) -> Clock:
    """The agent's phone rings: three rings of the agent's country. Before it rings, the offer's own time."""
    one = ring_ms(plan.agent_country(offer.agent)) if offer.agent in plan.agents else ring_ms(plan.country)
    stopped_ms = offer.picked_up_ms or offer.ended_ms
    return clock("agent_answers", offer.ringing_ms, offer.limit_ms or plan.limits.rings * one, one, stopped_ms)


def wrap_up(agent: Agent, call: Call) -> Clock:
    """How long wrap-up may still take before it ends by itself; `extended` when more time was taken."""
    return clock("wrap_up", agent.since_ms, call.wrap_up_ms) | {"extended": bool(call.extended)}
