"""One call rung to one agent, until it is accepted, declined, missed or withdrawn. Pure.

The number of an offer is its fence: whatever comes late for an old one finds it over and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from queues.agent_life import released, status_event
from queues.lifecycle import FORGET_MS, TALK_CHECK_MS, WAIT_CHECK_MS, move
from queues.records import CLEARED, NOTHING, Agent, Call, Change, Event, Offer, Order

LIVE_OFFERS = frozenset({"placed", "ringing", "picked_up"})
OFFER_LEASE_MS = 15_000
POST_DIAL_MS = 4_000
PRESS_ONE_MS = 12_000
# From an agent's yes to the caller's: the caller's phone rings, and they press 1.
DIAL_LEASE_MS = 90_000


def claim(rules: Mapping[str, str], several: Mapping[str, int]) -> dict[str, object]:
    """What `match.lua` writes when it ties an agent to a call; it fills in what begins with a $.

    `rules` maps each queue to the rule by which its agents are ordered, `several` those that ring more than one agent
    at once to how many. What a fresh offer leaves out is as its record says.
    """
    moved = ["stands", "", "version", "$version", "offer", "$offer"]
    return {
        "rules": dict(rules),
        "several": dict(several),
        "call": [*moved, "status", "offered", "agent", "$agent", "also", "$also"],
        "agent": [*moved, "activity", "offered", "call", "$call", "since_ms", "$now_ms"],
        "offer": [
            *("offer", "$offer", "call", "$call", "agent", "$agent", "version", "1"),
            *("status", "placed", "offered_ms", "$now_ms"),
        ],
        "event": [
            *("name", "offered", "at_ms", "$now_ms", "call", "$call", "agent", "$agent", "offer", "$offer"),
            *("rule", "$rule", "idle", "$idle", "waiting", "$waiting", "needs", "$needs"),
        ],
        "lease_ms": OFFER_LEASE_MS,
    }


def leg_placed(offer: Offer, leg: str) -> Change:
    """The carrier told us the leg of an offer. If the offer is over by now, that leg has no use any more."""
    if offer.leg or not leg:
        return NOTHING
    after = replace(offer, leg=leg)
    orders = () if offer.status in (*LIVE_OFFERS, "accepted") else drop_leg(after)
    return Change((offer,), (after,), orders=orders)


def ringing(offer: Offer, leg: str, limit_ms: int, ring_ms: int, now_ms: int, standing: bool = False) -> Change:
    """The agent's phone rings: from now the offer has exactly `limit_ms`, which the ticker cuts.

    `standing`: it rings on the desk of an agent whose leg stands already, and `leg` is that leg.
    """
    if offer.status != "placed":
        return NOTHING
    after = replace(offer, status="ringing", leg=offer.leg or leg, ringing_ms=now_ms, limit_ms=limit_ms)
    after = replace(after, standing=int(standing))
    facts = {"limit_ms": limit_ms, "ring_ms": ring_ms}
    return Change(
        (offer,),
        (after,),
        (Event("ringing", now_ms, offer.call, offer.agent, offer.offer, facts),),
        ((f"offer:{offer.offer}", now_ms + limit_ms),),
    )


def dialled(offer: Offer, leg: str, limit_ms: int, now_ms: int) -> Change:
    """The carrier began to dial. Some never say `ringing`: then this is when the ring will be cut."""
    if offer.status != "placed" or offer.dialled_ms:
        return NOTHING
    after = replace(offer, leg=offer.leg or leg, dialled_ms=now_ms)
    return Change((offer,), (after,), dues=((f"offer:{offer.offer}", now_ms + POST_DIAL_MS + limit_ms),))


def picked_up(offer: Offer, leg: str, now_ms: int) -> Change:
    """A plain phone was lifted. A machine may have done that, so only a pressed 1 accepts, within a limit."""
    if offer.status not in ("placed", "ringing"):
        return NOTHING
    after = replace(offer, status="picked_up", leg=offer.leg or leg, picked_up_ms=now_ms)
    event = Event("picked_up", now_ms, offer.call, offer.agent, offer.offer)
    return Change((offer,), (after,), (event,), ((f"offer:{offer.offer}", now_ms + PRESS_ONE_MS),))


def accept(offer: Offer, call: Call, agent: Agent, leg: str, now_ms: int) -> Change:
    """The agent takes the call: the caller will be moved to them, or dialled if they are to be called back.

    Too late, or already taken, is NOTHING.
    """
    if offer.status not in LIVE_OFFERS or not _belongs(offer, call) or agent.offer != offer.offer:
        return NOTHING
    lifted_ms = offer.picked_up_ms or now_ms
    after_offer = replace(offer, status="accepted", leg=leg or offer.leg, picked_up_ms=lifted_ms, ended_ms=now_ms)
    after_call = move(call, "talking", answered_ms=now_ms, joined=0, agent=agent.agent, offer=offer.offer, also="")
    # A standing leg outlives the call, so it is not the call's to end.
    after_call = replace(after_call, agent_leg="" if offer.standing else after_offer.leg)
    after_agent = replace(agent, activity="talking", since_ms=now_ms, missed=0)
    lifted = () if offer.picked_up_ms else (Event("picked_up", now_ms, call.call, agent.agent, offer.offer),)
    answered = Event("answered", now_ms, call.call, agent.agent, offer.offer)
    # A caller whose phone rings already, for an agent who was lost, joins by themselves.
    reach = "dial" if call.callback else "move"
    dialling = ((f"dial:{call.call}", now_ms + DIAL_LEASE_MS),) if call.callback else ()
    return Change(
        (offer, call, agent),
        (after_offer, after_call, after_agent),
        (*lifted, offer_end(offer, "accepted", "", now_ms), answered),
        (*offer_over(offer, now_ms), (f"check:{call.call}", now_ms + TALK_CHECK_MS), *dialling),
        (Order(reach, offer=offer.offer, call=call.call), *withdraw_others(call, offer)),
    )


def end_offer(
    offer: Offer,
    call: Call,
    agent: Agent,
    outcome: str,
    why: str,
    missed_before_break: int,
    now_ms: int,
    heir: str = "",
) -> Change:
    """Missed, declined or withdrawn: the caller keeps the place, the agent goes to the back of the idle.

    After `missed_before_break` offers in a row without an answer the agent is set to break, so that no caller rings
    an empty chair again; one tap brings them back. An offer that another agent has won is only cleared away.
    `heir` is whose phone rings for the call still, where several did.
    """
    if offer.status not in LIVE_OFFERS or agent.offer != offer.offer:
        return NOTHING
    rested = outcome == "withdrawn" and why != "agent_left"
    freed = released(replace(agent, missed=agent.missed + (outcome != "withdrawn")), now_ms, rested)
    events = [offer_end(offer, outcome, why, now_ms)]
    if freed.missed >= missed_before_break and freed.status == "available":
        freed = replace(freed, status="break", reason="missed", idle_since_ms=0)
        events.append(status_event(freed, now_ms))
    ended = replace(offer, status=outcome, ended_ms=now_ms)
    change = Change(
        (offer, agent),
        (ended, freed),
        tuple(events),
        offer_over(offer, now_ms),
        drop_leg(offer),
        (f"agent:{agent.agent}",),
    )
    return _without_offer(change, offer, call, heir, now_ms) if _belongs(offer, call) else change


def _without_offer(change: Change, offer: Offer, call: Call, heir: str, now_ms: int) -> Change:
    """The call after one of its offers ended: rung to the others still, or back in line.

    A preferred agent who did not take it is not waited for any longer.
    """
    preferred = "" if call.preferred == offer.agent else call.preferred
    others = beside(call, offer)
    if others:
        after = replace(call, offer=others[0], also=" ".join(map(str, others[1:])), agent=heir or call.agent)
        return replace(change, before=(*change.before, call), after=(*change.after, after))
    back = move(call, "waiting", agent="", offer=0, preferred=preferred)
    return replace(
        change,
        before=(*change.before, call),
        after=(*change.after, back),
        dues=(*change.dues, (f"check:{call.call}", now_ms + WAIT_CHECK_MS)),
        causes=(f"call:{call.call}", *change.causes),
    )


def beside(call: Call, offer: Offer) -> list[int]:
    """The other live offers of a call that is being rung to several; the next is first."""
    numbers = [call.offer, *map(int, call.also.split())] if call.status == "offered" else []
    return [number for number in numbers if number != offer.offer]


def _belongs(offer: Offer, call: Call) -> bool:
    """True while this offer is one of those that the call is being rung with."""
    return call.status == "offered" and (call.offer == offer.offer or str(offer.offer) in call.also.split())


def withdraw_others(call: Call, offer: Offer) -> tuple[Order, ...]:
    """The orders that stop the other phones, where several are rung for one call."""
    return tuple(Order("withdraw", offer=number) for number in beside(call, offer))


def offer_over(offer: Offer, now_ms: int) -> tuple[tuple[str, int], ...]:
    """The due times of an offer that is over: none, but that it is forgotten in an hour."""
    return (f"offer:{offer.offer}", CLEARED), (f"forget:offer:{offer.offer}", now_ms + FORGET_MS)


def drop_leg(offer: Offer) -> tuple[Order, ...]:
    """The order to stop an offer's phone; a standing line is the agent's, not the offer's."""
    return () if offer.standing else (Order("cancel", offer=offer.offer, leg=offer.leg),)


def offer_end(offer: Offer, outcome: str, why: str, now_ms: int) -> Event:
    """How an offer ended, for the record."""
    return Event("offer_end", now_ms, offer.call, offer.agent, offer.offer, {"outcome": outcome, "why": why})
