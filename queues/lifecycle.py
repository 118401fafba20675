"""Every legal step of a call, and the moves up to the conversation. Pure: records and a time in, one `Change` out.

Each move stamps its marks as events and gives every new state a due time. A move that comes too late returns
`NOTHING`: the moment has passed, and the one who asked goes on. Offers are in `offers.py`, agents in `agent_life.py`,
and how conversations end in `partings.py`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zlib import crc32

from ivr.reply import Given
from queues import consent
from queues.records import NOTHING, Agent, Call, Change, Event, Offer

MOVES: dict[str, frozenset[str]] = {
    "menu": frozenset({"waiting", "ended"}),
    "waiting": frozenset({"offered", "menu", "ended"}),
    "offered": frozenset({"waiting", "talking", "ended"}),
    "talking": frozenset({"waiting", "wrap_up", "ended"}),
    "wrap_up": frozenset({"ended"}),
    "ended": frozenset(),
}
MENU_CHECK_MS = 180_000
WAIT_CHECK_MS = 120_000
TALK_CHECK_MS = 300_000
FORGET_MS = 3_600_000
LOST_WEBHOOK_MS = 3_000
LEG_ENDS = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
LEG_ORDER = {"": 0, "queued": 0, "initiated": 1, "ringing": 2, "in-progress": 3}


@dataclass(frozen=True)
class Standing:
    """Where a caller will stand. `credit_ms` is priority, as waiting time given in advance.

    `position_ms` is a place that the caller had before, in another call; 0 for none.
    """

    queue: str
    language: str
    needs: str
    credit_ms: int
    wrap_up_ms: int
    preferred: str = ""
    overflow: str = ""
    position_ms: int = 0


@dataclass(frozen=True)
class LeftPlace:
    """A place in line that its caller left: of which call, where, and when (UTC ms)."""

    call: str
    queue: str
    position_ms: int
    enqueued_ms: int
    left_ms: int


class IllegalMove(Exception):
    """A move that the table does not allow: a fault of ours, never of the network."""


def move(call: Call, status: str, **values: str | int) -> Call:
    """The call in its next status. Raises IllegalMove when the table has no such step."""
    if status not in MOVES[call.status]:
        raise IllegalMove(f"{call.call}: {call.status} -> {status}")
    return replace(call, status=status, **values)  # type: ignore[arg-type]


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
            Event("greeted", greeted_ms, call.call, facts={"flow": call.flow}),
        ),
        dues=((f"check:{call.call}", greeted_ms + MENU_CHECK_MS),),
    )


def choose(
    call: Call,
    step: int,
    choices: tuple[tuple[str, str], ...],
    language: str,
    now_ms: int,
    given: Sequence[Given] = (),
    node: str = "",
) -> Change:
    """The caller took step number `step` through the menu. A repeated webhook has an old number and changes nothing.

    `node` is where they are asked next; empty when they leave the menu.
    """
    if call.status != "menu" or step <= call.steps:
        return NOTHING
    events = [Event("menu_choice", now_ms, call.call, facts={"node": node, "choice": key}) for node, key in choices]
    if language and language != call.language:
        events.append(Event("language", now_ms, call.call, facts={"caller": call.caller, "language": language}))
    after = replace(call, steps=step, language=language or call.language, node=node or call.node)
    if given:
        after = replace(after, given=json.dumps(values_of(call) | {each.name: each.value for each in given}))
    for each in given:
        if each.sure:
            told = {"given": each.name, "value": "" if each.secret else each.value}
            events.append(Event("given", now_ms, call.call, facts=told))
    return Change((call,), (after,), tuple(events), ((f"check:{call.call}", now_ms + MENU_CHECK_MS),))


def values_of(call: Call) -> dict[str, str]:
    """What the menu has learned of the caller, by name."""
    values: dict[str, str] = json.loads(call.given or "{}")
    return values


def enqueue(call: Call, place: Standing, now_ms: int) -> Change:
    """The caller goes into a line and keeps that place until a person answers."""
    if call.status != "menu":
        return NOTHING
    position_ms = min(now_ms - place.credit_ms, place.position_ms or now_ms)
    after = move(call, "waiting", enqueued_ms=now_ms, position_ms=position_ms, queue=place.queue, needs=place.needs)
    after = replace(after, language=place.language, wrap_up_ms=place.wrap_up_ms)
    after = replace(after, preferred=place.preferred, overflow=place.overflow)
    facts: dict[str, str | int] = {
        "queue": place.queue,
        "language": place.language,
        "needs": place.needs,
        "position_ms": position_ms,
    }
    return waiting((call,), after, Event("enqueued", now_ms, call.call, facts=facts), now_ms)


def note(call: Call, *events: Event) -> Change:
    """What was heard of a call beside its status: kept once, however often and whenever it is told."""
    marks = call.noted.split()
    fresh = {mark: event for event in events if (mark := _mark(event)) not in marks}
    if not fresh:
        return NOTHING
    return Change((call,), (replace(call, noted=" ".join((*marks, *fresh))),), tuple(fresh.values()))


def _mark(event: Event) -> str:
    """What an event says, but for times: eight characters."""
    said = sorted((name, str(value)) for name, value in event.facts.items() if not name.endswith("_ms"))
    return f"{crc32(repr((event.name, said)).encode()):08x}"


def leave_line(call: Call, now_ms: int) -> Change:
    """The caller gives up the place, to leave a message instead. Nobody is rung for them from here."""
    if call.status != "waiting" or call.callback:
        return NOTHING
    due = (f"check:{call.call}", now_ms + MENU_CHECK_MS)
    return Change((call,), (move(call, "menu"),), (Event("left_line", now_ms, call.call),), (due,))


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
    return waiting((), replace(call, status="waiting"), Event("restored", now_ms, call.call, facts=facts), now_ms)


def restore_talk(call: Call, agent: Agent, agent_leg: str, now_ms: int) -> Change:
    """A conversation that Redis forgot, from what the carrier and the record say.

    It may have ended while it was being looked up, unheard because nobody knew it: its legs are looked at again soon.
    """
    talk = replace(call, status="talking", agent=agent.agent, agent_leg=agent_leg, joined=1)
    busy = replace(agent, activity="talking", call=call.call, since_ms=now_ms)
    facts: dict[str, str | int] = {"queue": call.queue, "language": call.language, "needs": call.needs}
    event = Event("restored", now_ms, call.call, agent.agent, facts=facts | {"enqueued_ms": call.enqueued_ms})
    return Change((agent,), (talk, busy), (event,), ((f"check:{call.call}", now_ms + LOST_WEBHOOK_MS),))


def change_language(call: Call, language: str, needs: str, now_ms: int) -> Change:
    """The caller in line wants to be spoken to in another language, and to speak it; clock and place are kept."""
    if call.status != "waiting" or call.language == language:
        return NOTHING
    after = replace(call, language=language, needs=needs)
    facts: dict[str, str | int] = {"caller": call.caller, "language": language, "needs": needs}
    event = Event("language", now_ms, call.call, facts=facts)
    return Change((call,), (after,), (event,), causes=(f"call:{call.call}",))


def change_lines(call: Call, lines: Sequence[str], now_ms: int, overflow: str = "") -> Change:
    """The call asks for less, or of others; clock and place are kept. Where it stands is worked out at each save.

    `overflow` are the other queues it stands in from now on, if that is what changed.
    """
    event = Event("line_changed", now_ms, call.call, facts={"lines": " ".join(lines)})
    after = replace(call, overflow=overflow or call.overflow)
    return Change((call,), (after,), (event,), causes=(f"call:{call.call}",))


def still_waiting(call: Call, now_ms: int) -> Change:
    """The wait loop came round: the caller is there, so the next check at the carrier can be later."""
    return Change(dues=((f"check:{call.call}", now_ms + WAIT_CHECK_MS),))


def join(call: Call, offer: Offer, now_ms: int) -> Change:
    """The caller's leg asked for the conference: caller and agent are together from here."""
    if call.status != "talking" or call.joined or call.offer != offer.offer:
        return NOTHING
    event = Event("joined", now_ms, call.call, call.agent, call.offer)
    return Change((call,), (replace(call, joined=1),), (event,), orders=consent.begin(call))


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


def waiting(before: tuple[Call, ...], after: Call, event: Event, now_ms: int) -> Change:
    """The change that puts a call into its lines, with the time at which its leg is looked for."""
    due = (f"check:{after.call}", now_ms + WAIT_CHECK_MS)
    return Change(before, (after,), (event,), (due,), causes=(f"call:{after.call}",))
