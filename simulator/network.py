"""The simulated phone network, assembled: what a test, the REST interface and the control interface hold in their
hands.

Stepped (`send` given): the owner moves the clock, everything happens inline in one thread. Live (`start`): a thread
runs what is due, webhooks go out over HTTP, and every entry takes the network's lock.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import RLock
from typing import TYPE_CHECKING, Any

from simulator.cadence import country_of
from simulator.callbacks import Callbacks
from simulator.clock import Clock
from simulator.conferences import Conferences
from simulator.courier import Courier, Send, Sent
from simulator.exchange import Exchange
from simulator.faults import Faults
from simulator.legs import Ear, Heard, Leg, Target
from simulator.messages import Messages
from simulator.names import Sids
from simulator.numbers import Directory, Endpoint
from simulator.params import voice_params
from simulator.people import MANUAL, NEVER, Script, line_script
from simulator.phones import Phones
from simulator.queues import Queues
from simulator.realtime import LiveClock
from simulator.recordings import Recordings
from simulator.transport import http_pool, http_send
from simulator.verbs import VERBS
from simulator.voices import spoken_ms

if TYPE_CHECKING:
    from flask import Flask

MOST_KEPT = 20_000


@dataclass
class Request:
    """One REST request as it came in."""

    at_ms: int
    method: str
    path: str
    form: dict[str, str]
    status: int = 0
    repeated: dict[str, list[str]] = field(default_factory=dict)


class Network:
    """A phone network with one account on it."""

    def __init__(
        self,
        account_sid: str = "AC" + "0" * 32,
        auth_token: str = "token",  # noqa: S107 - nobody's: a network in a test
        api_key: str = "SK" + "0" * 32,
        api_secret: str = "secret",  # noqa: S107
        now_ms: int = 0,
        send: Send | None = None,
        cps: float = 50,
        seed: int = 1,
        base_url: str = "https://api.twilio.com",
    ) -> None:
        self.account_sid, self.auth_token = account_sid, auth_token
        self.api_key, self.api_secret = api_key, api_secret
        self.base_url = base_url
        self.lock = RLock()
        self.live = LiveClock(self.lock) if send is None else None
        self.clock = self.live or Clock(now_ms)
        self.luck = random.Random(seed)
        self.sids = Sids(seed)
        self.faults = Faults()
        self.verbs = VERBS
        self.courier = Courier(self, send or http_send, None if send else http_pool())
        self.callbacks = Callbacks(self)
        self.exchange = Exchange(self, cps)
        self.queues = Queues(self)
        self.conferences = Conferences(self)
        self.recordings = Recordings(self)
        self.messages = Messages(self)
        self.directory = Directory()
        self.people: dict[str, Script] = {}
        self.countries: dict[str, str] = {}
        self.file_lengths: dict[str, int] = {}
        self.warnings: list[str] = []
        self.requests: list[Request] = []
        self.deliveries: list[Sent] = []
        phones = Phones(self)
        self.place_call, self.answer, self.decline = phones.place_call, phones.answer, phones.decline
        self.press, self.say, self.hang_up = phones.press, phones.say, phones.hang_up
        self._listeners: list[Callable[[dict[str, Any]], None]] = []
        self._tickets = 0

    # the clock

    @property
    def now_ms(self) -> int:
        """The instant it is on this network, UTC ms."""
        return self.clock.now_ms

    def next_due_ms(self) -> int | None:
        """When something happens next on this network (UTC ms), or None."""
        return self.clock.next_due_ms()

    def run_next(self) -> bool:
        """Run exactly one event, moving the clock to it; False when nothing is due, ever."""
        return self.clock.run_next()

    def advance_to(self, ms: int) -> None:
        """Run everything due up to `ms`, in the order of (instant, sequence), then stand at `ms`."""
        self.clock.advance_to(ms)

    def pass_time(self, ms: int) -> None:
        """Let time pass for somebody who waits for an answer: a stepped clock moves on, a live caller sleeps."""
        if self.live:
            self.live.sleep(ms)
        else:
            self.advance_to(self.now_ms + ms)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One turn at the network's state; nobody else changes it meanwhile."""
        with self.lock:
            yield
            for kept in (self.requests, self.deliveries, self.warnings):
                if self.live and len(kept) > MOST_KEPT:
                    del kept[: MOST_KEPT // 2]

    def start(self) -> None:
        """Begin to live in real time (a network with `send` is stepped, and does not)."""
        if self.live:
            self.live.start()

    def stop(self) -> None:
        """Stop living; nothing runs after this returns."""
        if self.live:
            self.live.stop()
        self.courier.close()

    @cached_property
    def app(self) -> "Flask":
        """The WSGI face: REST under /2010-04-01, control under /control."""
        from simulator.face import face  # the face is built from the network, not the network from it

        return face(self)

    # numbers and people

    def number(
        self, number: str, voice_url: str = "", fallback_url: str = "", status_callback: str = "", sid: str = ""
    ) -> Endpoint:
        """Give the account a number and set its URLs; an existing one is changed."""
        urls = {"voice_url": voice_url, "voice_fallback_url": fallback_url, "status_callback": status_callback}
        known = self.directory.numbers.get(number)
        if known is None:
            known = Endpoint(sid or self.sids.make("PN"), number, self.now_ms, self.now_ms)
            self.directory.numbers[number] = known
        known.urls |= urls
        return known

    def application(
        self, sid: str = "", voice_url: str = "", fallback_url: str = "", status_callback: str = ""
    ) -> Endpoint:
        """Give the account a TwiML application, whose document browser clients get when they call."""
        urls = {"voice_url": voice_url, "voice_fallback_url": fallback_url, "status_callback": status_callback}
        sid = sid or self.sids.make("AP")
        application = Endpoint(sid, "Third Ring", self.now_ms, self.now_ms, urls)
        self.directory.applications[sid] = application
        return application

    def person(self, line: str, script: str | list[Any], country: str = "") -> Script:
        """Script who is at a line (a number or `client:name`); `country` (ISO) sets its ring. Raises ScriptError."""
        self.people[line] = line_script(script)
        if country:
            self.countries[line] = country
        return self.people[line]

    def script_of(self, line: str) -> Script:
        """Who answers at a line; an unknown one rings for ever."""
        return self.people.get(line, NEVER)

    def country_of(self, line: str) -> str:
        """The country whose ring a line has; for a client without one, India."""
        return self.countries.get(line) or ("IN" if line.startswith("client:") else country_of(line))

    # legs

    def leg(self, sid: str) -> Leg:
        """The leg of that SID. Raises LookupError."""
        if sid not in self.exchange.legs:
            raise LookupError(f"there is no leg {sid}")
        return self.exchange.legs[sid]

    def legs_at(self, line: str) -> list[Leg]:
        """The live legs whose person is at `line`, oldest first."""
        return [leg for leg in self.exchange.legs.values() if leg.line == line and not leg.ended]

    # what the parts tell

    def listen(self, callback: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Be told every change of state and everything heard, as JSON objects; returns how to stop that."""
        self._listeners.append(callback)
        return partial(self._listeners.remove, callback)

    def tell(self, news: dict[str, Any]) -> None:
        """Tell all listeners."""
        for listener in list(self._listeners):
            listener(news)

    def note(self, leg: Leg, kind: str, text: str = "", language: str = "", voice: str = "") -> None:
        """Write down what the person at a leg hears or does."""
        heard = Heard(self.now_ms, kind, text, language, voice)
        leg.heard.append(heard)
        self.tell({"type": "heard", "call": leg.sid, **vars(heard)})

    def listen_to(self, leg: Leg, ear: Ear | None) -> None:
        """A Gather or Record begins (or stops) to listen on a leg."""
        leg.ear = ear
        self.tell({"type": "listening", "call": leg.sid, "kind": ear.kind if ear else None, "at_ms": self.now_ms})
        if ear and leg.actor:
            leg.actor.listened()

    def set_talking(self, leg: Leg, talking: bool) -> None:
        """A conversation begins or stops at a leg."""
        if leg.talking == talking:
            return
        leg.talking = talking
        if talking:
            self.note(leg, "talk")
        self.tell({"type": "talk", "call": leg.sid, "talking": talking, "at_ms": self.now_ms})
        if leg.actor:
            leg.actor.talks(talking)

    def post_unanswered(self, leg: Leg, target: Target) -> None:
        """Request a URL whose answer controls nothing any more."""
        params = {**voice_params(leg, self.account_sid), **target.extra}
        self.callbacks.post("action", leg.sid, target.method, target.url, params)

    def warn(self, code: int, message: str) -> None:
        """What Twilio's debugger would show."""
        self.warnings.append(f"{code} {message}")
        self.tell({"type": "warning", "code": code, "message": message, "at_ms": self.now_ms})

    def next_ticket(self) -> int:
        """A number that nobody else has, to know an answer by."""
        self._tickets += 1
        return self._tickets

    def speech_ms(self, text: str) -> int:
        """How long a person or voice takes to say this."""
        return spoken_ms(text)

    def is_manual(self, line: str) -> bool:
        """Whether somebody outside (a browser phone) answers for this line."""
        return self.script_of(line) == MANUAL
