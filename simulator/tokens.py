"""Access tokens as browser phones bring them: a JWT of the account's API key that says who the browser is.

Its form is Twilio's (twilio.com/docs/iam/access-tokens): HS256 with the key's secret, header `cty: twilio-fpa;v=1`,
the key as issuer, the account as subject, and in `grants` the identity and what its voice may do. Refusals carry
Twilio's codes 20101 to 20107.
"""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any

LONGEST_LIFE_S = 86_400
CONTENT_TYPE = "twilio-fpa;v=1"


class TokenRefused(Exception):
    """The token proves nothing. `code` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Pass:
    """What a token allows: who the browser is, whether it may be rung, through which application it may call."""

    identity: str
    incoming: bool
    application_sid: str


def read_token(token: str, account_sid: str, api_key: str, api_secret: str, now_ms: int) -> Pass:
    """Check a token as of `now_ms` (UTC ms) and say what it allows. Raises TokenRefused."""
    head, body = _parts(token)
    _check_header(head)
    _check_signature(token, api_secret)
    if (body.get("iss"), body.get("sub")) != (api_key, account_sid):
        raise TokenRefused(20103, "the token's issuer or subject is not this account's")
    _check_times(body, now_ms // 1000)
    return _granted(body.get("grants"))


def _parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        head, body, _ = (json.loads(_decoded(part)) if i < 2 else part for i, part in enumerate(token.split(".")))
    except (ValueError, binascii.Error, RecursionError) as wrong:
        raise TokenRefused(20101, "this is no access token") from wrong
    if not isinstance(head, dict) or not isinstance(body, dict):
        raise TokenRefused(20101, "this is no access token")
    return head, body


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _check_header(head: dict[str, Any]) -> None:
    if head.get("alg") != "HS256" or head.get("cty") != CONTENT_TYPE:
        raise TokenRefused(20102, f"the token's header must say alg HS256 and cty {CONTENT_TYPE}")


def _check_signature(token: str, secret: str) -> None:
    signed, _, given = token.rpartition(".")
    expected = base64.urlsafe_b64encode(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)).rstrip(b"=")
    if not hmac.compare_digest(expected, given.encode()):
        raise TokenRefused(20107, "the token is not signed with this key's secret")


def _check_times(body: dict[str, Any], now_s: int) -> None:
    ends_s, begins_s = body.get("exp"), body.get("nbf", body.get("iat", 0))
    if not isinstance(ends_s, int | float) or not isinstance(begins_s, int | float):
        raise TokenRefused(20104, "the token has no time of expiry")
    if ends_s <= now_s:
        raise TokenRefused(20104, "the token has expired")
    if ends_s - begins_s > LONGEST_LIFE_S:
        raise TokenRefused(20104, "the token lives longer than 24 hours")
    if "nbf" in body and begins_s > now_s:
        raise TokenRefused(20105, "the token is not valid yet")


def _granted(grants: object) -> Pass:
    if not isinstance(grants, dict) or not isinstance(grants.get("voice"), dict) or not grants.get("identity"):
        raise TokenRefused(20106, "the token grants no voice to an identity")
    incoming, outgoing = (grants["voice"].get(way) or {} for way in ("incoming", "outgoing"))
    if not isinstance(incoming, dict) or not isinstance(outgoing, dict):
        raise TokenRefused(20106, "the token's voice grant cannot be read")
    return Pass(str(grants["identity"]), incoming.get("allow") is True, str(outgoing.get("application_sid") or ""))
