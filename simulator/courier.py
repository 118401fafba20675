"""Carries the network's webhooks to the customer's server: signs, sends, retries, follows redirects.

Facts (twilio.com/docs/usage/webhooks/webhooks-connection-overrides): 5 s to connect, 15 s to read, 15 s in all; one
retry, and only when no connection could be made, unless the URL's fragment says otherwise (`#rc=2&rp=5xx,rt`); all
attempts of one delivery carry the same I-Twilio-Idempotency-Token. The sending itself is a callable: a test plugs in
a WSGI client and everything happens inside the action; a live network plugs in HTTP and a pool of threads
(`transport.py`).
"""

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from simulator.signature import signature, signed_url

if TYPE_CHECKING:
    from simulator.network import Network

MOST_REDIRECTS = 10


class TimeLimits(NamedTuple):
    """What one attempt may take, in ms."""

    connect_ms: int
    read_ms: int


class Answer(NamedTuple):
    """What the customer's server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class ConnectTimedOut(Exception):
    """The customer's host did not answer the connection in time (ConnectionError: it refused)."""


Send = Callable[[str, str, bytes, dict[str, str], TimeLimits], tuple[int, Mapping[str, str], bytes]]
"""send(method, url, body, headers, limits) -> (status, headers, body). Raises ConnectionError when refused,
ConnectTimedOut when the connection timed out, TimeoutError when reading did."""


@dataclass(frozen=True)
class Overrides:
    """The connection overrides of one URL, from its fragment."""

    connect_ms: int
    read_ms: int
    total_ms: int
    retries: int
    policy: frozenset[str]

    def retries_on(self, failure: str) -> bool:
        """Whether a failure of this kind (ct, rt, 4xx, 5xx) is retried."""
        return "all" in self.policy or failure in self.policy


def overrides_of(url: str) -> Overrides:
    """Read `#ct=..&rt=..&tt=..&rc=..&rp=..`; values out of range are ignored, as are unknown keys."""
    given = dict(parse_qsl(urlsplit(url).fragment))

    def number(key: str, low: int, high: int, default: int) -> int:
        value = given.get(key, "")
        return int(value) if value.isdigit() and low <= int(value) <= high else default

    policy = frozenset(given.get("rp", "ct").lower().split(","))
    return Overrides(
        number("ct", 100, 10_000, 5_000),
        number("rt", 100, 15_000, 15_000),
        number("tt", 100, 15_000, 15_000),
        number("rc", 0, 5, 1),
        policy if policy <= {"4xx", "5xx", "ct", "rt", "all"} else frozenset({"ct"}),
    )


@dataclass(frozen=True)
class Outcome:
    """How a delivery ended: an answer of 2xx, or an error with Twilio's code (11200, 11205, 11215)."""

    url: str
    status: int | None
    content_type: str
    body: bytes
    error_code: int = 0

    @property
    def ok(self) -> bool:
        """Whether an answer of 2xx came."""
        return self.error_code == 0


@dataclass
class Sent:
    """One attempt as it is kept in `network.deliveries`. `status` is None when no answer came; `error` says why."""

    at_ms: int
    kind: str
    method: str
    url: str
    params: dict[str, str]
    attempt: int
    token: str
    status: int | None = None
    error: str = ""


@dataclass
class Delivery:
    """One webhook on its way: the same parameters and token over all its attempts."""

    kind: str
    method: str
    url: str
    params: dict[str, str]
    on_done: Callable[[Outcome], None]
    token: str
    started_ms: int
    overrides: Overrides
    keeps_port: bool = False
    attempt: int = 0
    redirects: int = 0
    authorization: str = ""


class Courier:
    """Sends deliveries one attempt at a time, each attempt an action on the network's clock."""

    def __init__(self, net: "Network", send: Send, pool: ThreadPoolExecutor | None) -> None:
        self._net = net
        self._send = send
        self._pool = pool

    def post(
        self,
        kind: str,
        method: str,
        url: str,
        params: Mapping[str, str],
        on_done: Callable[[Outcome], None],
        twice: bool = False,
    ) -> None:
        """Send a webhook as the next action; `on_done` gets its outcome.

        `twice` is the fault of a repeated request: it was sent before with the same token, and that answer is lost.
        """
        now_ms, rules, token = self._net.clock.now_ms, overrides_of(url), self._net.sids.token()
        for told in [_nobody, on_done] if twice else [on_done]:
            delivery = Delivery(kind, method.upper(), url, dict(params), told, token, now_ms, rules, kind == "message")
            self._net.clock.after(0, partial(self._attempt, delivery))

    def close(self) -> None:
        """Send nothing more."""
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _attempt(self, delivery: Delivery) -> None:
        limits = self._limits(delivery)
        delivery.attempt += 1
        url, body, headers = _request(delivery, self._net.auth_token)
        sent = Sent(
            self._net.clock.now_ms,
            delivery.kind,
            delivery.method,
            url,
            delivery.params,
            delivery.attempt,
            delivery.token,
        )
        self._net.deliveries.append(sent)
        if self._net.faults.hits(self._net.faults.refused, delivery.params, self._net.luck):
            self._settle(delivery, sent, ConnectionRefusedError("the network's fault switch"))
        elif self._pool is None:
            self._settle_inline(delivery, sent, limits, self._try(delivery.method, url, body, headers, limits))
        else:
            self._pool.submit(self._send_apart, delivery, sent, limits, (url, body, headers))

    def _limits(self, delivery: Delivery) -> TimeLimits:
        left_ms = max(100, delivery.started_ms + delivery.overrides.total_ms - self._net.clock.now_ms)
        return TimeLimits(min(delivery.overrides.connect_ms, left_ms), min(delivery.overrides.read_ms, left_ms))

    def _try(
        self, method: str, url: str, body: bytes, headers: dict[str, str], limits: TimeLimits
    ) -> Answer | Exception:
        try:
            return Answer(*self._send(method, url, body, headers, limits))
        except (ConnectionError, ConnectTimedOut, TimeoutError) as failure:
            return failure

    def _settle_inline(self, delivery: Delivery, sent: Sent, limits: TimeLimits, result: Answer | Exception) -> None:
        """A stepped network has not really waited for a time-out: let its clock pass instead."""
        took_ms = limits.read_ms if isinstance(result, TimeoutError) else 0
        took_ms = limits.connect_ms if isinstance(result, ConnectTimedOut) else took_ms
        if took_ms:
            self._net.clock.after(took_ms, partial(self._settle, delivery, sent, result))
        else:
            self._settle(delivery, sent, result)

    def _send_apart(
        self, delivery: Delivery, sent: Sent, limits: TimeLimits, request: tuple[str, bytes, dict[str, str]]
    ) -> None:
        result = self._try(delivery.method, *request, limits)
        with self._net.turn():
            self._settle(delivery, sent, result)

    def _settle(self, delivery: Delivery, sent: Sent, result: Answer | Exception) -> None:
        """One attempt is over: done, or on to where a redirect points, or once more, or given up."""
        if isinstance(result, Exception):
            sent.error = f"{type(result).__name__}: {result}"
            self._fail(delivery, "rt" if isinstance(result, TimeoutError) else "ct", None)
            return
        sent.status = result.status
        if 200 <= result.status < 300:
            self._done(delivery, result, 0)
        elif not self._follows(delivery, result):
            self._fail(delivery, f"{result.status // 100}xx", result)

    def _fail(self, delivery: Delivery, failure: str, answer: Answer | None) -> None:
        if self._may_retry(delivery, failure):
            self._net.clock.after(0, partial(self._attempt, delivery))
        else:
            self._done(delivery, answer, {"ct": 11205, "3xx": 11215}.get(failure, 11200))

    def _may_retry(self, delivery: Delivery, failure: str) -> bool:
        spent_ms = self._net.clock.now_ms - delivery.started_ms
        rules = delivery.overrides
        return delivery.attempt <= rules.retries and spent_ms < rules.total_ms and rules.retries_on(failure)

    def _follows(self, delivery: Delivery, answer: Answer) -> bool:
        """Go where a redirect points, or repeat with the URL's user and password after a 401."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        credentials = urlsplit(delivery.url).netloc.rpartition("@")[0]
        if answer.status == 401 and credentials and "www-authenticate" in headers and not delivery.authorization:
            delivery.authorization = "Basic " + base64.b64encode(credentials.encode()).decode()
        elif (
            answer.status in (301, 302, 303, 307, 308) and "location" in headers and delivery.redirects < MOST_REDIRECTS
        ):
            delivery.redirects += 1
            delivery.url = urljoin(delivery.url, headers["location"])
            if answer.status < 307:
                delivery.method, delivery.params = "GET", {}
        else:
            return False
        delivery.attempt -= 1
        self._net.clock.after(0, partial(self._attempt, delivery))
        return True

    def _done(self, delivery: Delivery, answer: Answer | None, error_code: int) -> None:
        content_type = ""
        if answer:
            content_type = next((v for k, v in answer.headers.items() if k.lower() == "content-type"), "")
        body = answer.body if answer else b""
        status = answer.status if answer else None
        delivery.on_done(Outcome(delivery.url.split("#")[0], status, content_type, body, error_code))


def _nobody(outcome: Outcome) -> None:
    """Who is told about an answer that is lost."""


def _request(delivery: Delivery, auth_token: str) -> tuple[str, bytes, dict[str, str]]:
    """URL, body and headers of the next attempt, signed."""
    parts = urlsplit(delivery.url)
    url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, parts.query, ""))
    headers = {
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
        "I-Twilio-Idempotency-Token": delivery.token,
    }
    if delivery.authorization:
        headers["Authorization"] = delivery.authorization
    if delivery.method == "GET":
        if delivery.params:
            url += ("&" if parts.query else "?") + urlencode(delivery.params)
        headers["X-Twilio-Signature"] = signature(auth_token, signed_url(url, delivery.keeps_port))
        return url, b"", headers
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    headers["X-Twilio-Signature"] = signature(auth_token, signed_url(url, delivery.keeps_port), delivery.params)
    return url, urlencode(delivery.params).encode(), headers
