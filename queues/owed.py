"""Cases opened, taken and resolved: what the doors, the callbacks and the pages share.

A message's case is in SQL before the caller is told of it. While SQL is away the event keeps it, and nothing is
promised.
"""

from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cases import case
from cases.case import Case, Recording
from center import Center
from queues import lifecycle, partings
from queues.records import Call, Change, Event

log = structlog.get_logger()


def open_message(center: Center, call: Call, recording: str, seconds: int) -> Case | None:
    """A message was left: its case, in SQL. None when SQL is away; the event stream has it then."""
    now_ms = center.now_ms()
    kept = _known(center, case.opened("voicemail", call, now_ms, recording))
    facts: dict[str, str | int] = {"recording": recording, "kind": "voicemail", "seconds": seconds}
    made = Event("recorded", now_ms, call.call, facts=facts)
    if not tell(center, call.call, replace(case.event_of(kept), at_ms=now_ms), made):
        return message_of(center, call.call)  # old news, perhaps of a message that was bettered since
    try:
        center.history.cases.open(kept, Recording(recording, call.call, "voicemail", now_ms, seconds=seconds))
    except SQLAlchemyError as error:
        log.warning("case_opened_later", case=kept.id, error=type(error).__name__)
        return None
    return kept


def tell(center: Center, sid: str, *events: Event) -> bool:
    """What was heard of a call, kept once. False when it was heard before; a call that Redis forgot is told again."""

    def decide() -> Change:
        call = center.live.call(sid)
        return lifecycle.note(call, *events) if call else Change(events=events)

    return bool(center.live.settle(decide, center.now_ms()))


def _known(center: Center, fresh: Case) -> Case:
    """The case with the due time it was opened with: a message that is recorded again is not due later for it."""
    try:
        known = center.history.cases.find(fresh.id)
    except SQLAlchemyError:
        return fresh
    return replace(known, recording=fresh.recording) if known else fresh


def message_of(center: Center, call: str) -> Case | None:
    """The case of the message that was left in a call; None when there is none or SQL is away."""
    try:
        return next(iter(center.history.cases.listed("", "voicemail", call)), None)
    except SQLAlchemyError:
        return None


def end_call(center: Center, call: Call, outcome: str, by: str = "service") -> None:
    """The caller is done at the voicemail door."""
    now_ms = center.now_ms()
    center.live.settle(lambda: partings.finish(center.live.call(call.call) or call, outcome, now_ms, by), now_ms)


def with_case(change: Change, call: Call, now_ms: int) -> Change:
    """The change that gives up a callback, with the case that a person now owes the caller."""
    if not change:
        return change
    return replace(change, events=(*change.events, case.event_of(case.opened("callback_failed", call, now_ms))))


def take(center: Center, found: Case, who: str) -> bool:
    """Somebody takes a case. False when another was quicker."""
    now_ms = center.now_ms()
    if not center.history.cases.take(found.id, who, now_ms):
        return False
    event = Event("case_taken", now_ms, found.call, facts={"case": found.id, "who": who})
    center.live.commit(Change(events=(event,)), now_ms)
    return True


def resolve(center: Center, found: Case, who: str, note: str) -> bool:
    """The case is done, with what came of it. False when it was before.

    The event goes first: its clock stops by the event, and what it says is written again if SQL fails here.
    """
    now_ms = center.now_ms()
    if found.status != "open":
        return False
    facts: dict[str, str | int] = {"case": found.id, "caller": found.number, "who": who, "note": note}
    event = Event("case_resolved", now_ms, found.call, facts=facts)
    center.live.commit(Change(events=(event,)), now_ms)
    return center.history.cases.resolve(found.id, who, note, now_ms)
