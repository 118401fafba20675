"""Answering-machine detection of created legs: who picked up, told before the document (synchronous) or beside it.

Facts: twilio.com/docs/voice/answering-machine-detection. People are heard after a moment, machines by their greeting.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.legs import Leg, Target

if TYPE_CHECKING:
    from simulator.network import Network

HUMAN_MS = 3_000
MACHINE_MS = 4_000
MESSAGE_END_MS = 9_000


def detect(net: "Network", leg: Leg, kind: str, callback: str, begin: Callable[[dict[str, str]], None]) -> None:
    """Find out who answered; `kind` is Enable or DetectMessageEnd.

    Without `callback` the document waits for the finding (AnsweredBy); with one (AsyncAmd) it begins at once.
    """
    pickup = leg.actor.script.pickup if leg.actor else None
    machine = pickup is not None and pickup.what == "voicemail"
    to_the_end = machine and kind == "DetectMessageEnd"
    found = "machine_end_beep" if to_the_end else "machine_start" if machine else "human"
    took_ms = MESSAGE_END_MS if to_the_end else MACHINE_MS if machine else HUMAN_MS
    if callback:
        begin({})

    def tell() -> None:
        if leg.ended:
            return
        leg.answered_by = found
        if callback:
            extra = {"AnsweredBy": found, "MachineDetectionDuration": str(took_ms)}
            net.post_unanswered(leg, Target(callback, "POST", extra=extra))
        else:
            begin({"AnsweredBy": found})

    net.clock.after(took_ms, tell)
