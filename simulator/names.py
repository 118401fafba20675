"""Names and stamps as the network writes them: SIDs and RFC 2822 times."""

import random
from datetime import UTC, datetime
from email.utils import format_datetime


class Sids:
    """Makes SIDs (two letters, 32 hex digits); the same seed gives the same SIDs in the same order."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def make(self, prefix: str) -> str:
        """A new SID with this prefix."""
        return f"{prefix}{self._random.getrandbits(128):032x}"

    def token(self) -> str:
        """An idempotency token in the form of a UUID."""
        raw = f"{self._random.getrandbits(128):032x}"
        return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def rfc2822(ms: int) -> str:
    """UTC ms as `Thu, 01 Jun 2017 20:48:32 +0000`: one second of resolution, as Twilio sends it."""
    return format_datetime(datetime.fromtimestamp(ms // 1000, UTC))


def rfc2822_or_none(ms: int | None) -> str | None:
    """The same, or None for None."""
    return None if ms is None else rfc2822(ms)


def flag(value: bool) -> str:
    """A boolean as webhooks write it."""
    return "true" if value else "false"
