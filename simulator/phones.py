"""The phones in people's hands: call, answer, decline, press, speak, hang up.

Scripts (`actor.py`), the control interface and a phone in the browser all act through these; the network offers them as
its own methods.
"""

from typing import TYPE_CHECKING, Any

from simulator.legs import Leg
from simulator.numbers import Endpoint
from simulator.people import caller_script
from simulator.prompts import Key, Speech

if TYPE_CHECKING:
    from simulator.network import Network


class Phones:
    """What people can do, by the SID of their leg."""

    def __init__(self, net: "Network") -> None:
        self._net = net

    def place_call(
        self, from_: str, to: str, script: str | list[Any] = "wait", params: dict[str, str] | None = None
    ) -> Leg:
        """A person calls one of our numbers, or a browser client (`client:name`) calls through its application.

        `script` is a caller's script or "manual". Raises ScriptError for a wrong script, ValueError for a number that
        nobody owns.
        """
        with self._net.turn():
            who = caller_script(script)
            endpoint = self._endpoint(from_, to)
            leg = self._net.exchange.add(from_, to, "inbound", who)
            leg.params = dict(params or {})
            if endpoint.sid.startswith("AP"):
                leg.application_sid = endpoint.sid
            leg.number_sid = self._net.directory.numbers[to].sid if to in self._net.directory.numbers else ""
            endpoint.attach(leg)
            self._net.exchange.ring_in(leg, endpoint.voice())
            return leg

    def _endpoint(self, from_: str, to: str) -> Endpoint:
        if from_.startswith("client:"):
            endpoint = next(iter(self._net.directory.applications.values()), None)
            if endpoint is None:
                raise ValueError("the account has no TwiML application, so a client cannot call")
            return endpoint
        endpoint = self._net.directory.endpoint_of(to)
        if endpoint is None:
            raise ValueError(
                f"no number {to} on this network; known are {', '.join(self._net.directory.numbers) or 'none'}"
            )
        return endpoint

    def answer(self, leg_sid: str) -> bool:
        """The person picks up; False when the leg does not ring (any more)."""
        with self._net.turn():
            leg = self._net.leg(leg_sid)
            if leg.status != "ringing" or leg.inbound:
                return False
            self._net.exchange.answered(leg)
            return True

    def decline(self, leg_sid: str) -> bool:
        """The person refuses the call; False when the leg does not ring."""
        with self._net.turn():
            leg = self._net.leg(leg_sid)
            if leg.status != "ringing" or leg.inbound:
                return False
            self._net.exchange.end(leg, "busy", 603)
            return True

    def press(self, leg_sid: str, digits: str) -> bool:
        """The person presses keys; they count if something listens. False when the leg is not in progress."""
        with self._net.turn():
            leg = self._net.leg(leg_sid)
            if leg.status != "in-progress":
                return False
            for key in digits:
                self._net.note(leg, "key", key)
                target = leg.ear.program if leg.ear and leg.ear.keys else leg.main if leg.ear is None else None
                if target:
                    target.signal(Key(key))
            return True

    def say(self, leg_sid: str, text: str) -> bool:
        """The person speaks; it counts if something listens to speech. False when the leg is not in progress."""
        with self._net.turn():
            leg = self._net.leg(leg_sid)
            if leg.status != "in-progress":
                return False
            self._net.note(leg, "speech", text)
            if leg.ear and leg.ear.speech:
                leg.ear.program.signal(Speech(text, self._net.speech_ms(text)))
            return True

    def hang_up(self, leg_sid: str) -> bool:
        """The person hangs up; False when the leg had ended."""
        with self._net.turn():
            leg = self._net.leg(leg_sid)
            if leg.ended:
                return False
            self._net.exchange.hang_up(leg)
            return True
