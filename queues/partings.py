"""How calls end: the caller leaves, the agent leaves, the wrap-up is done. Pure.

Whoever is left behind is never left alone: an agent is free at once, a caller is back in line or thanked.
"""

from collections.abc import Mapping
from dataclasses import replace

from queues import consent
from queues.agent_life import released
from queues.lifecycle import FORGET_MS, move, waiting
from queues.offers import LIVE_OFFERS, drop_leg, offer_end, offer_over, withdraw_others
from queues.records import CLEARED, NOTHING, Agent, Call, Change, Event, Offer, Order
from queues.survey import SURVEY_MS

THANKS_MS = 20_000
MORE_TIME_MS = 60_000


def finish(call: Call, outcome: str, now_ms: int, by: str = "service") -> Change:
    """The call ends in the menu: served, closed or left."""
    if call.status != "menu":
        return NOTHING
    change = _ended((call,), (_over(call, outcome, now_ms),), outcome, by, now_ms)
    if outcome != "left_in_menu":
        return change
    (ended,) = change.events
    return replace(change, events=(replace(ended, facts={**ended.facts, "node": call.node}),))


def forwarded(call: Call, now_ms: int) -> Change:
    """Another number answered, rung from the menu or from the line: whoever hangs up now, the caller has moved on."""
    if call.status not in ("menu", "waiting") or call.forwarded_ms:
        return NOTHING
    after, event = replace(call, forwarded_ms=now_ms), Event("forwarded", now_ms, call.call)
    if call.status == "menu":
        return Change((call,), (after,), (event,))
    return Change((call,), (move(after, "menu"),), (Event("left_line", now_ms, call.call), event))


def caller_left(
    call: Call, offer: Offer | None, agent: Agent | None, now_ms: int, outcome: str = "abandoned", by: str = "caller"
) -> Change:
    """The caller's leg is gone, whatever was going on; an agent being rung is free at once.

    Who is to be called back was meant to hang up.
    """
    if call.callback and not call.joined:
        return NOTHING
    if call.status == "menu":
        gave_up = "abandoned" if call.enqueued_ms else "left_in_menu"
        return finish(call, "moved_on" if call.forwarded_ms else gave_up, now_ms, by)
    if call.status == "waiting":
        return _ended((call,), (_over(call, outcome, now_ms),), outcome, by, now_ms)
    if agent is None or call.status not in ("offered", "talking"):
        return NOTHING
    if call.joined:
        return _hung_up(call, agent, by, now_ms)
    if offer is None:
        return NOTHING
    ended = replace(offer, status="withdrawn" if offer.status in LIVE_OFFERS else offer.status, ended_ms=now_ms)
    others = withdraw_others(call, offer)
    change = _ended(
        (call, offer, agent),
        (_over(call, outcome, now_ms), ended, released(agent, now_ms, rested=True)),
        outcome,
        by,
        now_ms,
    )
    events = (offer_end(offer, "withdrawn", "caller_left", now_ms),) if offer.status in LIVE_OFFERS else ()
    return replace(
        change,
        events=events + change.events,
        dues=(*change.dues, *offer_over(offer, now_ms)),
        orders=(*drop_leg(offer), *others),
        causes=(f"agent:{agent.agent}",),
    )


def agent_left(call: Call, agent: Agent, now_ms: int) -> Change:
    """The agent's leg is gone. Before the caller came over: back to the same place. After: the talk is over."""
    if call.status != "talking" or agent.call != call.call:
        return NOTHING
    if call.joined:
        return _hung_up(call, agent, "agent", now_ms)
    # A caller whose phone we ring goes on being rung: whoever is free next takes them.
    back = move(call, "waiting", agent="", offer=0, agent_leg="", answered_ms=0)
    # Whoever hangs up on a caller who is on the way is rung after everybody who does not.
    freed = replace(released(agent, now_ms), missed=1)
    event = Event("requeued", now_ms, call.call, agent.agent, call.offer, {"why": "agent_leg_lost"})
    change = waiting((call,), back, event, now_ms)
    return replace(
        change,
        before=(call, agent),
        after=(back, freed),
        causes=(*change.causes, f"agent:{agent.agent}"),
    )


def wrap_up(agent: Agent, call: Call, facts: Mapping[str, str], by: str, now_ms: int) -> Change:
    """Wrap-up is done, by the agent or by its limit: the call is complete and the agent free."""
    if agent.activity != "wrap_up" or agent.call != call.call or call.status != "wrap_up":
        return NOTHING
    wrapped = Event("wrapped", now_ms, call.call, agent.agent, facts=dict(facts) | {"by": by})
    return Change(
        (agent, call),
        (released(agent, now_ms), move(call, "ended")),
        (wrapped,),
        ((f"wrap:{agent.agent}", CLEARED), (f"forget:call:{call.call}", now_ms + FORGET_MS)),
        causes=(f"agent:{agent.agent}",),
    )


def forgotten(sid: str, status: str, agent: str, now_ms: int) -> Change:
    """The end of a call that Redis forgot, from the status in which the record left it; nobody saw the moment."""
    outcome = {"menu": "left_in_menu", "talking": "answered", "wrap_up": "answered"}.get(status, "abandoned")
    ended = Event("ended", now_ms, sid, facts={"outcome": outcome, "by": "carrier"})
    wrapped = Event("wrapped", now_ms, sid, agent, facts={"by": "limit"})
    return Change(
        after=(Call(call=sid, status="ended", outcome=outcome, ended_ms=now_ms),),
        events=(*((ended,) if status != "wrap_up" else ()), *((wrapped,) if outcome == "answered" else ())),
        dues=((f"forget:call:{sid}", now_ms + FORGET_MS),),
    )


def more_time(agent: Agent, call: Call) -> Change:
    """The agent needs another minute for the wrap-up; once a call."""
    if agent.activity != "wrap_up" or agent.call != call.call or call.extended:
        return NOTHING
    wrap_up_ms = call.wrap_up_ms + MORE_TIME_MS
    due = (f"wrap:{agent.agent}", agent.since_ms + wrap_up_ms)
    return Change((call,), (replace(call, extended=1, wrap_up_ms=wrap_up_ms),), dues=(due,))


def _over(call: Call, outcome: str, now_ms: int) -> Call:
    return move(call, "ended", outcome=outcome, ended_ms=now_ms)


def _ended(before: tuple, after: tuple, outcome: str, by: str, now_ms: int) -> Change:  # type: ignore[type-arg]
    call = after[0].call
    event = Event("ended", now_ms, call, facts={"outcome": outcome, "by": by})
    return Change(before, after, (event,), ((f"check:{call}", CLEARED), (f"forget:call:{call}", now_ms + FORGET_MS)))


def _hung_up(call: Call, agent: Agent, by: str, now_ms: int) -> Change:
    outcome = "called_back" if call.callback else "answered"
    after = move(call, "wrap_up", outcome=outcome, ended_ms=now_ms)
    busy = replace(agent, activity="wrap_up", since_ms=now_ms, offer=0)
    event = Event("ended", now_ms, call.call, agent.agent, facts={"outcome": outcome, "by": by})
    # On a standing line nothing takes the caller out of the agent's room by itself.
    thank = () if call.agent_leg else (Order("thank", call=call.call),)
    alone = (Order("end", leg=call.agent_leg),) if call.agent_leg else ()
    orders = (*consent.end(call), *thank) if by == "agent" else alone
    thanks_ms = max(now_ms + THANKS_MS, call.survey_ms + SURVEY_MS if call.survey_ms else 0)
    check_ms = thanks_ms if by == "agent" else CLEARED
    dues = ((f"wrap:{agent.agent}", now_ms + call.wrap_up_ms), (f"check:{call.call}", check_ms))
    return Change((call, agent), (after, busy), (event,), dues, orders)
