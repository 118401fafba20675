"""The load of the webhook bench: answers are read whole however they come, and times count from when they were due."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from benches.knocking import Knocks, arrivals, at_rate, body_length, full_speed, one

MESSAGE = b"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
Play = Callable[[int], Awaitable[Knocks]]


def against_server(slow_s: float, play: Play, status: int = 200) -> tuple[Knocks, int]:
    """A round against a server that takes so long and answers in two pieces. Returns it, and the connections."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.read(4096):
            await asyncio.sleep(slow_s)
            writer.write(f"HTTP/1.1 {status} X\r\ncontent-Length: 5\r\n\r\nhe".encode())
            await asyncio.sleep(0)
            writer.write(b"llo")
        writer.close()

    async def both() -> Knocks:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            return await play(server.sockets[0].getsockname()[1])

    return asyncio.run(both()), connections


def test_every_message_is_answered_once_over_kept_connections() -> None:
    knocks, connections = against_server(0, lambda port: full_speed(port, [MESSAGE] * 50, 4, 10))
    assert (len(knocks.durations_ns), knocks.refused, connections) == (50, 0, 4)


def test_round_ends_with_its_time() -> None:
    knocks, _ = against_server(0.05, lambda port: full_speed(port, [MESSAGE] * 1000, 2, 0.2))
    assert 2 <= len(knocks.durations_ns) <= 12
    assert knocks.took_s >= 0.2


def test_refusals_are_counted() -> None:
    knocks, _ = against_server(0, lambda port: full_speed(port, [MESSAGE] * 3, 1, 10), status=403)
    assert knocks.refused == 3


def test_time_counts_from_when_a_request_was_due() -> None:
    # One connection that takes 20 ms, and ten requests due at once: the last has waited for all before it.
    knocks, _ = against_server(0.02, lambda port: at_rate(port, [MESSAGE] * 10, 1, 100_000))
    assert len(knocks.durations_ns) == 10
    assert max(knocks.durations_ns) >= 10 * 20_000_000 * 0.9


def test_body_is_what_follows_the_head() -> None:
    async def ask(port: int) -> Knocks:
        assert await one(port, MESSAGE) == (200, b"hello")
        return Knocks()

    against_server(0, ask)


def test_answer_without_a_length_is_an_error() -> None:
    assert body_length(b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 12") == 12
    with pytest.raises(ValueError, match="content-length"):
        body_length(b"HTTP/1.1 200 OK\r\nA: b")


def test_arrivals_come_at_their_rate_and_the_same_for_a_seed() -> None:
    due_s = arrivals(4000, 200)
    assert due_s == arrivals(4000, 200)
    assert due_s == sorted(due_s)
    assert due_s[-1] == pytest.approx(20, rel=0.1)
