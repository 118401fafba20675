"""Why a call ended, in plain words for the person who held the phone."""

from simulator.legs import Leg

HUNG_UP = "You hung up."
ELSEWHERE = "It was answered on another phone."
_RANG = {
    "no-answer": "It rang, and nobody answered.",
    "canceled": "The caller gave up before you answered.",
    "busy": "You declined the call.",
    "failed": "The call could not be connected.",
}
_CALLED = {
    "busy": "The line is busy.",
    "no-answer": "The number does not take this call.",
    "canceled": "The call was called off.",
    "failed": "The number is not in service: nobody has said what should happen when it is called.",
}


def ending(leg: Leg, hung_up: bool) -> str:
    """The sentence for an ended leg; `hung_up` when its own person ended it."""
    if hung_up:
        return HUNG_UP
    if leg.status == "completed":
        return "The other side ended the call."
    return (_CALLED if leg.inbound else _RANG).get(leg.status, "The call ended.")
