"""The phone network of the ring bench: answers `Calls` as Twilio does and tells who waits for a request that it came.

It is no simulator: it plays no documents and has no time of its own. What legs and callers do is in `crew.py`.
"""

import asyncio
import itertools
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from benches.wire import Request


class CarrierEnd:
    """The REST face, for any account. `legs` is the leg that was created last on each line."""

    def __init__(self) -> None:
        self._sids = (f"CA{number:032x}" for number in itertools.count(1 << 64))
        self._expected: dict[tuple[str, str], asyncio.Future[Request]] = {}
        self.surprises = 0
        self.legs: dict[str, str] = {}

    def expect(self, what: str, whom: str) -> "asyncio.Future[Request]":
        """A future of the next request: `ring` to a line, or `move` of a caller's leg."""
        future: asyncio.Future[Request] = asyncio.get_running_loop().create_future()
        self._expected[what, whom] = future
        return future

    def answer(self, request: Request) -> tuple[int, object]:
        """Status and body for one request of the service."""
        path = urlsplit(request.path).path.removesuffix(".json")
        leg = path.partition("/Calls")[2].strip("/")
        if request.method == "GET":
            return 200, _one(leg) if leg else _no_rows(path.rpartition("/")[2].lower())
        if not leg:
            return 201, self._created(request)
        if "Url" in request.form:
            self._tell("move", leg, request)
        return 200, {"sid": leg, "status": request.form.get("Status", "in-progress"), "to": ""}

    def _created(self, request: Request) -> Mapping[str, str]:
        line = request.form["To"]
        self.legs[line] = sid = next(self._sids)
        self._tell("ring", line, request)
        return {"sid": sid, "status": "queued", "to": line}

    def _tell(self, what: str, whom: str, request: Request) -> None:
        waiting = self._expected.pop((what, whom), None)
        if waiting is None or waiting.done():
            self.surprises += 1
        else:
            waiting.set_result(request)


def _one(leg: str) -> Mapping[str, object]:
    return {"sid": leg, "status": "in-progress", "to": ""}


def _no_rows(name: str) -> Mapping[str, object]:
    return {name: [], "next_page_uri": None, "page": 0, "page_size": 50, "uri": ""}


def offer_of(request: Request) -> int:
    """The offer that a ring or a move is for, from the document's address."""
    query = parse_qs(urlsplit(request.form["Url"]).query)
    return int(query["offer"][0])
