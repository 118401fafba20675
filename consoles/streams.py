"""The open live streams: who follows what, and one encoded frame written to all of them. In the feed's own process.

A reader who does not keep up is dropped, not waited for: the page opens a new stream and gets a full frame first.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

MOST_BEHIND = 256 * 1024
_ids = count(1)


def encode(event: str, data: dict[str, Any]) -> bytes:
    """One server-sent event, with an id that grows."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (next(_ids), event.encode(), orjson.dumps(data))


@dataclass(eq=False)
class Stream:
    """One page's open connection; `tied` are the keys of live state that its last frame was made of."""

    name: str
    writer: asyncio.StreamWriter
    tied: frozenset[str] = frozenset()

    def send(self, event: bytes) -> bool:
        """Write without waiting. False: this reader is gone or too far behind."""
        if self.writer.is_closing() or self.writer.transport.get_write_buffer_size() > MOST_BEHIND:
            return False
        self.writer.write(event)
        return True


@dataclass
class Streams:
    """All open streams by name: `floor`, `desk/asha`."""

    by_name: dict[str, set[Stream]] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(streams) for streams in self.by_name.values())

    def add(self, stream: Stream) -> None:
        """A page opened a stream."""
        self.by_name.setdefault(stream.name, set()).add(stream)

    def drop(self, stream: Stream) -> None:
        """A page left, or was too slow."""
        streams = self.by_name.get(stream.name, set())
        streams.discard(stream)
        if not streams:
            self.by_name.pop(stream.name, None)
        if not stream.writer.is_closing():
            stream.writer.transport.abort()

    def names(self) -> list[str]:
        """What anybody follows just now."""
        return list(self.by_name)

    def send(self, name: str, event: bytes) -> None:
        """One encoded event to everybody who follows `name`."""
        self._send(self.by_name.get(name, set()), event)

    def send_all(self, event: bytes) -> None:
        """To everybody."""
        for streams in list(self.by_name.values()):
            self._send(streams, event)

    def _send(self, streams: Iterable[Stream], event: bytes) -> None:
        for stream in [one for one in streams if not one.send(event)]:
            self.drop(stream)
