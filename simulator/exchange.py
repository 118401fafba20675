"""The life of legs: placed, dialled, ringing, answered, redirected, ended.

Created legs (REST) leave at the account's calls per second; legs of <Dial> and incoming ones at once. Every status
that Twilio would report is fired from here. Order of an end: state first, then what the leg's program still says,
then the news.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from simulator.actor import Actor
from simulator.interpreter import Run, run_call
from simulator.legs import BEFORE_ANSWER, Leg, Target
from simulator.params import end_params, voice_params
from simulator.people import Script
from simulator.program import Program, Steps

if TYPE_CHECKING:
    from simulator.network import Network

EVENT_OF_STATUS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
MOST_ENDED_LEGS = 20_000


class Exchange:
    """All legs of the network, by SID, in the order of their creation."""

    def __init__(self, net: "Network", cps: float) -> None:
        self._net = net
        self._next_departure_ms = 0
        self.legs: dict[str, Leg] = {}
        self.pace(cps)

    def pace(self, cps: float) -> None:
        """Created calls leave at most this often a second; the rest waits."""
        self._spacing_ms = round(1000 / cps)

    def add(self, from_: str, to: str, direction: str, script: Script) -> Leg:
        """A new leg, known from now on, with its person; nothing rings yet."""
        now_ms = self._net.clock.now_ms
        leg = Leg(self._net.sids.make("CA"), from_, to, direction, now_ms, updated_ms=now_ms)
        leg.actor = Actor(self._net, leg, script)
        self.legs[leg.sid] = leg
        self._forget_old()
        return leg

    def _forget_old(self) -> None:
        if len(self.legs) > 2 * MOST_ENDED_LEGS:
            for sid in [sid for sid, leg in self.legs.items() if leg.ended][:MOST_ENDED_LEGS]:
                del self.legs[sid]

    # incoming

    def ring_in(self, leg: Leg, target: Target | None) -> None:
        """A caller's leg reaches a number of ours, whose document is `target`; without one the call fails at once."""
        leg.status, leg.dialled_ms = "ringing", leg.created_ms
        leg.rang_ms = leg.created_ms
        self._net.note(leg, "ring")
        self._changed(leg)
        if leg.actor:
            leg.actor.placed()
        if target is None:
            self._net.clock.after(0, partial(self.end, leg, "failed", 404))
        else:
            self.run(leg, target)

    def pick_up(self, leg: Leg) -> None:
        """The document of an incoming leg answers it (at its first verb that does)."""
        if leg.inbound and leg.status == "ringing":
            self._in_progress(leg)

    # outgoing

    def dial_created(self, leg: Leg, timeout_ms: int) -> None:
        """A leg made by REST waits its turn of the calls-per-second limit, then dials."""
        now_ms = self._net.clock.now_ms
        departs_ms = max(now_ms, self._next_departure_ms)
        self._next_departure_ms = departs_ms + self._spacing_ms
        leg.queue_time_ms = departs_ms - now_ms
        self._net.clock.at(departs_ms, partial(self.dial, leg, timeout_ms))

    def dial(self, leg: Leg, timeout_ms: int) -> None:
        """Leave now: initiated, after the post-dial delay ringing, at `timeout_ms` from now no-answer."""
        if leg.ended:
            return
        leg.dialled_ms = self._net.clock.now_ms
        self._set(leg, "initiated")
        self._net.clock.after(self._net.faults.post_dial_delay_ms, partial(self._ring, leg))
        self._net.clock.after(timeout_ms, partial(self._time_out, leg))

    def _ring(self, leg: Leg) -> None:
        if leg.status != "initiated" or leg.actor is None:
            return
        pickup = leg.actor.script.pickup
        what = pickup.what if pickup else "manual"
        if what == "busy":
            self.end(leg, "busy", 486)
        elif what == "unreachable" and not leg.to.startswith("client:"):
            self.end(leg, "failed", 404)
        else:
            self._rings(leg, leg.actor, what)

    def _rings(self, leg: Leg, actor: Actor, what: str) -> None:
        leg.rang_ms = self._net.clock.now_ms
        if self._net.faults.omit_ringing:
            leg.status = "ringing"
        else:
            self._set(leg, "ringing")
        if what != "unreachable":
            self._net.note(leg, "ring")
            actor.ringing()

    def _time_out(self, leg: Leg) -> None:
        if leg.status in BEFORE_ANSWER:
            self.end(leg, "no-answer", 487)

    def answered(self, leg: Leg) -> None:
        """The person of a ringing outgoing leg picked up."""
        self._in_progress(leg)
        if leg.on_answered:
            leg.on_answered(leg)

    def _in_progress(self, leg: Leg) -> None:
        leg.answered_ms = self._net.clock.now_ms
        self._set(leg, "in-progress")
        if leg.actor:
            leg.actor.answered()

    # documents

    def run(self, leg: Leg, target: Target) -> None:
        """Run a document as the leg's own, in place of whatever it runs."""
        self.run_story(leg, lambda program: run_call(Run(self._net, leg, program, "call"), target))

    def run_story(self, leg: Leg, story: Callable[[Program], Steps[None]]) -> None:
        """Make `story` the leg's main program; when it ends by itself, the leg is hung up."""
        program = Program(self._net.clock)
        leg.main = program
        program.start(story(program), lambda: self._ran_out(leg, program))

    def _ran_out(self, leg: Leg, program: Program) -> None:
        if leg.main is program:
            self.end(leg, "completed")

    def redirect(self, leg: Leg, target: Target, why: str = "redirected") -> None:
        """Take the leg out of wherever it is, at once, and run `target` next; nothing happens when it has ended."""
        if leg.ended:
            return
        self._stop(leg, why)
        leg.updated_ms = self._net.clock.now_ms
        self.run(leg, target)

    def _stop(self, leg: Leg, why: str) -> None:
        for program in (leg.side, leg.main):
            if program:
                program.stop(why)
        leg.side = leg.main = leg.ear = None

    # the end

    def end(self, leg: Leg, status: str, sip_code: int = 200) -> None:
        """End the leg with a final status; nothing happens when it has one."""
        if leg.ended:
            return
        was_queued = leg.status == "queued"
        leg.status, leg.sip_code = status, sip_code
        leg.ended_ms = self._net.clock.now_ms
        self._stop(leg, "hung_up")
        self._net.recordings.leg_ended(leg)
        if not (was_queued and status == "canceled"):
            params = {
                **voice_params(leg, self._net.account_sid),
                **end_params(leg),
                **self._net.recordings.created_with(leg),
            }
            self._fire(leg, "completed", params)
        self._changed(leg)
        if leg.actor:
            leg.actor.ended()
        for told in leg.on_ended:
            told(leg)

    def hang_up(self, leg: Leg) -> None:
        """The person hangs up (or the network ends the leg): the status tells how far it had come."""
        if leg.status in BEFORE_ANSWER:
            self.end(leg, "no-answer" if leg.inbound else "canceled", 487)
        else:
            self.end(leg, "completed")

    def _set(self, leg: Leg, status: str) -> None:
        leg.status = status
        leg.updated_ms = self._net.clock.now_ms
        self._fire(leg, EVENT_OF_STATUS[status], voice_params(leg, self._net.account_sid))
        self._changed(leg)

    def _fire(self, leg: Leg, event: str, params: dict[str, str]) -> None:
        params = {**params, "CallbackSource": "call-progress-events"}
        self._net.callbacks.fire("status", leg.sid, leg.sink, event, params)

    def _changed(self, leg: Leg) -> None:
        leg.updated_ms = self._net.clock.now_ms
        self._net.tell({"type": "state", "call": leg.sid, "status": leg.status, "at_ms": leg.updated_ms})
