"""A leg: one phone connection, with what is told about it (status webhooks) and what its person hears."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from simulator.callbacks import Sink
from simulator.program import Program

if TYPE_CHECKING:
    from simulator.actor import Actor

ENDED = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
BEFORE_ANSWER = frozenset({"queued", "initiated", "ringing"})


@dataclass(frozen=True)
class Heard:
    """One thing that the person at a leg hears or does: kind is say, play, ring, music, beep, talk, key or speech."""

    at_ms: int
    kind: str
    text: str = ""
    language: str = ""
    voice: str = ""


@dataclass(frozen=True)
class Target:
    """A document to fetch (url) or to run as it is (inline); `extra` are parameters beside the leg's own."""

    url: str = ""
    method: str = "POST"
    inline: bytes | None = None
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ear:
    """A Gather or Record that listens: to which kinds of input, and which program gets them."""

    keys: bool
    speech: bool
    program: Program
    kind: str = "gather"


@dataclass
class Leg:
    """One connection. `main` runs its TwiML; `side` plays beside it (wait documents, hold music, announcements)."""

    sid: str
    from_: str
    to: str
    direction: str
    created_ms: int
    status: str = "queued"
    parent_sid: str = ""
    application_sid: str = ""
    number_sid: str = ""
    params: dict[str, str] = field(default_factory=dict)
    sink: Sink | None = None
    fallback: Target | None = None
    queue_time_ms: int = 0
    dialled_ms: int | None = None
    rang_ms: int | None = None
    answered_ms: int | None = None
    ended_ms: int | None = None
    updated_ms: int = 0
    answered_by: str = ""
    sip_code: int = 200
    main: Program | None = None
    side: Program | None = None
    ear: Ear | None = None
    actor: "Actor | None" = None
    talking: bool = False
    heard: list[Heard] = field(default_factory=list)
    on_answered: Callable[["Leg"], None] | None = None
    on_ended: list[Callable[["Leg"], None]] = field(default_factory=list)

    @property
    def ended(self) -> bool:
        """Whether it has a final status."""
        return self.status in ENDED

    @property
    def inbound(self) -> bool:
        """Whether a person called us on it."""
        return self.direction == "inbound"

    @property
    def line(self) -> str:
        """The person's own number or client: the caller's of an inbound leg, the called one's of any other."""
        return self.from_ if self.inbound else self.to

    @property
    def duration_s(self) -> int:
        """Whole seconds from the answer to the end; 0 when never answered."""
        if self.answered_ms is None or self.ended_ms is None:
            return 0
        return (self.ended_ms - self.answered_ms) // 1000

    @property
    def script_ok(self) -> bool:
        """Whether the person did all that its script says, and the call ended the way the script says."""
        return self.actor is not None and self.actor.verdict()[0]

    @property
    def script_reason(self) -> str:
        """Why `script_ok` is what it is, in plain words."""
        return self.actor.verdict()[1] if self.actor else "nobody is at this leg"

    def said(self) -> list[str]:
        """The texts that were spoken to this person, in order."""
        return [entry.text for entry in self.heard if entry.kind == "say"]

    def as_json(self) -> dict[str, Any]:
        """What the control interface shows."""
        ok, reason = self.actor.verdict() if self.actor else (False, "nobody is at this leg")
        return {
            "call": self.sid,
            "parent": self.parent_sid or None,
            "from": self.from_,
            "to": self.to,
            "line": self.line,
            "direction": self.direction,
            "status": self.status,
            "created_at_ms": self.created_ms,
            "ringing_at_ms": self.rang_ms,
            "answered_at_ms": self.answered_ms,
            "ended_at_ms": self.ended_ms,
            "talking": self.talking,
            "gathering": self.ear is not None and self.ear.kind == "gather",
            "heard": [vars(entry) for entry in self.heard],
            "script": self.actor.progress() if self.actor else [],
            "ended_as_scripted": ok if self.ended else None,
            "reason": reason,
        }
