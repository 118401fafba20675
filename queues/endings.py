"""Somebody is gone, or an offer is over: the moves that doors, orders and ticker share. Load, decide, save."""

from center import Center
from queues import agent_life, offers, partings
from queues.records import NOTHING, Call, Change, Offer


def caller_gone(center: Center, sid: str, by: str = "caller", outcome: str = "abandoned") -> Change:
    """The caller's leg has ended: free whoever was with it."""

    def decide() -> Change:
        call, offer, agent = center.live.parties(sid)
        return partings.caller_left(call, offer, agent, now_ms, outcome, by) if call else NOTHING

    now_ms = center.now_ms()
    return center.live.settle(decide, now_ms)


def agent_gone(center: Center, sid: str) -> Change:
    """The agent's leg has ended during a call."""

    def decide() -> Change:
        call, _, agent = center.live.parties(sid)
        return partings.agent_left(call, agent, now_ms) if call and agent else NOTHING

    now_ms = center.now_ms()
    return center.live.settle(decide, now_ms)


def line_gone(center: Center, leg: str, room: str = "") -> None:
    """A standing leg has ended: whatever the agent was doing on it ends with it. `room` is whose line it was, if told.

    Who is in the plan no more is found only by that.
    """
    name = next((agent.agent for agent in center.live.agents() if agent.standing_leg == leg), room)
    if not name:
        return
    agent = center.live.agent(name)
    if agent.standing_leg != leg:
        return
    if agent.activity == "offered":
        end_offer(center, agent.offer, "withdrawn", "line_lost")
    elif agent.activity == "talking":
        agent_gone(center, agent.call)
    now_ms = center.now_ms()
    center.live.settle(lambda: agent_life.line_down(center.live.agent(name), now_ms), now_ms)


def forwarded(center: Center, sid: str) -> None:
    """Another number answered the caller. Whoever was being rung for them here is let go first."""
    while (call := center.live.call(sid)) and call.status == "offered":
        if not end_offer(center, call.offer, "withdrawn", "caller_left"):
            break
    now_ms = center.now_ms()
    center.live.settle(lambda: partings.forwarded(now, now_ms) if (now := center.live.call(sid)) else NOTHING, now_ms)


def moved_on(center: Center, sid: str) -> None:
    """The conversation with another number is over, and with it the call."""
    now_ms = center.now_ms()

    def decide() -> Change:
        call = center.live.call(sid)
        return partings.finish(call, "moved_on", now_ms) if call else NOTHING

    center.live.settle(decide, now_ms)


def heir(center: Center, offer: Offer, call: Call) -> str:
    """The agent whose phone rings for this call still when that offer is over; empty when none does."""
    others = offers.beside(call, offer)
    now = center.live.offer(others[0]) if others else None
    return now.agent if now else ""


def end_offer(center: Center, number: int, outcome: str, why: str) -> Change:
    """An offer is over without an answer: the caller keeps the place."""

    def decide() -> Change:
        offer = center.live.offer(number)
        call = center.live.call(offer.call) if offer else None
        if offer is None or call is None:
            return NOTHING
        agent = center.live.agent(offer.agent)
        limit = center.plan.limits.missed_before_break
        return offers.end_offer(offer, call, agent, outcome, why, limit, now_ms, heir(center, offer, call))

    now_ms = center.now_ms()
    return center.live.settle(decide, now_ms)
