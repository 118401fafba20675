"""A customer of the network in a few lines: a WSGI server of TwiML documents, and the network that calls it."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from twilio.request_validator import RequestValidator
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from simulator import Leg, Network
from simulator.courier import TimeLimits

ACCOUNT = "AC" + "1" * 32
TOKEN = "the-auth-token"
KEY = "SK" + "2" * 32
SECRET = "the-key-secret"
START_MS = 1_700_000_000_000
HOST = "http://customer.test:8000"
OURS = "+18005550100"
CALLER = "+14155550123"
AGENT = "+919876543210"

Document = str | Callable[[dict[str, str]], str] | Exception | Response


class Customer:
    """Documents by path; every request is kept, its signature checked."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.headers: list[Mapping[str, str]] = []
        self._client = Client(self._wsgi)
        self._failure: Exception | None = None

    def send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], limits: TimeLimits
    ) -> tuple[int, Mapping[str, str], bytes]:
        """What the network calls to deliver a webhook."""
        self._failure = None
        host, _, rest = url.partition("//")[2].partition("/")
        path, _, query = rest.partition("?")
        base = f"{url.partition('//')[0]}//{host}"
        answer = self._client.open(
            path="/" + path, query_string=query, base_url=base, method=method, data=body, headers=headers
        )
        self.headers.append(headers)
        if self._failure:
            raise self._failure
        return answer.status_code, dict(answer.headers), answer.data

    def _wsgi(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        params = {**request.args.to_dict(), **request.form.to_dict()}
        query = environ["QUERY_STRING"]
        url = f"{request.scheme}://{request.host}{request.path}" + (f"?{query}" if query else "")
        signed = request.headers.get("X-Twilio-Signature", "")
        assert RequestValidator(TOKEN).validate(url, request.form.to_dict(), signed), f"wrong signature for {url}"
        self.seen.append((request.path, params))
        document = self.documents.get(request.path, Response(status=404))
        if isinstance(document, Exception):
            self._failure, document = document, ""
        if isinstance(document, Response):
            return document(environ, start_response)
        text = document(params) if callable(document) else document
        return Response(f"<Response>{text}</Response>", mimetype="text/xml")(environ, start_response)

    def got(self, path: str) -> list[dict[str, str]]:
        """The parameters of every request to a path, in order."""
        return [params for where, params in self.seen if where == path]

    def statuses(self, path: str, name: str = "CallStatus") -> list[str]:
        return [params[name] for params in self.got(path)]


class Town:
    """A network, its customer, and REST requests to it as an account holder makes them."""

    def __init__(self, **settings: Any) -> None:
        self.customer = Customer()
        self.documents = self.customer.documents
        self.net = Network(ACCOUNT, TOKEN, KEY, SECRET, START_MS, self.customer.send, **settings)
        self.net.number(OURS, f"{HOST}/in", f"{HOST}/fallback", f"{HOST}/ended")
        self.documents["/ended"] = ""

    @cached_property
    def _client(self) -> Client:
        return Client(self.net.app)

    def rest(self, method: str, path: str, expect: int | None = None, **form: Any) -> dict[str, Any]:
        """A REST request under the account; the JSON of its answer (`status_code` beside it when refused)."""
        url = f"/2010-04-01/Accounts/{ACCOUNT}/{path}"
        query, data = (form, None) if method == "GET" else (None, form)
        answer = self._client.open(url, method=method, auth=(ACCOUNT, TOKEN), query_string=query, data=data)
        assert answer.status_code == (expect or {"POST": answer.status_code, "DELETE": 204}.get(method, 200)), (
            answer.text
        )
        return dict(answer.json or {})

    def control(self, method: str, path: str, body: Any = None, expect: int = 200) -> dict[str, Any]:
        answer = self._client.open(f"/control/{path}", method=method, json=body)
        assert answer.status_code == expect, answer.text
        return dict(answer.json or {})

    def ask(self, url: str, auth: tuple[str, str] | None = (ACCOUNT, TOKEN)) -> dict[str, Any]:
        """A GET of a URL as the network wrote it."""
        answer = self._client.get(url, auth=auth)
        return {**(answer.json or {}), "http": answer.status_code}

    def call(self, script: str = "wait", from_: str = CALLER) -> Leg:
        return self.net.place_call(from_, OURS, script)

    def dial(self, to: str, script: str = "", **form: Any) -> Leg:
        """Create a leg by REST to a person with that script."""
        if script:
            self.net.person(to, script)
        made = self.rest("POST", "Calls.json", 201, To=to, From=OURS, **form)
        return self.net.leg(made["sid"])

    def pass_s(self, seconds: float) -> None:
        self.net.advance_to(self.net.now_ms + round(seconds * 1000))

    def at(self, ms: int | None) -> int:
        """Milliseconds since the town began; fails when it never happened."""
        assert ms is not None
        return ms - START_MS
