"""The nouns of live state, and `Change`: what one move wants saved, all of it or nothing.

Every record is flat (text and whole numbers), because a record is one Redis hash and the atomic scripts set single
fields in it. Empty text and 0 mean "not yet". `version` is what a save is checked against.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self
from zlib import crc32

# The version of a record that was not loaded.
EXPECTED = -1


@dataclass(frozen=True)
class Record:
    """One hash of live state. `kind` and the field named by `id_field` make its key.

    `loaded` is the hash that it was made from, carried along by every copy, so that a save knows what is new. `unseen`
    are the fields that no page shows.
    """

    kind: ClassVar[str] = ""
    id_field: ClassVar[str] = ""
    unseen: ClassVar[frozenset[str]] = frozenset()
    version: int = 0
    loaded: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def id(self) -> str:
        """What names this record among its kind."""
        return str(getattr(self, self.id_field))

    @property
    def key(self) -> str:
        """Where it lies in Redis, without the service's prefix."""
        return f"{self.kind}:{self.id}"

    def to_hash(self) -> dict[str, str]:
        """Field → text."""
        return {name: str(value) for name, value in vars(self).items() if name != "loaded"}

    def news(self, version: int) -> dict[str, str]:
        """Field → text of what a hash of this version lacks: all, unless this record was made from that very one.

        Without the version, which the save counts on.
        """
        known = self.loaded if version and self.version == version else {}
        if version == EXPECTED:
            known = {**_nothing_said(type(self)), **known}  # type: ignore[arg-type]  # a class can be hashed
        texts = self.to_hash().items()
        return {name: text for name, text in texts if known.get(name) != text and name != "version"}

    @classmethod
    def expected(cls, **values: str | int) -> Self:
        """A record that was not loaded. Saving it checks what is named here, and writes only what a move changes."""
        named = {name: str(value) for name, value in values.items()}
        return cls(version=EXPECTED, loaded=named, **values)

    @classmethod
    def from_hash(cls, row: Mapping[str, str]) -> Self:
        """The record back from `to_hash`; unknown fields are passed over."""
        whole = _whole(cls)  # type: ignore[arg-type]  # a class can be hashed
        values: dict[str, Any] = {
            name: int(text) if whole[name] else text for name, text in row.items() if name in whole
        }
        return cls(loaded=row, **values)


@cache
def _whole(kind: type[Record]) -> dict[str, bool]:
    """Field → whether it is a whole number; asked for every record that is loaded."""
    return {f.name: f.type is int for f in fields(kind) if f.name != "loaded"}


@cache
def _nothing_said(kind: type[Record]) -> dict[str, str]:
    """The hash of a record of which nothing was said."""
    return kind().to_hash()


@dataclass(frozen=True)
class Call(Record):
    """One caller's visit, from the first webhook to wrap-up done. Its id is the first leg's CallSid.

    `also` are the numbers of further live offers, where a queue rings several agents at once. `recent` is 1 for one who
    called in the day before; `owed_callback_ms` is until when they were promised a call when they called,
    `owed_case_ms` when the first of their open cases was due; `forwarded_ms` is when another number answered to which
    the caller was forwarded; `given` are the values keyed in or looked up at the menu, as JSON by name, unconfirmed
    ones with a `?` behind the name.
    `flow` is the version of the menu that the caller began with, `node` where in it they were asked last.

    A caller who is to be called back has left: `callback` is the promise, `leg` the leg we dialled, `not_before_ms`
    when the next attempt may stand in line, `promised_ms` to `until_ms` the window that was said.

    `told_*` is what the caller was last told of the wait, and when: its median, within how long they were promised a
    person (0 with a moment: that nobody is there), and their place. `survey_ms` is when they were asked how it was,
    `consent` what they answered when asked whether the conversation may be recorded; `noted` are the marks of what has
    been heard of the call beside its status, so that hearing it again changes nothing.
    """

    kind: ClassVar[str] = "call"
    id_field: ClassVar[str] = "call"
    unseen: ClassVar[frozenset[str]] = frozenset({"steps", "node"})
    call: str = ""
    status: str = "menu"
    outcome: str = ""
    caller: str = ""
    called: str = ""
    name: str = ""
    country: str = ""
    language: str = ""
    flow: str = ""
    node: str = ""
    steps: int = 0
    queue: str = ""
    needs: str = ""
    preferred: str = ""
    overflow: str = ""
    position_ms: int = 0
    received_ms: int = 0
    enqueued_ms: int = 0
    answered_ms: int = 0
    ended_ms: int = 0
    recent: int = 0
    owed_callback_ms: int = 0
    owed_case_ms: int = 0
    given: str = ""
    forwarded_ms: int = 0
    agent: str = ""
    offer: int = 0
    also: str = ""
    agent_leg: str = ""
    joined: int = 0
    wrap_up_ms: int = 0
    extended: int = 0
    leg_status: str = ""
    callback: str = ""
    leg: str = ""
    attempts: int = 0
    not_before_ms: int = 0
    promised_ms: int = 0
    until_ms: int = 0
    told_ms: int = 0
    told_lo_ms: int = 0
    told_hi_ms: int = 0
    told_place: int = 0
    survey_ms: int = 0
    consent: str = ""
    noted: str = ""

    @property
    def caller_leg(self) -> str:
        """The leg on which the caller is, or was last."""
        return self.leg or self.call


@dataclass(frozen=True)
class Agent(Record):
    """What is true of an agent now. `status` is what they chose, `activity` what the system sees."""

    kind: ClassVar[str] = "agent"
    id_field: ClassVar[str] = "agent"
    agent: str = ""
    status: str = "offline"
    reason: str = ""
    activity: str = "idle"
    needs_device: int = 0
    call: str = ""
    offer: int = 0
    since_ms: int = 0
    idle_since_ms: int = 0
    idle_ms: int = 0
    device_until_ms: int = 0
    standing_leg: str = ""
    missed: int = 0

    @property
    def on_duty(self) -> bool:
        """True when this agent takes calls: free, or with one now and ready for the next."""
        return self.status == "available" and self.activity != "no_device"


@dataclass(frozen=True)
class Offer(Record):
    """One call rung to one agent, until accepted, declined, missed or withdrawn. The number is its fence: it grows."""

    kind: ClassVar[str] = "offer"
    id_field: ClassVar[str] = "offer"
    offer: int = 0
    call: str = ""
    agent: str = ""
    leg: str = ""
    status: str = "placed"
    leg_status: str = ""
    offered_ms: int = 0
    dialled_ms: int = 0
    ringing_ms: int = 0
    picked_up_ms: int = 0
    standing: int = 0
    limit_ms: int = 0
    ended_ms: int = 0


@dataclass(frozen=True)
class Event:
    """One thing that happened to a call or an agent, as it goes to the recorder. `at_ms` is our arrival time."""

    name: str
    at_ms: int
    call: str = ""
    agent: str = ""
    offer: int = 0
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def to_fields(self) -> list[str]:
        """Flat name, value, name, value, as a Redis stream entry wants it; empty ones are left out."""
        row = {"name": self.name, "at_ms": self.at_ms, "call": self.call, "agent": self.agent, "offer": self.offer}
        return [str(part) for pair in (row | dict(self.facts)).items() if pair[1] not in ("", 0) for part in pair]


@dataclass(frozen=True)
class Order:
    """Something to ask of the phone network: `ring` an offer, `move` a caller, `dial` one who is to be called back,
    `cancel` or `end` a leg, `check` a call, send a `message`.

    `slot_ms` is the moment at which the account's limit lets a created leg leave; `to` and `text` are a message's.
    """

    do: str
    offer: int = 0
    call: str = ""
    leg: str = ""
    slot_ms: int = 0
    to: str = ""
    text: str = ""

    @property
    def id(self) -> str:
        """The same order twice is one order, and so is the same text to the same call."""
        about = f"{self.do}:{self.offer or self.leg or self.call}"
        return f"{about}:{crc32(self.text.encode()):08x}" if self.text else about


@dataclass(frozen=True)
class Change:
    """What one move wants saved in one atomic step. An empty change means: nothing to do, the moment has passed."""

    before: tuple[Record, ...] = ()
    after: tuple[Record, ...] = ()
    events: tuple[Event, ...] = ()
    dues: tuple[tuple[str, int], ...] = ()
    orders: tuple[Order, ...] = ()
    causes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.after or self.events or self.dues or self.orders or self.causes)

    def record(self, kind: type[Record]) -> Record | None:
        """The changed record of that kind, if there is one."""
        return next((row for row in self.after if isinstance(row, kind)), None)


NOTHING = Change()
CLEARED = -1
