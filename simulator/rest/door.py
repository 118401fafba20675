"""What all REST requests go through: who asks, faults, errors in Twilio's JSON, lists in pages.

Error bodies are {code, message, more_info, status}; list links are relative URIs; a page has 50 items, at most 1000.
"""

import base64
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from flask import Response, json, request
from werkzeug.datastructures import MultiDict

from simulator.callbacks import Sink

if TYPE_CHECKING:
    from simulator.network import Network

T = TypeVar("T")
BASE = "/2010-04-01/Accounts"
USUAL_PAGE, LARGEST_PAGE = 50, 1000
TEXTS = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authentication Error - invalid username"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is not a valid URL"),
    21210: (400, "The source phone number provided is not yet verified for your account"),
    21211: (400, "The phone number you are attempting to call is not valid"),
    21213: (400, "Caller phone number is required"),
    21215: (400, "Account not authorized to call this number"),
    21218: (400, "Invalid ApplicationSid"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21602: (400, "Message body is required"),
    21603: (400, "A 'From' phone number is required"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21604: (400, "A 'To' phone number is required"),
    22001: (400, "Invalid queue"),
    22002: (400, "Queue is not empty"),
    22003: (400, "Queue with that FriendlyName already exists"),
    32018: (400, "Twiml parameter is longer than 4000 characters"),
}


class RestFailure(Exception):
    """The request is refused with one of Twilio's codes."""

    def __init__(self, code: int, detail: str = "") -> None:
        self.code = code
        self.status, message = TEXTS.get(code, (400, "Bad request"))
        self.message = f"{message}: {detail}" if detail else message
        super().__init__(self.message)


def refusal(failure: RestFailure) -> tuple[dict[str, Any], int]:
    """The answer to a refused request."""
    more = f"https://www.twilio.com/docs/errors/{failure.code}"
    return {
        "code": failure.code,
        "message": failure.message,
        "more_info": more,
        "status": failure.status,
    }, failure.status


def check_sender(net: "Network", account_sid: str) -> None:
    """Basic auth with the account's token or an API key's secret, for this account. Raises RestFailure."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    expected = [f"{net.account_sid}:{net.auth_token}", f"{net.api_key}:{net.api_secret}"]
    wanted = [base64.b64encode(pair.encode()).decode() for pair in expected]
    if scheme.lower() != "basic" or not any(hmac.compare_digest(given.strip(), pair) for pair in wanted):
        raise RestFailure(20003)
    if account_sid != net.account_sid:
        raise RestFailure(20404, account_sid)


def check_faults(net: "Network") -> None:
    """Refuse the request if a fault switch says so. Raises RestFailure."""
    for error in net.faults.rest_errors:
        if error.times > 0 and error.path in request.path and error.method in ("", request.method):
            error.times -= 1
            raise RestFailure(error.code)
    if net.faults.rest_error_rate and net.luck.random() < net.faults.rest_error_rate:
        raise RestFailure(20429)


@dataclass(frozen=True)
class Form:
    """The fields of a POST, read with their types; unknown fields are ignored, but warned of."""

    net: "Network"
    fields: MultiDict[str, str]

    def known(self, names: str) -> "Form":
        """This form, after warning of fields that are not in `names`."""
        for name in set(self.fields) - set(names.split()):
            self.net.warn(20001, f"unknown parameter {name} in {request.method} {request.path}")
        return self

    def get(self, name: str, default: str = "") -> str:
        """A field as sent."""
        return self.fields.get(name, default)

    def has(self, name: str) -> bool:
        """Whether the field was sent at all."""
        return name in self.fields

    def required(self, name: str, code: int = 20001) -> str:
        """A field that must not be empty. Raises RestFailure `code`."""
        value = self.get(name)
        if not value:
            raise RestFailure(code, f"{name} is required")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean field."""
        value = self.get(name)
        if value.lower() not in ("", "true", "false"):
            raise RestFailure(20001, f"{name}={value} is no boolean")
        return value.lower() == "true" if value else default

    def number(self, name: str, low: int, high: int, default: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.get(name)
        if value and not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            raise RestFailure(20001, f"{name}={value} is no number from {low} to {high}")
        return int(value) if value else default

    def choice(self, name: str, values: str, default: str = "") -> str:
        """One of `values` (separated by spaces), or nothing."""
        value = self.get(name, default)
        if value and value not in values.split():
            raise RestFailure(20001, f"{name}={value} is none of {values}")
        return value

    def url(self, name: str) -> str:
        """An absolute HTTP address, or nothing."""
        value = self.get(name)
        if value and not value.startswith(("http://", "https://")):
            raise RestFailure(21205, f"{name}={value}")
        return value

    def method(self, name: str) -> str:
        """An HTTP method; POST unless told otherwise."""
        return self.choice(name, "GET POST HEAD DELETE", "POST") or "POST"

    def events(self, name: str, known: Iterable[str]) -> list[str]:
        """A repeated field of event names; a name that does not exist subscribes to nothing, and is warned of."""
        given = self.fields.getlist(name)
        for event in set(given) - set(known):
            self.net.warn(21626, f"{name}={event!r} is no event; repeat the parameter for several")
        return [event for event in given if event in set(known)]

    def sink(self, name: str, known: Iterable[str]) -> Sink | None:
        """The subscription of `name`, `nameMethod` and the repeated `nameEvent` (default: completed)."""
        url, method = self.url(name), self.method(f"{name}Method")
        events = self.events(f"{name}Event", known) if self.has(f"{name}Event") else ["completed"]
        return Sink(url, method, frozenset(events)) if url else None


def form(net: "Network", names: str) -> Form:
    """The form of the current request, whose known fields are `names`."""
    return Form(net, request.form).known(names)


def page(net: "Network", path: str, key: str, items: Iterable[T], shown: Callable[[T], dict[str, Any]]) -> Response:
    """One page of a list as JSON."""
    size = min(max(_number("PageSize", USUAL_PAGE), 1), LARGEST_PAGE)
    index = _number("Page", 0)
    everything = list(items)
    start = index * size
    part = everything[start : start + size]
    filters = [(k, v) for k, v in request.args.items(multi=True) if k not in ("Page", "PageSize", "PageToken")]

    def uri(number: int) -> str:
        return f"{BASE}/{net.account_sid}/{path}.json?" + urlencode([*filters, ("PageSize", size), ("Page", number)])

    return json_answer(
        {
            key: [shown(item) for item in part],
            "page": index,
            "page_size": size,
            "start": start,
            "end": start + max(0, len(part) - 1),
            "uri": uri(index),
            "first_page_uri": uri(0),
            "next_page_uri": uri(index + 1) if start + size < len(everything) else None,
            "previous_page_uri": uri(index - 1) if index else None,
        }
    )


def _number(name: str, default: int) -> int:
    value = request.args.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default


def json_answer(body: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON body with its status."""
    return Response(json.dumps(body), status, mimetype="application/json")


def in_span(ms: int | None, name: str) -> bool:
    """Whether an instant fits the query's `name`, `name<` and `name>` (dates or ISO times, inclusive)."""
    for suffix in ("", "<", ">"):
        given = request.args.get(name + suffix)
        if given and (ms is None or not _fits(ms, given, suffix)):
            return False
    return True


def _fits(ms: int, given: str, suffix: str) -> bool:
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as wrong:
        raise RestFailure(20001, f"{given} is no date") from wrong
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    first_ms = round(moment.timestamp() * 1000)
    last_ms = first_ms + (86_400_000 - 1 if len(given) == 10 else 999)
    if suffix == "<":
        return ms <= last_ms
    return ms >= first_ms if suffix == ">" else first_ms <= ms <= last_ms
