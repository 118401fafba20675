"""A case: something we owe a caller after the call, due within a day, and what becomes of it. Pure.

Its id follows from the call, so that whoever opens it, and how often, there is one. It is opened in SQL before the
caller hears of it (`adapters/history_cases.py`); what the events say of it afterwards gives the same row again.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from queues.records import Call, Event

Kind = Literal["voicemail", "callback_failed"]

DUE_MS = 86_400_000
# A message is at least this long; what is shorter was a breath or a hang-up.
SHORTEST_S = 2
ERASED = "erased"


@dataclass(frozen=True)
class Case:
    """One case. Times in UTC ms, 0 for not yet; `recording` is the message, `who` has taken it."""

    id: str
    kind: str
    call: str
    number: str
    caller_name: str
    queue: str
    language: str
    created_ms: int
    due_ms: int
    recording: str = ""
    status: str = "open"
    who: str = ""
    taken_ms: int = 0
    resolved_by: str = ""
    resolved_ms: int = 0
    note: str = ""


@dataclass(frozen=True)
class Recording:
    """One recording at the carrier: of which call, what it is of, how long, and its words where they are known.

    `status` is the carrier's word, or `erased`, after which it says nothing new.
    """

    recording: str
    call: str
    kind: str
    made_ms: int
    status: str = "processing"
    seconds: int = 0
    words: str = ""


def opened(kind: Kind, call: Call, now_ms: int, recording: str = "") -> Case:
    """The case of a call, due a day from now whatever the day: people count hours, not opening hours."""
    return Case(
        id="CS" + sha256(f"{kind} {call.call}".encode()).hexdigest()[:32],
        kind=kind,
        call=call.call,
        number=call.caller,
        caller_name=call.name,
        queue=call.queue,
        language=call.language,
        created_ms=now_ms,
        due_ms=now_ms + DUE_MS,
        recording=recording,
    )


def event_of(case: Case) -> Event:
    """That a case was opened, with all that is needed to write it down later."""
    facts: dict[str, str | int] = {
        "case": case.id,
        "kind": case.kind,
        "caller": case.number,
        "caller_name": case.caller_name,
        "queue": case.queue,
        "language": case.language,
        "due_ms": case.due_ms,
        "recording": case.recording,
    }
    return Event("case_opened", case.created_ms, case.call, facts=facts)


def told(event: Event) -> Case:
    """The case that such an event tells of."""
    facts = {name: str(value) for name, value in event.facts.items()}
    return Case(
        id=facts["case"],
        kind=facts["kind"],
        call=event.call,
        number=facts.get("caller", ""),
        caller_name=facts.get("caller_name", ""),
        queue=facts.get("queue", ""),
        language=facts.get("language", ""),
        created_ms=event.at_ms,
        due_ms=int(facts["due_ms"]),
        recording=facts.get("recording", ""),
    )


def erased(recording: Recording, why: str, now_ms: int) -> Event:
    """That a recording was deleted at the carrier, and why: `replaced` by a newer message, or `old`."""
    return Event("recording_erased", now_ms, recording.call, facts={"recording": recording.recording, "why": why})


def spoken_s(duration_s: int, silence_s: int, ended_by_silence: bool) -> int:
    """How long somebody spoke into a recording that nothing was cut off from."""
    return max(0, duration_s - (silence_s if ended_by_silence else 0))
