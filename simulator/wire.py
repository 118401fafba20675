"""The events of one browser phone, on their way to the page: numbered, kept for a while, sent as server-sent events.

A page whose connection breaks says which event it saw last and gets the rest; so an event is told once in effect,
however often the connection is made anew.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Condition
from typing import Any

MOST_KEPT = 2_000
LOOK_EVERY_S = 1.0
HEARTBEAT_S = 10.0
OPENING = b"retry: 1000\n\n"
HEARTBEAT = b": heartbeat\n\n"


class Wire:
    """Told by the network's thread, read by the thread of each connection."""

    def __init__(self) -> None:
        self._kept: deque[tuple[int, bytes]] = deque(maxlen=MOST_KEPT)
        self._last = 0
        self._news = Condition()
        self._closed = False

    def tell(self, name: str, facts: dict[str, Any]) -> None:
        """Send an event to whoever reads, now or later."""
        with self._news:
            self._last += 1
            data = json.dumps(facts, ensure_ascii=False)
            self._kept.append((self._last, f"id: {self._last}\nevent: {name}\ndata: {data}\n\n".encode()))
            self._news.notify_all()

    def close(self) -> None:
        """End all connections, after what is left to tell."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def frames(self, after: int, gone: Callable[[], bool]) -> Iterator[bytes]:
        """Everything after event number `after`, as it comes; ends with the wire or when the reader is `gone`."""
        yield OPENING
        spoke_s = time.monotonic()
        while True:
            fresh, closed = self._wait(after)
            if fresh:
                after = fresh[-1][0]
                yield b"".join(frame for _, frame in fresh)
                spoke_s = time.monotonic()
            elif closed or gone():
                return
            elif time.monotonic() - spoke_s >= HEARTBEAT_S:
                yield HEARTBEAT
                spoke_s = time.monotonic()

    def _wait(self, after: int) -> tuple[list[tuple[int, bytes]], bool]:
        with self._news:
            if self._last <= after and not self._closed:
                self._news.wait(LOOK_EVERY_S)
            return [(number, frame) for number, frame in self._kept if number > after], self._closed
