"""Status webhooks: who subscribed to what, with sequence numbers, and what the fault switches do to them on the way.

A sink belongs to one leg, conference, recording or message. Nothing waits for the answer of a status webhook.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from simulator.clock import Timer
from simulator.courier import Outcome
from simulator.names import rfc2822

if TYPE_CHECKING:
    from simulator.network import Network

DOUBLE_AFTER_MS = 50


@dataclass
class Sink:
    """A subscription: where the events of one source go, and which. The number counts what was fired, from 0."""

    url: str
    method: str
    events: frozenset[str]
    fired: int = 0


@dataclass
class _Held:
    send: Callable[[], None]
    timer: Timer


class Callbacks:
    """Fires status webhooks through the courier, as the fault switches allow."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self._held: dict[str, _Held] = {}

    def fire(self, kind: str, source: str, sink: Sink | None, event: str, params: Mapping[str, str]) -> None:
        """Send `event` of `source` (a SID) if `sink` subscribed to it; adds Timestamp and SequenceNumber."""
        if sink is None or not sink.url or event not in sink.events:
            return
        stamped = {**params, "Timestamp": rfc2822(self._net.clock.now_ms), "SequenceNumber": str(sink.fired)}
        sink.fired += 1
        self.post(kind, source, sink.method, sink.url, stamped)

    def post(self, kind: str, source: str, method: str, url: str, params: Mapping[str, str]) -> None:
        """Send a webhook that nobody waits for, unless a fault hits it."""
        faults, luck = self._net.faults, self._net.luck
        if faults.hits(faults.lost, params, luck):
            return
        send = partial(self._net.courier.post, kind, method, url, dict(params), partial(self._note, kind))
        if faults.hits(faults.doubled, params, luck):
            self._net.clock.after(DOUBLE_AFTER_MS, send)
        if faults.hits(faults.late, params, luck):
            self._net.clock.after(faults.late_ms, send)
        elif self._is_held(params) and source not in self._held:
            timer = self._net.clock.after(faults.late_ms, partial(self._release, source))
            self._held[source] = _Held(send, timer)
        else:
            send()
            self._release(source)

    def _is_held(self, params: Mapping[str, str]) -> bool:
        faults = self._net.faults
        early_answer = faults.answered_before_ringing and params.get("CallStatus") == "ringing"
        return early_answer or faults.hits(faults.reordered, params, self._net.luck)

    def _release(self, source: str) -> None:
        held = self._held.pop(source, None)
        if held:
            held.timer.cancel()
            held.send()

    def _note(self, kind: str, outcome: Outcome) -> None:
        if not outcome.ok:
            self._net.warn(outcome.error_code, f"{kind} webhook to {outcome.url} failed")
