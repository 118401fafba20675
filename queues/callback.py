"""A place kept in line: the caller has hung up, we phone them when it is their turn. Pure.

The call stays the same call, with the same `enqueued`; only the leg is another one. An agent is reserved first and the
caller dialled then, so that nobody who picks up hears silence. Each promise is a record in SQL before it is said
(`adapters/history_callbacks.py`); this file says what each step makes of the live state.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from queues import consent
from queues.agent_life import released
from queues.lifecycle import FORGET_MS, WAIT_CHECK_MS, Standing, enqueue, move, waiting
from queues.offers import DIAL_LEASE_MS
from queues.records import CLEARED, NOTHING, Agent, Call, Change, Event, Offer, Order

HALF_HOUR_MS = 1_800_000
RING_S = 40
# Before the window ends there must be time to say that it will not be kept.
REPROMISE_BEFORE_MS = 300_000
# What was asked for twice at the same moment is one promise.
FIRST_GAP_MS, SECOND_GAP_MS = 600_000, 7_200_000


@dataclass(frozen=True)
class Window:
    """Between when and when (UTC ms) we said that we would phone."""

    from_ms: int
    to_ms: int


@dataclass(frozen=True)
class Promise:
    """One promise to call back. Times in UTC ms; `from_ms` to `to_ms` is the window that was said."""

    id: str
    call: str
    number: str
    called: str
    name: str
    country: str
    queue: str
    language: str
    needs: str
    created_ms: int
    from_ms: int
    to_ms: int
    not_before_ms: int
    position_ms: int
    enqueued_ms: int
    received_ms: int
    status: str = "open"
    attempts: int = 0
    attempt_ms: int = 0
    changed_ms: int = 0
    closed_ms: int = 0


@dataclass(frozen=True)
class Attempt:
    """One time the phone was rung: its number from 1, for which offer, when it began (UTC ms)."""

    attempt: int
    offer: int
    at_ms: int


def window(now_ms: int, soonest_ms: int, latest_ms: int, zone: ZoneInfo) -> Window:
    """What is said of a callback that comes after a wait between these: outwards to half hours of the wall clock."""
    first, last = now_ms + soonest_ms, now_ms + max(latest_ms, soonest_ms)
    from_ms = max(now_ms, _half_hour(first, zone))
    to_ms = _half_hour(last, zone)
    return Window(from_ms, to_ms if to_ms >= last and to_ms > from_ms else _half_hour(last, zone, 1))


def _half_hour(at_ms: int, zone: ZoneInfo, after: int = 0) -> int:
    """The half hour of the wall clock that an instant is in, or a later one."""
    at = datetime.fromtimestamp(at_ms // 1000, zone)
    offset_ms = round((at.utcoffset() or timedelta()).total_seconds() * 1000)
    return ((at_ms + offset_ms) // HALF_HOUR_MS + after) * HALF_HOUR_MS - offset_ms


def next_attempt_ms(attempts: int, now_ms: int) -> int:
    """When to try again after so many attempts that nobody answered: 10 minutes, 2 hours, the next day."""
    gaps = (FIRST_GAP_MS, SECOND_GAP_MS, 86_400_000)
    return now_ms + gaps[min(attempts, len(gaps)) - 1]


def slot_capacity(agents: int, handle_ms: int = 300_000) -> int:
    """How many callbacks half an hour of so many agents can hold: seven tenths, the rest is for who calls in."""
    return max(1, int(0.7 * agents * HALF_HOUR_MS / handle_ms))


# -- the promise ----------------------------------------------------------------------------------------------------


def promise(call: Call, callback: str, said: Window, now_ms: int, not_before_ms: int = 0, place_ms: int = 0) -> Change:
    """The caller may hang up and keeps the place. An agent who is being rung for them is not disturbed.

    `place_ms` is an older place that the caller has from another promise.
    """
    if call.status not in ("waiting", "offered") or call.callback:
        return NOTHING
    after = replace(call, callback=callback, promised_ms=now_ms, until_ms=said.to_ms, not_before_ms=not_before_ms)
    after = replace(after, position_ms=min(call.position_ms, place_ms or call.position_ms))
    event = Event(
        "callback_promised", now_ms, call.call, facts=_facts(after, said) | {"position_ms": after.position_ms}
    )
    return Change((call,), (after,), (event,), (_before_it_breaks(after),), causes=(f"call:{call.call}",))


def promise_in_menu(
    call: Call, place: Standing, callback: str, said: Window, now_ms: int, not_before_ms: int = 0
) -> Change:
    """The same, asked for in the menu: the place in line begins now."""
    change = enqueue(call, place, now_ms)
    stands = change.record(Call)
    if not isinstance(stands, Call):
        return NOTHING
    again = promise(stands, callback, said, now_ms, not_before_ms)
    return replace(change, after=again.after, events=(*change.events, *again.events), dues=(*change.dues, *again.dues))


def restore(call: Call, now_ms: int) -> Change:
    """A promise that Redis forgot stands in the same place again, from what SQL says."""
    facts: dict[str, str | int] = {
        "queue": call.queue,
        "language": call.language,
        "needs": call.needs,
        "position_ms": call.position_ms,
        "enqueued_ms": call.enqueued_ms,
        "caller": call.caller,
        "callback": call.callback,
        "not_before_ms": call.not_before_ms,
    }
    back = replace(call, status="waiting")
    change = waiting((), back, Event("restored", now_ms, call.call, facts=facts), now_ms)
    return replace(change, dues=(*change.dues, _before_it_breaks(back)))


def move_window(call: Call, said: Window, not_before_ms: int, now_ms: int, why: str) -> Change:
    """Another window: the caller asked for it, or we cannot keep the one that was said and say so before it ends."""
    if call.status not in ("waiting", "offered") or not call.callback:
        return NOTHING
    after = replace(call, until_ms=said.to_ms, not_before_ms=not_before_ms)
    event = Event("callback_moved", now_ms, call.call, facts=_facts(after, said) | {"why": why})
    causes = () if not_before_ms > now_ms else (f"call:{call.call}",)
    return Change((call,), (after,), (event,), (_before_it_breaks(after),), causes=causes)


def call_next(call: Call, position_ms: int, now_ms: int) -> Change:
    """By hand, before everybody else: a supervisor takes it on themselves that others are overtaken."""
    if call.status != "waiting" or not call.callback:
        return NOTHING
    after = replace(call, position_ms=min(position_ms, call.position_ms), not_before_ms=0)
    event = Event("callback_first", now_ms, call.call, facts={"callback": call.callback, "position_ms": position_ms})
    return Change((call,), (after,), (event,), causes=(f"call:{call.call}",))


def close(call: Call, status: str, outcome: str, by: str, now_ms: int, agent: Agent | None = None) -> Change:
    """The promise ends without a conversation: cancelled, merged into another call, or given up.

    `agent` is the one reserved for a caller whose phone we ring, if that is to end too: they are free, and it stops.
    """
    held = agent if call.status == "talking" and agent and agent.call == call.call else None
    if not call.callback or call.joined or not (held or call.status in ("waiting", "menu")):
        return NOTHING
    change = _ended((call,), _back(call, 0) if held else call, status, outcome, by, now_ms)
    stop = (Order("end", leg=call.leg),) if call.leg else ()
    change = replace(change, dues=(*change.dues, _lease(call.call, CLEARED)), orders=stop)
    return _freeing(change, call, held, now_ms) if held else change


# -- the attempt ----------------------------------------------------------------------------------------------------


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
    moved = Event("callback_moved", now_ms, call.call, facts=_facts(later, said) | {"why": "no_answer"})
    change = waiting((call,), later, event, now_ms)
    return replace(change, events=(*change.events, moved), dues=(*change.dues, _before_it_breaks(later)))


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
    dues = ((f"check:{call.call}", now_ms + WAIT_CHECK_MS), (f"promise:{call.call}", CLEARED))
    return Change((call,), (after,), (event,), dues, causes=(f"call:{call.call}",))


def _given_up(call: Call, back: Call, event: Event, now_ms: int) -> Change:
    change = _ended((call,), back, "failed", "failed", "service", now_ms)
    return replace(change, events=(event, *change.events))


def _ended(before: tuple[Call, ...], call: Call, status: str, outcome: str, by: str, now_ms: int) -> Change:
    after = move(call, "ended", outcome=outcome, ended_ms=now_ms)
    closed = Event("callback_closed", now_ms, call.call, facts={"callback": call.callback, "status": status})
    ended = Event("ended", now_ms, call.call, facts={"outcome": outcome, "by": by})
    cleared = ((f"{kind}:{call.call}", CLEARED) for kind in ("check", "promise", "stand"))
    return Change(before, (after,), (closed, ended), (*cleared, (f"forget:call:{call.call}", now_ms + FORGET_MS)))


def _before_it_breaks(call: Call) -> tuple[str, int]:
    return f"promise:{call.call}", call.until_ms - REPROMISE_BEFORE_MS


def _lease(call: str, at_ms: int) -> tuple[str, int]:
    return f"dial:{call}", at_ms


def _facts(call: Call, said: Window) -> dict[str, str | int]:
    return {
        "callback": call.callback,
        "from_ms": said.from_ms,
        "to_ms": said.to_ms,
        "not_before_ms": call.not_before_ms,
    }
