"""Tickets for the feed: short-lived signed words that say which stream a page may open.

The web process, which knows who is signed in, writes them; the feed, which knows nobody, reads them.
"""

from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from center import Settings

LIFE_S = 60
FLOOR = "floor"


def mint(settings: Settings, stream: str) -> str:
    """A ticket for `floor`, or for `desk/asha`; good for opening a stream within a minute."""
    return _serializer(settings).dumps(stream)


def stream_of(settings: Settings, ticket: str) -> str:
    """The stream that a ticket opens; empty when it is forged or too old."""
    try:
        found: Any = _serializer(settings).loads(ticket, max_age=LIFE_S)
    except BadSignature:
        return ""
    return found if isinstance(found, str) else ""


def address(settings: Settings, stream: str) -> str:
    """Where a browser opens that stream, ticket included."""
    return f"{settings.feed_url or settings.base_url}/feed/{stream}?token={mint(settings, stream)}"


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt="feed")
