"""Text messages: accepted, sent, delivered, each told to the message's StatusCallback; nobody reads them here but
tests.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.network import Network

SENT_AFTER_MS = 200
DELIVERED_AFTER_MS = 1000
SEGMENT_LATIN, SEGMENT_UNICODE = 160, 70


@dataclass
class Message:
    """One message out."""

    sid: str
    from_: str | None
    to: str
    body: str
    created_ms: int
    status: str = "queued"
    updated_ms: int = 0
    sent_ms: int | None = None
    service_sid: str | None = None
    callback: str = ""

    @property
    def segments(self) -> int:
        """How many parts it takes: 160 characters each, 70 when one of them is no Latin letter."""
        size = SEGMENT_LATIN if self.body.isascii() else SEGMENT_UNICODE
        return max(1, -(-len(self.body) // size))


class Messages:
    """All messages by SID."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self.by_sid: dict[str, Message] = {}

    def send(self, from_: str | None, to: str, body: str, service_sid: str | None, callback: str) -> Message:
        """Accept a message; the clock sends and delivers it, except to a line scripted `unreachable`."""
        now_ms = self._net.clock.now_ms
        message = Message(
            self._net.sids.make("SM"),
            from_,
            to,
            body,
            now_ms,
            updated_ms=now_ms,
            service_sid=service_sid,
            callback=callback,
        )
        self.by_sid[message.sid] = message
        pickup = self._net.script_of(to).pickup
        last = "undelivered" if pickup and pickup.what == "unreachable" else "delivered"
        self._net.clock.after(SENT_AFTER_MS, partial(self._become, message, "sent"))
        self._net.clock.after(DELIVERED_AFTER_MS, partial(self._become, message, last))
        return message

    def _become(self, message: Message, status: str) -> None:
        message.status = status
        message.updated_ms = self._net.clock.now_ms
        if status == "sent":
            message.sent_ms = message.updated_ms
        if not message.callback:
            return
        params = {
            "AccountSid": self._net.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.from_ or "",
            "To": message.to,
            "MessageSid": message.sid,
            "SmsSid": message.sid,
            "MessageStatus": status,
            "SmsStatus": status,
        }
        if status == "undelivered":
            params["ErrorCode"] = "30003"
        self._net.callbacks.post("message", message.sid, "POST", message.callback, params)


def is_number(line: str) -> bool:
    """Whether a line is written as E.164."""
    return re.fullmatch(r"\+[1-9]\d{6,14}", line) is not None
