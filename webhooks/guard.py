"""Who may knock: the signature check before every webhook, and what a leg hears when we fail.

Twilio signs the address it was given, so the address is built from our own setting and the raw query, never from
headers that anyone can send.
"""

from collections.abc import Set
from urllib.parse import parse_qsl, urlencode

import structlog
from flask import Blueprint, Response, current_app, request
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException

from center import Center
from ivr import twiml
from queues.addresses import RETRIED
from webhooks.signature import is_signed

log = structlog.get_logger()

REFUSED = Counter("webhooks_refused_total", "Requests to webhooks that were refused", ["reason"])
FAILED = Counter("webhooks_failed_total", "Webhooks that failed and were answered with an apology", ["path"])

SILENT = frozenset(
    {
        "voice.status",
        "forward.answered",
        "callback.status",
        "voicemail.ready",
        "voicemail.words",
        "agent_leg.status",
        "agent_leg.conference",
        "room.status",
    }
)
# A conference reports its end without naming a leg.
OF_NO_LEG = frozenset({"agent_leg.conference", "room.status"})
MOST_RETRIES = 5


def center() -> Center:
    """The assembled parts of the service that this request belongs to."""
    parts: Center = current_app.extensions["center"]
    return parts


def xml(document: str) -> Response:
    """TwiML as an answer."""
    return Response(document, mimetype="text/xml")


def guarded(door: Blueprint, open_to_all: Set[str] = frozenset()) -> Blueprint:
    """Check every request to this door, and answer every failure in words a leg can hear."""

    @door.before_request
    def check() -> Response | None:
        structlog.contextvars.clear_contextvars()
        return None if request.endpoint in open_to_all else _refusal(center())

    door.register_error_handler(Exception, _fail)
    return door


def _refusal(here: Center) -> Response | None:
    form, values = request.form, request.values
    structlog.contextvars.bind_contextvars(call_sid=values.get("CallSid", ""), offer_id=request.args.get("offer", ""))
    token = here.settings.twilio_auth_token.get_secret_value()
    url, signature = signed_url(here), request.headers.get("X-Twilio-Signature", "")
    # Twilio does not sign the fragment that asks it to retry; a network that is only compatible may.
    if not any(is_signed(token, signed, form, signature) for signed in (url, url + RETRIED)):
        return _refuse("signature")
    if values.get("AccountSid") != here.settings.twilio_account_sid:
        return _refuse("account")
    if not form.get("CallSid") and request.endpoint not in OF_NO_LEG:
        return _refuse("no_leg")
    return None


def _fail(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    FAILED.labels(path=request.path).inc()
    log.exception("webhook_failed", path=request.path)
    if request.endpoint in SILENT:
        return Response(status=503)  # its URL asks Twilio to try again
    return xml(_hold_on_or_apologise(center()))


def signed_url(here: Center) -> str:
    """The address as Twilio was given it: our own base, the path, the query as it was sent."""
    query = request.environ.get("QUERY_STRING", "")
    return f"{here.settings.base_url}{request.path}{'?' if query else ''}{query}"


def _refuse(reason: str) -> Response:
    REFUSED.labels(reason=reason).inc()
    log.warning("webhook_refused", reason=reason, path=request.path)
    return Response("Forbidden\n", status=403, mimetype="text/plain")


def _hold_on_or_apologise(here: Center) -> str:
    """Redis restarts within seconds: a caller is asked to wait and comes back to the same address, but not for ever."""
    query = dict(parse_qsl(request.environ.get("QUERY_STRING", ""), keep_blank_values=True))
    retries = int(query.get("retry", "0")) if query.get("retry", "0").isdigit() else MOST_RETRIES
    language = query.get("l", "")
    if retries >= MOST_RETRIES:
        return twiml.apology(language)
    again = urlencode(query | {"retry": str(retries + 1)})
    return twiml.pause_and_redirect(f"{here.settings.base_url}{request.path}?{again}", seconds=2)
