"""HTTP on the wire with as little between the bench and the socket as can be: a client and a receiver, both asyncio.

A stamp is taken just before a request is written and as soon as one has been read whole.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True)
class Request:
    """What came in, and when (ns of the monotonic clock)."""

    method: str
    path: str
    form: Mapping[str, str]
    at_ns: int


async def _read_message(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """First line and body of a request or an answer. Raises IncompleteReadError when the other side is gone."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return first, await reader.readexactly(int(fields.get("content-length", "0")))


class Caller:
    """Sends forms and JSON to the web process over kept connections."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, method: str, path: str, headers: Mapping[str, str], body: str) -> tuple[int, int, bytes]:
        """One request. Returns when it left (ns), the status of the answer, and its body."""
        reader, writer = self._free.pop() if self._free else await self._connect()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        message = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        sent_ns = time.perf_counter_ns()
        writer.write(message)
        first, answer = await _read_message(reader)
        self._free.append((reader, writer))
        return sent_ns, int(first.split()[1]), answer

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._host, self._port)

    def close(self) -> None:
        """Let go of the connections."""
        for _, writer in self._free:
            writer.close()


@contextmanager
def loop_in_thread() -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """An event loop in a thread of its own, for whoever starts processes meanwhile. Yields how to run on it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, loop).result()

    try:
        yield run
    finally:
        run(_end_all())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


async def _end_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def form_body(fields: Mapping[str, str]) -> str:
    """A form as the phone network sends it."""
    return urlencode(fields)


async def receive(port: int, answer: Callable[[Request], tuple[int, object]]) -> asyncio.Server:
    """Listen on a port of this machine; each request is answered with a status and a JSON body."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                first, body = await _read_message(reader)
                at_ns = time.perf_counter_ns()
                method, path, _ = first.split(" ", 2)
                status, told = answer(Request(method, path, dict(parse_qsl(body.decode())), at_ns))
                writer.write(_answer(status, told))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    return await asyncio.start_server(converse, "127.0.0.1", port)


def _answer(status: int, told: object) -> bytes:
    body = json.dumps(told).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
