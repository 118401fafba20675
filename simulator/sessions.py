"""Browsers as phones: which lines each of them is, the calls in its hands, and what it is told about them.

An agent's softphone is one session (one line, `client:identity`); a page of handsets is one session with the lines of
all its handsets. While a session lives, its lines are answered by hand; before and after, by script or not at all. A
session ends when it says so, or LAPSE_MS after its last event stream is gone.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.captions import Captions
from simulator.endings import ELSEWHERE
from simulator.legs import Leg
from simulator.people import MANUAL, Script
from simulator.ringback import ringback
from simulator.wire import Wire

if TYPE_CHECKING:
    from simulator.network import Network

LAPSE_MS = 15_000
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
WITHHELD = "anonymous"


@dataclass(eq=False)
class Session:
    """One browser. `legs` are in its hands (ringing ones too), `hung_up` those that it ended itself."""

    key: str
    identity: str = ""
    application_sid: str = ""
    lines: set[str] = field(default_factory=set)
    legs: set[str] = field(default_factory=set)
    hung_up: set[str] = field(default_factory=set)
    wire: Wire = field(default_factory=Wire)
    readers: int = 0
    readings: int = 0


class Sessions:
    """All browsers of a network, by the key that each was given."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self._by_key: dict[str, Session] = {}
        self._scripts: dict[str, Script | None] = {}
        net.listen(Captions(net, self).tell)

    # coming and going

    def open(self, lines: set[str], identity: str = "", application_sid: str = "") -> Session:
        """A browser begins to be these lines; it has LAPSE_MS to open its event stream."""
        with self._net.turn():
            session = Session(self._net.sids.token(), identity, application_sid)
            self._by_key[session.key] = session
            self.hold(session, lines)
            session.wire.tell("registered", {"identity": identity, "at_ms": self._net.now_ms})
            self._net.clock.after(LAPSE_MS, partial(self._lapse, session, session.readings))
            return session

    def find(self, key: object) -> Session:
        """The session of that key. Raises LookupError."""
        session = self._by_key.get(key) if isinstance(key, str) else None
        if session is None:
            raise LookupError("this phone is not registered (any more); register it again")
        return session

    def hold(self, session: Session, lines: set[str]) -> None:
        """Be these lines from now on, and no others."""
        with self._net.turn():
            given_up, taken = session.lines - lines, lines - session.lines
            session.lines = set(lines)
            for line in taken:
                self._scripts.setdefault(line, self._net.people.get(line))
                self._net.people[line] = MANUAL
            for line in given_up:
                self._release(line)

    def _release(self, line: str) -> None:
        """With the last browser gone, the script from before is back, unless a new one was written meanwhile."""
        if any(line in other.lines for other in self._by_key.values()):
            return
        before = self._scripts.pop(line, None)
        if self._net.people.get(line) is not MANUAL:
            return
        del self._net.people[line]
        if before is not None:
            self._net.people[line] = before

    def read(self, session: Session, after: int, gone: Callable[[], bool]) -> Iterator[bytes]:
        """The event stream of a session from event number `after` on."""
        with self._net.turn():
            session.readers += 1
            session.readings += 1
        try:
            yield from session.wire.frames(after, gone)
        finally:
            with self._net.turn():
                session.readers -= 1
                self._net.clock.after(LAPSE_MS, partial(self._lapse, session, session.readings))

    def _lapse(self, session: Session, readings: int) -> None:
        if session.key in self._by_key and not session.readers and session.readings == readings:
            self._hand_over(session)
            self.close(session)

    def _hand_over(self, session: Session) -> None:
        """A browser that lost its connection and came back as a new session goes on with its calls there."""
        heirs = [one for one in self._by_key.values() if one is not session and one.identity == session.identity]
        if session.identity and heirs:
            heirs[-1].legs |= session.legs
            session.legs.clear()

    def close(self, session: Session) -> None:
        """A browser is gone: its calls are hung up (what only rings there goes on ringing), its lines released."""
        with self._net.turn():
            if self._by_key.pop(session.key, None) is None:
                return
            self.hold(session, set())
            for sid in list(session.legs):
                leg = self._net.leg(sid)
                if leg.inbound or leg.status == "in-progress":
                    self._net.hang_up(sid)
            session.wire.close()

    # what its person does

    def call(self, session: Session, from_: str, to: str, params: dict[str, str] | None = None) -> Leg:
        """Call `to` as `from_`. Raises ValueError when nobody can be called like that."""
        with self._net.turn():
            leg = self._net.place_call(from_, to, "manual", params)
            session.legs.add(leg.sid)
            self.rings(leg)
            return leg

    def answer(self, session: Session, sid: str) -> bool:
        """Pick up; every other phone that rings with this call stops. False when it does not ring any more."""
        with self._net.turn():
            leg = self._own(session, sid)
            if leg.status != "ringing" or leg.inbound:
                return False
            for other in self.holding(leg):
                if other is not session:
                    other.legs.discard(sid)
                    other.wire.tell("ended", {"leg": sid, "status": "canceled", "reason": ELSEWHERE})
            return self._net.answer(sid)

    def decline(self, session: Session, sid: str) -> bool:
        """Refuse a ringing call."""
        return self._net.decline(self._own(session, sid).sid)

    def press(self, session: Session, sid: str, keys: str) -> bool:
        """Press keys."""
        return self._net.press(self._own(session, sid).sid, keys)

    def say(self, session: Session, sid: str, text: str) -> bool:
        """Speak."""
        return self._net.say(self._own(session, sid).sid, text)

    def hang_up(self, session: Session, sid: str) -> bool:
        """End a call."""
        with self._net.turn():
            leg = self._own(session, sid)
            if not leg.ended:
                session.hung_up.add(sid)
            return self._net.hang_up(sid)

    def _own(self, session: Session, sid: str) -> Leg:
        leg = self._net.leg(sid)
        if sid not in session.legs and leg.line not in session.lines:
            raise LookupError(f"this phone has no call {sid}")
        return leg

    # who is to be told

    def holding(self, leg: Leg) -> list[Session]:
        """The sessions in whose hands a leg is."""
        return [session for session in self._by_key.values() if leg.sid in session.legs]

    def rings(self, leg: Leg) -> None:
        """A leg rings: a call that was placed here, or one that comes in to a line that some sessions are."""
        if not leg.inbound:
            for session in self._by_key.values():
                if leg.line in session.lines:
                    session.legs.add(leg.sid)
        parties = {"leg": leg.sid, "from": leg.from_, "to": leg.to, "incoming": not leg.inbound}
        told: dict[str, Any] = {
            **parties,
            "at_ms": self._net.now_ms,
            "parameters": {"CallSid": leg.sid, "From": leg.from_, "To": leg.to, **leg.params},
            **ringback(self._net.country_of(leg.to)),
        }
        for session in self.holding(leg):
            session.wire.tell("ringing", told)
