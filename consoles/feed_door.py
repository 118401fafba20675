"""The feed's door: just enough HTTP to open a stream of server-sent events, and to refuse everything else.

Browsers knock with `GET /feed/floor?token=…`; a ticket (tickets.py) opens exactly the stream it names. One request per
connection, and nothing but a request line and a few headers is ever read.
"""

import asyncio
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

HEAD_S = 10.0
HEAD_BYTES = 8192
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Knock:
    """What was asked for."""

    method: str
    path: str
    token: str
    origin: str

    @property
    def stream(self) -> str:
        """The stream's name: `floor` or `desk/asha`; empty for any other path."""
        return self.path.removeprefix("/feed/") if self.path.startswith("/feed/") else ""


async def read_knock(reader: asyncio.StreamReader) -> Knock | None:
    """The request, or None when it is not one, too long or too slow."""
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HEAD_S)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    parts = urlsplit(words[1])
    token = parse_qs(parts.query).get("token", [""])[0]
    return Knock(words[0], unquote(parts.path), token, headers.get("origin", ""))


def allowed(origin: str, base_url: str) -> bool:
    """May a page of this origin read us? Ours may; on one machine `localhost` and `127.0.0.1` are the same."""
    ours, theirs = urlsplit(base_url), urlsplit(origin)
    if (theirs.scheme, theirs.netloc) == (ours.scheme, ours.netloc):
        return True
    local = ours.hostname in LOOPBACK and theirs.hostname in LOOPBACK
    return local and (theirs.scheme, theirs.port) == (ours.scheme, ours.port)


def opened(origin: str) -> bytes:
    """The head of a stream that was opened; a proxy in between must not hold it back."""
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/event-stream; charset=utf-8", "Cache-Control: no-cache"]
    lines += ["X-Accel-Buffering: no", "X-Content-Type-Options: nosniff", "Connection: close"]
    return _head([*lines, *_cors(origin)])


def refused(status: str, words: str, origin: str = "") -> bytes:
    """A whole answer that ends the connection."""
    body = words.encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}"]
    return _head([*lines, "Connection: close", *_cors(origin)]) + body


def _cors(origin: str) -> list[str]:
    return [f"Access-Control-Allow-Origin: {origin}", "Vary: Origin"] if origin else []


def _head(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
