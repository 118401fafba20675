"""What can go wrong on the network, and how open questions about Twilio are answered: one settable object.

A chance is a probability from 0 to 1 (drawn from the network's seeded generator), a predicate on the webhook's
parameters, or a list of events (`CallStatus`, `StatusCallbackEvent`, ... values) that are always hit.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

Predicate = Callable[[Mapping[str, str]], bool]
Chance = float | Predicate | list[str]
EVENT_NAMES = ("StatusCallbackEvent", "RecordingStatus", "MessageStatus", "QueueResult", "CallStatus")


@dataclass
class RestError:
    """The next `times` REST requests whose path holds `path` and whose method is `method` are refused with `code`."""

    code: int
    times: int = 1
    path: str = ""
    method: str = ""


@dataclass
class Switches:
    """Open points of the protocol and facts of the line; both readings of each must be survivable by the service."""

    timeout_extra_ms: int = 5_000  # what is added to Timeout of Dial, Participants and created calls
    calls_timeout_extra: bool = True  # "for some call flows" the same holds for created calls
    post_dial_delay_ms: int = 300  # from dialling to ringing
    empty_digits: str = "empty"  # actionOnEmptyResult without input: Digits is "empty" or "absent"
    gather_action_after_hangup: bool = False
    gone_member_code: int = 20404  # dequeuing a member that just left: 20404 or 21220
    enqueue_action_controls_after_redirect: bool = False
    recording_contains_hold: bool = False  # whether individual hold counts in a conference recording's length
    caller_channel: int = 1  # which channel of a dual recording is the parent leg
    duplicate_queue_code: int = 22003


@dataclass
class Faults(Switches):
    """Faults, all off at first. Status webhooks: doubled, lost, late, reordered; any webhook: refused, repeated."""

    doubled: Chance = 0.0
    lost: Chance = 0.0
    late: Chance = 0.0
    late_ms: int = 2_000
    reordered: Chance = 0.0  # held back until the next webhook of the same leg, at most late_ms
    refused: Chance = 0.0  # one attempt fails to connect
    repeated_requests: Chance = 0.0  # a TwiML request is sent twice with the same idempotency token
    omit_ringing: bool = False
    answered_before_ringing: bool = False
    rest_slow_ms: int = 0
    rest_lost_answers: int = 0  # the next n POST requests are carried out, but the client never sees an answer
    rest_error_rate: float = 0.0  # share of REST requests refused with 20429
    rest_errors: list[RestError] = field(default_factory=list)

    def hits(self, chance: Chance, params: Mapping[str, str], luck: random.Random) -> bool:
        """Whether this webhook is hit."""
        if callable(chance):
            return chance(params)
        if isinstance(chance, list):
            return any(params.get(name) in chance for name in EVENT_NAMES)
        return chance > 0 and luck.random() < chance

    def change(self, settings: Mapping[str, Any]) -> None:
        """Set several by name, from JSON. Raises ValueError in plain words; then nothing was changed."""
        known = {f.name: f for f in fields(self)}
        ready: dict[str, Any] = {}
        for name, value in settings.items():
            if name not in known:
                raise ValueError(f"there is no fault or switch called {name}; known are {', '.join(sorted(known))}")
            ready[name] = _checked(name, value, getattr(Faults(), name))
        for name, value in ready.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """All faults and switches with their values."""
        shown: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        shown["rest_errors"] = [vars(error) for error in self.rest_errors]
        return {name: "a predicate" if callable(value) else value for name, value in shown.items()}


def _checked(name: str, value: Any, default: Any) -> Any:
    if name == "rest_errors":
        try:
            return [RestError(**error) for error in value]
        except TypeError as wrong:
            raise ValueError(f"rest_errors: a list of {{code, times, path, method}} is needed ({wrong})") from wrong
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif isinstance(default, float):
        is_share = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        is_events = name != "rest_error_rate" and isinstance(value, list) and all(isinstance(v, str) for v in value)
        fits = is_share or is_events
    elif isinstance(default, int):
        fits = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    else:
        fits = value in ("empty", "absent")
    if not fits:
        raise ValueError(f"{name}: {value!r} does not fit, its usual value is {default!r}")
    return value
