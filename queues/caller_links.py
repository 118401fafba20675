"""Signed links for callers: which call a page may show, without a sign-in, for a day.

The wait's door writes them into a text message; the caller's page reads them. A link shows one call's place and
promise, never a number or a name.
"""

from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from center import Settings

LIFE_S = 86_400


def address(settings: Settings, call: str) -> str:
    """The page of one caller."""
    return f"{settings.base_url}/c/{_serializer(settings).dumps(call)}"


def call_of(settings: Settings, token: str) -> str:
    """The call that a link shows; empty when it is forged or too old."""
    try:
        found: Any = _serializer(settings).loads(token, max_age=LIFE_S)
    except BadSignature:
        return ""
    return found if isinstance(found, str) else ""


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key.get_secret_value(), salt="caller")
