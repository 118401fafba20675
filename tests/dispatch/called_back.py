"""Callbacks in the random lives: callers ask for one in line or on their page, and do anything when their phone rings.

The rules here are part of the machine in test_machine.py; what must be true of promises is asked after each of its
steps, and in the end every promise that is still open is kept.
"""

from collections import Counter
from urllib.parse import parse_qs, urlsplit

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from center import Center
from queues import call_windows, calling_back
from queues.callback import HALF_HOUR_MS, Promise, Window
from queues.calling_back import NotPromised
from queues.lost_promises import STILL_RINGING_MS
from queues.recorder import record_once
from queues.records import Call
from simulator import Leg, Network
from tests.dispatch.floor_state import FloorState
from tests.dispatch.mortal import MortalWorld
from tests.dispatch.told_order import ToldOrder

NUMBERS = tuple(f"+91989800011{digit}" for digit in range(7))
CALLED = (
    "answer@2rings, press 1 on gather, hang up after 6s of talk",
    "answer@1ring, press 1 on gather",
    "answer@3rings, press 2 on gather",
    "answer@1ring",
    "answer@2rings, press 1 after 4s, hang up after 1s of talk",
    "voicemail@2rings",
    "decline@2s",
    "never",
    "busy",
    "manual",
)
WELCOME = "answer@1ring, press 1 on gather, hang up after 3s of talk"
REST_S = 7_200
MOST_HALF_HOURS = 6
# What is asked with which keys: soon, at one of three times, a message instead, something that is no choice.
WISHES = ("11", "11", "11", "121", "22", "4", "19", "3")
some = st.integers(0, 7)


class CalledBack(RuleBasedStateMachine):
    """What callers and supervisors do with promises, and what must be true of them."""

    world: MortalWorld
    net: Network
    center: Center
    told: ToldOrder
    callers: list[Leg]
    swept: bool = True
    kept: Counter[str]

    # -- what is done with promises -------------------------------------------------------------------------------

    @rule(which=some, keys=st.sampled_from(WISHES))
    def caller_asks_in_line(self, which: int, keys: str) -> None:
        waiting = [leg for leg in self.callers if not leg.ended and self.world.status(leg) == "waiting"]
        if waiting:
            leg = waiting[which % len(waiting)]
            for key in keys:
                self.net.press(leg.sid, key)
                self.world.run(0.3)

    @rule(which=some, deed=st.sampled_from(["callback", "callback", "move", "later", "cancel", "first"]))
    def promise_is_changed(self, which: int, deed: str) -> None:
        """On the caller's page, or by a supervisor."""
        calls = [call for call in self.center.live.calls() if bool(call.callback) == (deed != "callback")]
        if not calls:
            return
        call, now_ms = calls[which % len(calls)], self.net.now_ms
        match deed:
            case "callback":
                self._switches(call)
            case "move":
                for slot in call_windows.slots(self.center, call.queue, call.caller, most=1):
                    calling_back.move(self.center, call.call, slot, "caller")
            case "later":
                said = Window(now_ms + 300_000, now_ms + 300_000 + HALF_HOUR_MS)
                calling_back.move(self.center, call.call, said, "supervisor")
            case "cancel":
                calling_back.end(self.center, call.call, "cancelled", "supervisor")
            case _:
                calling_back.call_next(self.center, call.call)

    def _switches(self, call: Call) -> None:
        """From waiting on the line to a callback, on the caller's page, as consoles/caller_page.py does it."""
        if not call_windows.possible(self.center, call):
            return
        try:
            calling_back.promise(self.center, call, call_windows.soon(self.center, call))
        except NotPromised:
            return
        self.center.live.commit(calling_back.hang_up(call), self.net.now_ms)

    @rule(number=st.sampled_from(NUMBERS), script=st.sampled_from(CALLED))
    def called_person_changes(self, number: str, script: str) -> None:
        self.net.person(number, script, country="IN")

    @rule(which=some, deed=st.sampled_from(["answer", "answer", "decline", "press", "press", "hang_up"]))
    def called_person_acts(self, which: int, deed: str) -> None:
        legs = self.dialled_legs()
        if not legs:
            return
        leg = legs[which % len(legs)]
        if deed == "press":
            self.net.press(leg.sid, "1")
        elif deed == "hang_up":
            self.net.hang_up(leg.sid)
        elif leg.status == "ringing":
            getattr(self.net, deed)(leg.sid)

    @precondition(lambda self: not any(not leg.ended for leg in self.callers) and self.next_attempt_ms())
    @rule()
    def next_attempt_comes(self) -> None:
        """Nobody is on the phone, and time passes until somebody is to be called again; the record keeps up."""
        end_ms = self.next_attempt_ms() + 1
        for _ in range(MOST_HALF_HOURS):
            self.world.run(min(end_ms - self.net.now_ms, HALF_HOUR_MS) / 1000)
            self.record()
            if self.net.now_ms >= end_ms:
                break

    def record(self) -> None:
        """Carry all that has happened into the record, once it has been heard here."""
        self.told.read_on(self.world.client)
        while record_once(self.center):
            pass

    def next_attempt_ms(self) -> int:
        """When the next promise may be kept that may not be kept yet; 0 when there is none."""
        later = (call.not_before_ms for call in self.center.live.calls() if call.not_before_ms > self.net.now_ms)
        return min(later, default=0)

    def dialled_legs(self) -> list[Leg]:
        """The legs on which callers are being called back."""
        legs = self.net.exchange.legs.values()
        return [leg for leg in legs if leg.line in NUMBERS and not leg.inbound and not leg.ended]

    # -- what is always true of promises --------------------------------------------------------------------------

    def promises_hold(self, state: FloorState) -> list[str]:
        """Every rule about promises that does not hold, in words: none is forgotten, none is kept twice."""
        said = [f"{id} was closed {times} times" for id, times in (self.kept + self.told.kept).items() if times > 1]
        book = self.center.history.callbacks.open()
        said += [f"{made.id} of {made.call} is forgotten" for made in book if self._forgotten(made, state)]
        owed = Counter((made.number, made.queue) for made in book if made.id not in self.told.closed)
        said += [f"{number} was promised two calls for {queue}" for (number, queue), count in owed.items() if count > 1]
        return said + self._dialled_twice(state)

    def _forgotten(self, made: Promise, state: FloorState) -> bool:
        """An open promise stands in line or is being kept; after a wipe, from the next sweep on."""
        call = state.calls.get(made.call)
        if call is None:
            fresh = self.net.now_ms - made.attempt_ms < STILL_RINGING_MS
            return not (made.id in self.told.closed or fresh or not self.swept)
        return call.callback != made.id and made.id not in self.told.closed

    def _dialled_twice(self, state: FloorState) -> list[str]:
        """A phone rings once for one promise, and never again for the same offer, whatever answer was lost."""
        legs = [leg for leg in self.net.exchange.legs.values() if leg.line in NUMBERS and not leg.inbound and leg.sink]
        urls = Counter(leg.sink.url for leg in legs if leg.sink)
        said = [f"dialled twice: {url}" for url, count in urls.items() if count > 1]
        ending = {name.split(":")[1] for name in state.orders if name.startswith("end:")}
        live = Counter(call_of(leg) for leg in legs if not leg.ended and leg.sid not in ending)
        return said + [f"two phones ring for {call}" for call, count in live.items() if count > 1]

    def promises_are_kept(self) -> None:
        """In the end everybody is there, and what was promised and not called off is kept."""
        self.world.settle_down()
        for number in NUMBERS:
            self.net.person(number, WELCOME, country="IN")
        self.world.run(STILL_RINGING_MS / 1000)
        self.world.sweep()
        self.record()
        owed = {made.id for made in self.center.history.callbacks.open()}
        end_ms = self.net.now_ms + REST_S * 1000
        while self.center.history.callbacks.open() and self.net.now_ms < end_ms:
            for call in self.center.live.calls():
                if call.not_before_ms > self.net.now_ms:
                    calling_back.call_next(self.center, call.call)
            self.world.run(60)
            self.record()
        statuses = {made.id: made.status for made in self.center.history.callbacks.list("", 1000)}
        assert {id: statuses[id] for id in owed} == dict.fromkeys(owed, "kept")
        assert set(statuses.values()) <= {"kept", "cancelled", "merged", "failed"}


def call_of(leg: Leg) -> str:
    """The call for which we dialled a leg."""
    return parse_qs(urlsplit(leg.sink.url).query)["c"][0] if leg.sink else ""
