"""Redis's client with the short way to the server for single commands: half a million of them are made in one test.

The ordinary client spends three quarters of a command's time on retries, events and pools, which no test here needs.
"""

import socket
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.exceptions import NoScriptError, ResponseError

SHORT = frozenset({"EVALSHA", "HGETALL", "HMGET", "DEL"})


class ShortWire(redis.Redis):
    """A client of `redis://host:port/0` with a connection of its own for the commands of `SHORT`.

    What nobody waits to be told the outcome of (a mark deleted, an order done) travels with the next command.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host, port = parts.hostname or "127.0.0.1", parts.port or 6379
        super().__init__(host, port, decode_responses=True)
        self.wire = socket.create_connection((host, port))
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.wire.makefile("rb")
        self.unsent: list[bytes] = []

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """As the ordinary client's."""
        if args[0] not in SHORT:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        words = [word if isinstance(word, bytes) else str(word).encode() for word in args]
        parts = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
        self.unsent.append(b"*%d\r\n%s" % (len(words), parts))
        if args[0] == "DEL" or args[3:4] == ("done",):
            return None
        self.wire.sendall(b"".join(self.unsent))
        for _ in self.unsent[1:]:
            self._answer()
        self.unsent.clear()
        answer = self._answer()
        return dict(zip(answer[::2], answer[1::2], strict=True)) if args[0] == "HGETALL" else answer

    def _answer(self) -> Any:
        line = self.answers.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return self.answers.read(int(rest) + 2)[:-2].decode() if rest != b"-1" else None
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))] if rest != b"-1" else None
        if kind == b"-":
            raise NoScriptError(rest) if rest.startswith(b"NOSCRIPT") else ResponseError(rest)
        return int(rest) if kind == b":" else rest.decode()

    def close(self) -> None:
        """Both connections end."""
        self.answers.close()
        self.wire.close()
        super().close()
