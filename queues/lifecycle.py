"""Every legal move of a call, an offer and an agent. Pure: records and a time in, one `Change` out.

Each move stamps its marks as events and gives every new state a due time. A move that comes too late returns
`NOTHING`: the moment has passed, and the one who asked goes on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from queues.records import CLEARED, NOTHING, Agent, Call, Change, Event, Offer, Order

MOVES: dict[str, frozenset[str]] = {
    "menu": frozenset({"waiting", "ended"}),
    "waiting": frozenset({"offered", "ended"}),
    "offered": frozenset({"waiting", "talking", "ended"}),
    "talking": frozenset({"waiting", "wrap_up", "ended"}),
    "wrap_up": frozenset({"ended"}),
    "ended": frozenset(),
}
LIVE_OFFERS = frozenset({"placed", "ringing", "picked_up"})

MENU_CHECK_MS = 180_000
WAIT_CHECK_MS = 120_000
TALK_CHECK_MS = 300_000
FORGET_MS = 3_600_000
OFFER_LEASE_MS = 15_000
POST_DIAL_MS = 4_000
PRESS_ONE_MS = 12_000
THANKS_MS = 20_000
MORE_TIME_MS = 60_000
LOST_WEBHOOK_MS = 3_000
LEG_ENDS = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
LEG_ORDER = {"": 0, "queued": 0, "initiated": 1, "ringing": 2, "in-progress": 3}


@dataclass(frozen=True)
class Standing:
    """Where a caller will stand. `credit_ms` is priority, as waiting time given in advance."""

    queue: str
    language: str
    needs: str
    credit_ms: int
    wrap_up_ms: int
    preferred: str = ""
    overflow: str = ""


class IllegalMove(Exception):
    """A move that the table does not allow: a fault of ours, never of the network."""


def move(call: Call, status: str, **values: str | int) -> Call:
    """The call in its next status. Raises IllegalMove when the table has no such step."""
    if status not in MOVES[call.status]:
        raise IllegalMove(f"{call.call}: {call.status} -> {status}")
    return replace(call, status=status, **values)  # type: ignore[arg-type]


# -- the caller's side ------------------------------------------------------------------------------------------


def arrive(call: Call, ring_ms: int, received_ms: int, greeted_ms: int) -> Change:
    """A call came in and was greeted. `received_ms` is the first webhook, `greeted_ms` our TwiML leaving."""
    facts: dict[str, str | int] = {
        "caller": call.caller,
        "called": call.called,
        "caller_name": call.name,
        "country": call.country,
    }
    after = replace(call, received_ms=received_ms)
    received = Event("received", received_ms, call.call, facts=facts | {"ring_ms": ring_ms})
    return Change(
        after=(after,),
        events=(
            received,
            leg_event(after, "caller", "in-progress", received_ms),
            Event("greeted", greeted_ms, call.call),
        ),
        dues=((f"check:{call.call}", greeted_ms + MENU_CHECK_MS),),
    )


def choose(call: Call, step: int, choices: tuple[tuple[str, str], ...], language: str, now_ms: int) -> Change:
    """The caller took step number `step` through the menu. A repeated webhook has an old number and changes nothing."""
    if call.status != "menu" or step <= call.steps:
        return NOTHING
    events = [Event("menu_choice", now_ms, call.call, facts={"node": node, "choice": key}) for node, key in choices]
    if language and language != call.language:
        events.append(Event("language", now_ms, call.call, facts={"caller": call.caller, "language": language}))
    after = replace(call, steps=step, language=language or call.language)
    return Change((call,), (after,), tuple(events), ((f"check:{call.call}", now_ms + MENU_CHECK_MS),))


def enqueue(call: Call, place: Standing, now_ms: int) -> Change:
    """The caller goes into a line and keeps that place until a person answers."""
    if call.status != "menu":
        return NOTHING
    position_ms = now_ms - place.credit_ms
    after = move(call, "waiting", enqueued_ms=now_ms, position_ms=position_ms, queue=place.queue, needs=place.needs)
    after = replace(after, language=place.language, wrap_up_ms=place.wrap_up_ms)
    after = replace(after, preferred=place.preferred, overflow=place.overflow)
    facts: dict[str, str | int] = {
        "queue": place.queue,
        "language": place.language,
        "needs": place.needs,
        "position_ms": position_ms,
    }
    return _waiting((call,), after, Event("enqueued", now_ms, call.call, facts=facts), now_ms)


def restore(call: Call, now_ms: int) -> Change:
    """A waiting caller whom Redis forgot is back in the same place, from what the wait URL remembers."""
    facts: dict[str, str | int] = {
        "queue": call.queue,
        "language": call.language,
        "needs": call.needs,
        "position_ms": call.position_ms,
        "enqueued_ms": call.enqueued_ms,
        "caller": call.caller,
        "called": call.called,
    }
    return _waiting((), replace(call, status="waiting"), Event("restored", now_ms, call.call, facts=facts), now_ms)


def restore_talk(call: Call, agent: Agent, agent_leg: str, now_ms: int) -> Change:
    """A conversation that Redis forgot, from what the carrier and the record say."""
    talk = replace(call, status="talking", agent=agent.agent, agent_leg=agent_leg, joined=1)
    busy = replace(agent, activity="talking", call=call.call, since_ms=now_ms)
    facts: dict[str, str | int] = {"queue": call.queue, "language": call.language, "needs": call.needs}
    event = Event("restored", now_ms, call.call, agent.agent, facts=facts | {"enqueued_ms": call.enqueued_ms})
    return Change((agent,), (talk, busy), (event,), ((f"check:{call.call}", now_ms + TALK_CHECK_MS),))


def change_lines(call: Call, lines: Sequence[str], now_ms: int) -> Change:
    """The call asks for less, or of others; clock and place are kept. Where it stands is worked out at each save."""
    event = Event("line_changed", now_ms, call.call, facts={"lines": " ".join(lines)})
    return Change((call,), (call,), (event,), causes=(f"call:{call.call}",))


def still_waiting(call: Call, now_ms: int) -> Change:
    """The wait loop came round: the caller is there, so the next check at the carrier can be later."""
    return Change(dues=((f"check:{call.call}", now_ms + WAIT_CHECK_MS),))


def join(call: Call, offer: Offer, now_ms: int) -> Change:
    """The caller's leg asked for the conference: caller and agent are together from here."""
    if call.status != "talking" or call.joined or call.offer != offer.offer:
        return NOTHING
    return Change((call,), (replace(call, joined=1),), (Event("joined", now_ms, call.call, call.agent, call.offer),))


def finish(call: Call, outcome: str, now_ms: int, by: str = "service") -> Change:
    """The call ends in the menu: served, closed or left."""
    if call.status != "menu":
        return NOTHING
    return _ended((call,), (_over(call, outcome, now_ms),), outcome, by, now_ms)


def caller_left(
    call: Call, offer: Offer | None, agent: Agent | None, now_ms: int, outcome: str = "abandoned", by: str = "caller"
) -> Change:
    """The caller's leg is gone, whatever was going on; an agent being rung is free at once."""
    if call.status == "menu":
        return finish(call, "left_in_menu", now_ms, by)
    if call.status == "waiting":
        return _ended((call,), (_over(call, outcome, now_ms),), outcome, by, now_ms)
    if agent is None or call.status not in ("offered", "talking"):
        return NOTHING
    if call.joined:
        return _hung_up(call, agent, by, now_ms)
    if offer is None:
        return NOTHING
    ended = replace(offer, status="withdrawn" if offer.status in LIVE_OFFERS else offer.status, ended_ms=now_ms)
    others = _withdraw_others(call, offer)
    change = _ended(
        (call, offer, agent),
        (_over(call, outcome, now_ms), ended, _released(agent, now_ms, rested=True)),
        outcome,
        by,
        now_ms,
    )
    events = (_offer_end(offer, "withdrawn", "caller_left", now_ms),) if offer.status in LIVE_OFFERS else ()
    return replace(
        change,
        events=events + change.events,
        dues=(*change.dues, *_offer_over(offer, now_ms)),
        orders=(*_drop_leg(offer), *others),
        causes=(f"agent:{agent.agent}",),
    )


# -- the offer --------------------------------------------------------------------------------------------------


def claim(now_ms: int, rules: Mapping[str, str], several: Mapping[str, int]) -> dict[str, object]:
    """What `match.lua` writes when it ties an agent to a call; it fills in $call, $agent, $offer and the counts.

    `rules` maps each queue to the rule by which its agents are ordered, `several` those that ring more than one agent
    at once to how many.
    """
    fresh = Offer(version=1, offered_ms=now_ms).to_hash() | {"offer": "$offer", "call": "$call", "agent": "$agent"}
    return {
        "now_ms": now_ms,
        "rules": dict(rules),
        "several": dict(several),
        "call": ["status", "offered", "agent", "$agent", "offer", "$offer", "also", ""],
        "agent": ["activity", "offered", "call", "$call", "offer", "$offer", "since_ms", str(now_ms)],
        "offer": [text for pair in fresh.items() for text in pair],
        "event": [
            *("name", "offered", "at_ms", str(now_ms), "call", "$call", "agent", "$agent", "offer", "$offer"),
            *("rule", "$rule", "idle", "$idle", "waiting", "$waiting", "needs", "$needs"),
        ],
        "due_ms": now_ms + OFFER_LEASE_MS,
    }


def leg_placed(offer: Offer, leg: str) -> Change:
    """The carrier told us the leg of an offer. If the offer is over by now, that leg has no use any more."""
    if offer.leg or not leg:
        return NOTHING
    after = replace(offer, leg=leg)
    orders = () if offer.status in (*LIVE_OFFERS, "accepted") else _drop_leg(after)
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
    """The agent takes the call: the caller will be moved to them. Too late, or already taken, is NOTHING."""
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
    return Change(
        (offer, call, agent),
        (after_offer, after_call, after_agent),
        (*lifted, _offer_end(offer, "accepted", "", now_ms), answered),
        (*_offer_over(offer, now_ms), (f"check:{call.call}", now_ms + TALK_CHECK_MS)),
        (Order("move", offer=offer.offer, call=call.call), *_withdraw_others(call, offer)),
    )


def end_offer(
    offer: Offer, call: Call, agent: Agent, outcome: str, why: str, missed_before_break: int, now_ms: int
) -> Change:
    """Missed, declined or withdrawn: the caller keeps the place, the agent goes to the back of the idle.

    After `missed_before_break` offers in a row without an answer the agent is set to break, so that no caller rings
    an empty chair again; one tap brings them back. An offer that another agent has won is only cleared away.
    """
    if offer.status not in LIVE_OFFERS or agent.offer != offer.offer:
        return NOTHING
    rested = outcome == "withdrawn" and why != "agent_left"
    freed = _released(replace(agent, missed=agent.missed + (outcome != "withdrawn")), now_ms, rested)
    events = [_offer_end(offer, outcome, why, now_ms)]
    if freed.missed >= missed_before_break and freed.status == "available":
        freed = replace(freed, status="break", reason="missed", idle_since_ms=0)
        events.append(_status_event(freed, now_ms))
    ended = replace(offer, status=outcome, ended_ms=now_ms)
    change = Change(
        (offer, agent),
        (ended, freed),
        tuple(events),
        _offer_over(offer, now_ms),
        _drop_leg(offer),
        (f"agent:{agent.agent}",),
    )
    return _without_offer(change, offer, call, now_ms) if _belongs(offer, call) else change


def _without_offer(change: Change, offer: Offer, call: Call, now_ms: int) -> Change:
    """The call after one of its offers ended: rung to the others still, or back in line."""
    others = [number for number in (str(call.offer), *call.also.split()) if number != str(offer.offer)]
    if others:
        after = replace(call, offer=int(others[0]), also=" ".join(others[1:]))
        return replace(change, before=(*change.before, call), after=(*change.after, after))
    back = move(call, "waiting", agent="", offer=0)
    return replace(
        change,
        before=(*change.before, call),
        after=(*change.after, back),
        dues=(*change.dues, (f"check:{call.call}", now_ms + WAIT_CHECK_MS)),
        causes=(f"call:{call.call}", *change.causes),
    )


def _belongs(offer: Offer, call: Call) -> bool:
    """True while this offer is one of those that the call is being rung with."""
    return call.status == "offered" and (call.offer == offer.offer or str(offer.offer) in call.also.split())


def _withdraw_others(call: Call, offer: Offer) -> tuple[Order, ...]:
    numbers = (str(call.offer), *call.also.split()) if call.status == "offered" else ()
    return tuple(Order("withdraw", offer=int(number)) for number in numbers if number != str(offer.offer))


# -- the conversation and after ---------------------------------------------------------------------------------


def agent_left(call: Call, agent: Agent, now_ms: int) -> Change:
    """The agent's leg is gone. Before the caller came over: back to the same place. After: the talk is over."""
    if call.status != "talking" or agent.call != call.call:
        return NOTHING
    if call.joined:
        return _hung_up(call, agent, "agent", now_ms)
    back = move(call, "waiting", agent="", offer=0, agent_leg="", answered_ms=0)
    freed = _released(agent, now_ms)
    event = Event("requeued", now_ms, call.call, agent.agent, call.offer, {"why": "agent_leg_lost"})
    change = _waiting((call,), back, event, now_ms)
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
        (_released(agent, now_ms), move(call, "ended")),
        (wrapped,),
        ((f"wrap:{agent.agent}", CLEARED), (f"forget:call:{call.call}", now_ms + FORGET_MS)),
        causes=(f"agent:{agent.agent}",),
    )


def more_time(agent: Agent, call: Call) -> Change:
    """The agent needs another minute for the wrap-up; once a call."""
    if agent.activity != "wrap_up" or agent.call != call.call or call.extended:
        return NOTHING
    wrap_up_ms = call.wrap_up_ms + MORE_TIME_MS
    due = (f"wrap:{agent.agent}", agent.since_ms + wrap_up_ms)
    return Change((call,), (replace(call, extended=1, wrap_up_ms=wrap_up_ms),), dues=(due,))


# -- the agent's own wishes -------------------------------------------------------------------------------------


def choose_status(agent: Agent, status: str, reason: str, now_ms: int) -> Change:
    """What the agent chose. The last explicit wish wins; idle time is paused by a break, not reset."""
    if (agent.status, agent.reason) == (status, reason):
        return NOTHING
    waited_ms = now_ms - agent.idle_since_ms if agent.idle_since_ms else 0
    after = replace(agent, status=status, reason=reason, missed=0, idle_ms=agent.idle_ms + waited_ms)
    free = after.activity in ("idle", "no_device")
    after = replace(after, idle_since_ms=now_ms if free and status == "available" else 0)
    if free:
        after = replace(after, activity=_seen(after, now_ms), since_ms=now_ms)
    return Change((agent,), (after,), (_status_event(after, now_ms),), causes=(f"agent:{agent.agent}",) if free else ())


def device_seen(agent: Agent, until_ms: int, now_ms: int) -> Change:
    """The agent's browser phone is alive until `until_ms`; `until_ms` = now says that it is gone."""
    alive = replace(agent, device_until_ms=until_ms)
    after = replace(alive, activity=_seen(alive, now_ms)) if alive.activity in ("idle", "no_device") else alive
    if after.activity == agent.activity:
        return Change((agent,), (after,), dues=((f"device:{agent.agent}", until_ms),))
    return Change(
        (agent,),
        (replace(after, since_ms=now_ms),),
        (_status_event(after, now_ms),),
        ((f"device:{agent.agent}", until_ms if until_ms > now_ms else CLEARED),),
        causes=(f"agent:{agent.agent}",),
    )


def line_up(agent: Agent, leg: str, now_ms: int) -> Change:
    """The agent's leg stands in their room for the shift: offers ring on the desk, accepting only moves the caller."""
    if agent.standing_leg == leg:
        return NOTHING
    after = replace(agent, standing_leg=leg)
    if after.activity in ("idle", "no_device"):
        after = replace(after, activity=_seen(after, now_ms), since_ms=now_ms)
    event = Event("agent_line", now_ms, agent=agent.agent, facts={"line": "up"})
    due = (f"line:{agent.agent}", now_ms + TALK_CHECK_MS)
    return Change((agent,), (after,), (event,), (due,), causes=(f"agent:{agent.agent}",))


def line_down(agent: Agent, now_ms: int) -> Change:
    """The standing leg is gone; what the agent was doing on it is ended by its own move."""
    if not agent.standing_leg:
        return NOTHING
    after = replace(agent, standing_leg="")
    if after.activity == "idle":
        after = replace(after, activity=_seen(after, now_ms), since_ms=now_ms)
    event = Event("agent_line", now_ms, agent=agent.agent, facts={"line": "down"})
    return Change((agent,), (after,), (event,), ((f"line:{agent.agent}", CLEARED),))


# -- shared by the moves above ----------------------------------------------------------------------------------


def leg_moved(record: Call | Offer, status: str) -> bool:
    """True when `status` is news of that leg: a late or repeated one never goes back, an ended leg never returns."""
    now = LEG_ORDER.get(record.leg_status, 4)
    return now < 4 and LEG_ORDER.get(status, 4) > now


def with_leg(change: Change, before: Call | Offer, heard: Call | Offer, event: Event) -> Change:
    """A move together with the news of the leg that caused it; without a move, the news alone is kept."""
    kept = change if any(row.key == heard.key for row in change.after) else _also(change, before, heard)
    return replace(kept, events=(event, *kept.events))


def _also(change: Change, before: Call | Offer, heard: Call | Offer) -> Change:
    return replace(change, before=(*change.before, before), after=(*change.after, heard))


def leg_event(call: Call, role: str, status: str, now_ms: int, leg: str = "", twilio_ms: int = 0) -> Event:
    """What a leg did, in Twilio's words for a leg's status."""
    return Event(
        "leg",
        now_ms,
        call.call,
        facts={"leg": leg or call.call, "role": role, "status": status, "twilio_ms": twilio_ms},
    )


def _waiting(before: tuple[Call, ...], after: Call, event: Event, now_ms: int) -> Change:
    due = (f"check:{after.call}", now_ms + WAIT_CHECK_MS)
    return Change(before, (after,), (event,), (due,), causes=(f"call:{after.call}",))


def _over(call: Call, outcome: str, now_ms: int) -> Call:
    return move(call, "ended", outcome=outcome, ended_ms=now_ms)


def _ended(before: tuple, after: tuple, outcome: str, by: str, now_ms: int) -> Change:  # type: ignore[type-arg]
    call = after[0].call
    event = Event("ended", now_ms, call, facts={"outcome": outcome, "by": by})
    return Change(before, after, (event,), ((f"check:{call}", CLEARED), (f"forget:call:{call}", now_ms + FORGET_MS)))


def _hung_up(call: Call, agent: Agent, by: str, now_ms: int) -> Change:
    after = move(call, "wrap_up", outcome="answered", ended_ms=now_ms)
    busy = replace(agent, activity="wrap_up", since_ms=now_ms, offer=0)
    event = Event("ended", now_ms, call.call, agent.agent, facts={"outcome": "answered", "by": by})
    # On a standing line nothing takes the caller out of the agent's room by itself.
    thank = () if call.agent_leg else (Order("thank", call=call.call),)
    orders = thank if by == "agent" else (Order("end", leg=call.agent_leg),) if call.agent_leg else ()
    check_ms = now_ms + THANKS_MS if by == "agent" else CLEARED
    dues = ((f"wrap:{agent.agent}", now_ms + call.wrap_up_ms), (f"check:{call.call}", check_ms))
    return Change((call, agent), (after, busy), (event,), dues, orders)


def _released(agent: Agent, now_ms: int, rested: bool = False) -> Agent:
    """The agent without a call. `rested`: they did nothing for it, so their idle time goes on as if never offered."""
    kept = agent.idle_ms + now_ms - agent.idle_since_ms if rested and agent.idle_since_ms else 0
    free = replace(agent, call="", offer=0, since_ms=now_ms, idle_ms=kept)
    free = replace(free, idle_since_ms=now_ms if free.status == "available" else 0)
    return replace(free, activity=_seen(free, now_ms))


def _seen(agent: Agent, now_ms: int) -> str:
    reachable = agent.standing_leg or not agent.needs_device or agent.device_until_ms > now_ms
    return "idle" if reachable else "no_device"


def _offer_end(offer: Offer, outcome: str, why: str, now_ms: int) -> Event:
    return Event("offer_end", now_ms, offer.call, offer.agent, offer.offer, {"outcome": outcome, "why": why})


def _status_event(agent: Agent, now_ms: int) -> Event:
    facts = {"status": agent.status, "reason": agent.reason, "activity": agent.activity}
    return Event("agent_status", now_ms, agent=agent.agent, facts=facts)


def _offer_over(offer: Offer, now_ms: int) -> tuple[tuple[str, int], ...]:
    return (f"offer:{offer.offer}", CLEARED), (f"forget:offer:{offer.offer}", now_ms + FORGET_MS)


def _drop_leg(offer: Offer) -> tuple[Order, ...]:
    return () if offer.standing else (Order("cancel", offer=offer.offer, leg=offer.leg),)
