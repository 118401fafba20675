"""Where the milliseconds between an agent who becomes free and the ring on the wire go.

Nothing in the service is changed for this: Redis itself tells (MONITOR) when each command came, and every stage begins
or ends with one. Events are looked at one by one, apart from the measured run, because the telling costs Redis time.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

# A stage ends with the first command that contains all these texts, after the one before has ended.
MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("web: request read and checked", ('"HGETALL" "tr:agent:',)),
    ("web: decided and saved", ("lua]", '"RPUSH" "tr:causes"')),
    ("worker: the job that stands by is woken", ('"EVALSHA"', '"rest"')),
    ("worker: pair claimed, handed to a thread", ('"EVALSHA"', '"ring"')),
)
LAST = "worker: looked up, request built and sent"


class Telling:
    """A MONITOR connection: every command with the time at which Redis got it, in ns of the monotonic clock."""

    def __init__(self, redis_url: str) -> None:
        self._address = urlsplit(redis_url)
        self.lines: list[tuple[int, str]] = []

    async def __aenter__(self) -> "Telling":
        reader, self._writer = await asyncio.open_connection(self._address.hostname, self._address.port, limit=2**20)
        self._writer.write(b"MONITOR\r\n")
        await reader.readline()
        self._reading = asyncio.create_task(self._read(reader))
        return self

    async def _read(self, reader: asyncio.StreamReader) -> None:
        since_epoch_ns = time.time_ns() - time.perf_counter_ns()
        while line := (await reader.readline()).decode("utf-8", "replace"):
            at, _, rest = line.removeprefix("+").partition(" ")
            self.lines.append((int(at.replace(".", "")) * 1000 - since_epoch_ns, rest))

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        self._writer.close()

    def forget(self) -> None:
        """Begin anew."""
        self.lines.clear()

    def stages(self, sent_ns: int, wire_ns: int) -> list[int]:
        """The duration of each stage of one event, in ns; empty when a mark is missing."""
        at_ns, found = sent_ns, []
        lines = iter([line for line in self.lines if line[0] >= sent_ns])
        for _, texts in MARKS:
            mark_ns = next((ns for ns, line in lines if all(text in line for text in texts)), 0)
            if not at_ns <= mark_ns <= wire_ns:
                return []
            found.append(mark_ns - at_ns)
            at_ns = mark_ns
        return [*found, wire_ns - at_ns]

    def commands(self, sent_ns: int, wire_ns: int) -> int:
        """How many commands Redis got in between, those inside scripts not counted."""
        return sum(sent_ns <= ns <= wire_ns and "lua]" not in line for ns, line in self.lines)


def stage_table(samples: Sequence[Sequence[int]]) -> dict[str, float]:
    """Stage → its middle duration in µs."""
    names = [name for name, _ in MARKS] + [LAST]
    return {name: statistics.median(row) / 1000 for name, row in zip(names, zip(*samples, strict=True), strict=True)}


def stage_lines(table: dict[str, float]) -> list[str]:
    """The table for people, with each stage's share."""
    whole = sum(table.values()) or 1.0
    rows = [f"  {name:<42}{took:>8.0f} µs  {took / whole:>4.0%}" for name, took in table.items()]
    return ["where the time goes (single events, the median of each stage):", *rows]
