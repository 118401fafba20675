"""The key press of the webhook bench: 30 signed parameters as the phone network sends them, at a place of the menu.

Every press is a real step: each call presses 2 at the main menu again and again, one turn later each time, so that each
one is saved. No call is pressed twice at once.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import redis
from twilio.request_validator import RequestValidator

from adapters.live import Live
from queues.plan import Plan
from queues.records import Call, Change

NUMBER, CALLED = "+919898000222", "+18005550100"
PATH = "/voice/menu"
# A caller who was asked 20 questions is taken to a person, which is another document.
TURNS = range(1, 20)
# Twice the connections of the bench: the turns of one call never meet.
FEWEST_CALLS = 128

FIELDS = {
    "ApiVersion": "2010-04-01",
    "ApplicationSid": "AP" + "0" * 31 + "1",
    "CallStatus": "in-progress",
    "Called": CALLED,
    "CalledCity": "MUMBAI",
    "CalledCountry": "IN",
    "CalledState": "Mahārāshtra",
    "CalledZip": "400001",
    "Caller": NUMBER,
    "CallerCity": "AHMEDABAD",
    "CallerCountry": "IN",
    "CallerState": "Gujarāt",
    "CallerZip": "380001",
    "Digits": "2",
    "Direction": "inbound",
    "FinishedOnKey": "",
    "From": NUMBER,
    "FromCity": "AHMEDABAD",
    "FromCountry": "IN",
    "FromState": "Gujarāt",
    "FromZip": "380001",
    "StirVerstat": "TN-Validation-Passed-A",
    "To": CALLED,
    "ToCity": "MUMBAI",
    "ToCountry": "IN",
    "ToState": "Mahārāshtra",
    "ToZip": "400001",
    "msg": "Gather End",
}


@dataclass(frozen=True)
class Account:
    """Who signs: the address that Twilio was given, the account and its token."""

    base: str
    sid: str
    token: str


@dataclass(frozen=True)
class Press:
    """One request: its query, its signature, and its form as sent."""

    query: str
    signature: str
    body: bytes

    def message(self) -> bytes:
        """The request as it goes over the wire."""
        lines = [
            f"POST {PATH}?{self.query} HTTP/1.1",
            "Host: bench",
            "Content-Type: application/x-www-form-urlencoded",
            f"X-Twilio-Signature: {self.signature}",
            f"Content-Length: {len(self.body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def presses(account: Account, count: int) -> list[Press]:
    """So many presses, every call's first turn before any call's second."""
    validator = RequestValidator(account.token)
    calls = [_sid(number) for number in range(_calls(count))]
    turned = [(turn, sid) for turn in TURNS for sid in calls][:count]
    return [_press(account, validator, sid, turn) for turn, sid in turned]


def put_in_menu(client: redis.Redis, plan: Plan, count: int, now_ms: int) -> None:
    """Empty this Redis, then let the calls of that many presses stand in the menu before their first question."""
    client.flushdb()
    calls = tuple(_call(_sid(number), now_ms) for number in range(_calls(count)))
    Live(client, plan, lambda: None).commit(Change(after=calls), now_ms)
    client.hset("tr:languages", NUMBER, "en")


def _calls(count: int) -> int:
    return max(FEWEST_CALLS, math.ceil(count / len(TURNS)))


def _sid(number: int) -> str:
    return f"CA{number:032x}"


def _call(sid: str, now_ms: int) -> Call:
    return Call(
        call=sid,
        caller=NUMBER,
        called=CALLED,
        country="IN",
        language="en",
        received_ms=now_ms,
        leg_status="in-progress",
    )


def _press(account: Account, validator: RequestValidator, sid: str, turn: int) -> Press:
    query = urlencode({"n": "main", "l": "en", "b": "language", "s": str(turn)})
    form = {"AccountSid": account.sid, "CallSid": sid, **FIELDS}
    signature = validator.compute_signature(f"{account.base}{PATH}?{query}", form)
    return Press(query, signature, urlencode(form).encode())


def messages(these: Sequence[Press]) -> list[bytes]:
    """These presses as they go over the wire."""
    return [one.message() for one in these]
