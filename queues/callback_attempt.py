"""One attempt to phone somebody back: dialled, lifted, missed, given up. Pure.

An agent is reserved first and the caller dialled then. What the promise itself is, and when it ends, is in
`callback.py`.
"""

from dataclasses import dataclass, replace

from queues import consent
from queues.agent_life import released
from queues.callback import HALF_HOUR_MS, Window, before_it_breaks, ended, facts_of, silenced
from queues.lifecycle import WAIT_CHECK_MS, move, waiting
from queues.offers import DIAL_LEASE_MS
from queues.records import CLEARED, NOTHING, Agent, Call, Change, Event, Offer, Order

RING_S = 40
# After the first attempt that nobody answered, and after the second; later ones wait a day.
FIRST_GAP_MS, SECOND_GAP_MS = 600_000, 7_200_000


@dataclass(frozen=True)
class Attempt:
    """One time the phone was rung: its number from 1, for which offer, when it began (UTC ms)."""

    attempt: int
    offer: int
    at_ms: int


def next_attempt_ms(attempts: int, now_ms: int) -> int:
    """When to try again after so many attempts that nobody answered: 10 minutes, 2 hours, the next day."""
    gaps = (FIRST_GAP_MS, SECOND_GAP_MS, 86_400_000)
    return now_ms + gaps[min(attempts, len(gaps)) - 1]


def dialled(call: Call, leg: str, attempt: int, now_ms: int) -> Change:
    """The caller's phone is being rung, with an agent reserved."""
    if call.status != "talking" or call.joined or call.leg not in ("", leg) or call.attempts == attempt:
        return NOTHING
    # Its webhooks may have been quicker than the answer that names it.
    after = replace(call, leg=leg, attempts=attempt, leg_status=call.leg_status if call.leg else "")
    facts: dict[str, str | int] = {"callback": call.callback, "attempt": attempt}
    event = Event("callback_dialled", now_ms, call.call, call.agent, call.offer, facts)
    return Change((call,), (after,), (event,), (_lease(call.call, now_ms + DIAL_LEASE_MS),))


def connected(call: Call, offer: Offer, now_ms: int) -> Change:
    """The caller pressed 1: they are with their agent, and the promise is kept."""
    if call.status != "talking" or call.joined or call.offer != offer.offer:
        return NOTHING
    facts: dict[str, str | int] = {"callback": call.callback, "status": "kept"}
    events = (
        Event("joined", now_ms, call.call, call.agent, call.offer),
        Event("callback_closed", now_ms, call.call, call.agent, call.offer, facts),
    )
    dues = (_lease(call.call, CLEARED), (f"promise:{call.call}", CLEARED))
    return Change((call,), (replace(call, joined=1),), events, dues, consent.begin(call))


def missed(call: Call, agent: Agent | None, why: str, now_ms: int, again_ms: int) -> Change:
    """Nobody there who pressed 1: the agent is free, the place is kept, and it is tried again at `again_ms`.

    0 for `again_ms` was the last attempt: the promise is given up by name. Without an agent, theirs had gone before.
    """
    if not call.callback or call.joined or call.status not in ("talking", "waiting"):
        return NOTHING
    if call.status == "talking" and (agent is None or agent.call != call.call):
        return NOTHING
    held = agent if call.status == "talking" else None
    back = _back(call, again_ms)
    facts: dict[str, str | int] = {"why": why, "callback": call.callback, "attempt": call.attempts}
    event = Event("requeued", now_ms, call.call, call.agent, call.offer, facts | {"not_before_ms": again_ms})
    change = _tried_again(call, back, event, now_ms) if again_ms else _given_up(call, back, event, now_ms)
    change = replace(change, dues=(*change.dues, _lease(call.call, CLEARED)))
    return _freeing(change, call, held, now_ms) if held else change


def broken_off(call: Call, agent: Agent, status: str, outcome: str, by: str, now_ms: int) -> Change:
    """The promise ends while the caller's phone is being rung, or about to be: nobody has to lift any more."""
    if call.status != "talking" or call.joined or not call.callback or agent.call != call.call:
        return NOTHING
    change = ended((call,), _back(call, 0), status, outcome, by, now_ms)
    change = replace(change, dues=(*change.dues, _lease(call.call, CLEARED)), orders=silenced(call))
    return _freeing(change, call, agent, now_ms)


def _back(call: Call, again_ms: int) -> Call:
    cleared = replace(call, agent="", offer=0, agent_leg="", answered_ms=0, leg="", leg_status="")
    cleared = replace(cleared, not_before_ms=again_ms)
    return move(cleared, "waiting") if call.status == "talking" else cleared


def _tried_again(call: Call, back: Call, event: Event, now_ms: int) -> Change:
    """Back in line; an attempt that comes after the window is a window of its own."""
    if back.not_before_ms <= call.until_ms:
        return waiting((call,), back, event, now_ms)
    said = Window(back.not_before_ms, back.not_before_ms + HALF_HOUR_MS)
    later = replace(back, until_ms=said.to_ms)
    moved = Event("callback_moved", now_ms, call.call, facts=facts_of(later, said) | {"why": "no_answer"})
    change = waiting((call,), later, event, now_ms)
    return replace(change, events=(*change.events, moved), dues=(*change.dues, before_it_breaks(later)))


def _freeing(change: Change, call: Call, agent: Agent, now_ms: int) -> Change:
    return replace(
        change,
        before=(*change.before, agent),
        after=(*change.after, released(agent, now_ms, rested=True)),
        orders=(*change.orders, *((Order("end", leg=call.agent_leg),) if call.agent_leg else ())),
        causes=(*change.causes, f"agent:{agent.agent}"),
    )


def picked_up_alone(call: Call, leg: str, now_ms: int) -> Change:
    """The caller picked up when their agent had gone: they are on the line and first in it."""
    if call.status not in ("waiting", "offered") or not call.callback:
        return NOTHING
    after = replace(call, callback="", leg=leg, leg_status="", not_before_ms=0)
    facts: dict[str, str | int] = {"callback": call.callback, "status": "kept"}
    event = Event("callback_closed", now_ms, call.call, facts=facts)
    check = (f"check:{call.call}", now_ms + WAIT_CHECK_MS)
    dues = (check, (f"promise:{call.call}", CLEARED), _lease(call.call, CLEARED))
    return Change((call,), (after,), (event,), dues, causes=(f"call:{call.call}",))


def _given_up(call: Call, back: Call, event: Event, now_ms: int) -> Change:
    change = ended((call,), back, "failed", "failed", "service", now_ms)
    return replace(change, events=(event, *change.events))


def _lease(call: str, at_ms: int) -> tuple[str, int]:
    return f"dial:{call}", at_ms
