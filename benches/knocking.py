"""Load on a web server over kept connections: as fast as it answers, or at a rate whatever it answers.

One asyncio protocol per connection and requests built beforehand: on a shared machine the load must not be the work.
At a rate, a request's time counts from the moment at which it was due, not from when a connection was free for it.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

PATIENCE_S = 30.0


@dataclass
class Knocks:
    """What became of one round: the time each answer took, and how many were not a 200."""

    durations_ns: list[int] = field(default_factory=list)
    refused: int = 0
    took_s: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.durations_ns) / self.took_s


def body_length(head: bytes) -> int:
    """How many bytes follow the head of an answer. Raises ValueError when it does not say."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without a content-length")


class Connection(asyncio.Protocol):
    """One kept connection with at most one request on it."""

    def __init__(self) -> None:
        self._parts = bytearray()
        self._due = 0
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, message: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        """Send a request; the answer's status and body will be in the future."""
        self._waiting = asyncio.get_running_loop().create_future()
        self.transport.write(message)
        return self._waiting

    def data_received(self, data: bytes) -> None:
        """Some of the answer came."""
        self._parts += data
        head_end = self._parts.find(b"\r\n\r\n")
        if head_end < 0:
            return
        self._due = self._due or head_end + 4 + body_length(bytes(self._parts[:head_end]))
        if len(self._parts) >= self._due and self._waiting is not None:
            answer = int(self._parts[9:12]), bytes(self._parts[head_end + 4 : self._due])
            del self._parts[: self._due]
            self._due = 0
            self._waiting.set_result(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server let go."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(ConnectionError("the server closed a connection"))


@asynccontextmanager
async def connected(port: int, connections: int) -> AsyncIterator[list[Connection]]:
    """So many connections to a server of this machine."""
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_connection(Connection, "127.0.0.1", port) for _ in range(connections)]
    try:
        yield [connection for _, connection in pairs]
    finally:
        for transport, _ in pairs:
            transport.close()


async def one(port: int, message: bytes) -> tuple[int, bytes]:
    """A single request. Returns status and body."""
    async with connected(port, 1) as (connection,):
        return await asyncio.wait_for(connection.ask(message), PATIENCE_S)


async def full_speed(port: int, messages: Sequence[bytes], connections: int, seconds: float) -> Knocks:
    """Each connection sends the next request as soon as the last is answered, until the time or the requests end."""
    knocks, left = Knocks(), iter(messages)
    async with connected(port, connections) as all_of_them:
        began_ns = time.perf_counter_ns()
        end_ns = began_ns + round(seconds * 1e9)
        await asyncio.gather(*(_keep_asking(connection, left, end_ns, knocks) for connection in all_of_them))
        knocks.took_s = (time.perf_counter_ns() - began_ns) / 1e9
    return knocks


async def _keep_asking(connection: Connection, left: Iterator[bytes], end_ns: int, knocks: Knocks) -> None:
    while (now_ns := time.perf_counter_ns()) < end_ns and (message := next(left, None)) is not None:
        await _asked(connection, message, now_ns, knocks)


async def at_rate(port: int, messages: Sequence[bytes], connections: int, per_second: float) -> Knocks:
    """All of these requests at the moments of `arrivals`; those that find no free connection wait for one."""
    knocks, due_s = Knocks(), arrivals(len(messages), per_second)
    async with connected(port, connections) as all_of_them:
        free, working = deque(all_of_them), set[asyncio.Task[None]]()
        freed = asyncio.Event()
        began_ns = time.perf_counter_ns()
        for message, at_s in zip(messages, due_s, strict=True):
            due_ns = began_ns + round(at_s * 1e9)
            await asyncio.sleep(max(0.0, (due_ns - time.perf_counter_ns()) / 1e9))
            while not free:
                freed.clear()
                await freed.wait()
            task = asyncio.create_task(_lent(free.popleft(), free, freed, message, due_ns, knocks))
            working.add(task)
            task.add_done_callback(working.discard)
        await asyncio.gather(*working)
        knocks.took_s = (time.perf_counter_ns() - began_ns) / 1e9
    return knocks


async def _lent(
    connection: Connection,
    free: deque[Connection],
    freed: asyncio.Event,
    message: bytes,
    due_ns: int,
    knocks: Knocks,
) -> None:
    await _asked(connection, message, due_ns, knocks)
    free.append(connection)
    freed.set()


async def _asked(connection: Connection, message: bytes, since_ns: int, knocks: Knocks) -> None:
    status, _ = await asyncio.wait_for(connection.ask(message), PATIENCE_S)
    knocks.durations_ns.append(time.perf_counter_ns() - since_ns)
    knocks.refused += status != 200


def arrivals(count: int, per_second: float, seed: int = 1) -> list[float]:
    """Seconds from the start at which requests are due: by chance, as callers press, the same for the same seed."""
    random, at_s, due_s = Random(seed), 0.0, []
    for _ in range(count):
        at_s += random.expovariate(per_second)
        due_s.append(at_s)
    return due_s
