"""The feed: who may listen, what they hear first, and how soon they hear of a change. A real server on a real port."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from center import Center
from consoles import tickets
from consoles.feed import Feed
from consoles.feed_door import allowed
from consoles.streams import MOST_BEHIND
from queues import agent_moves
from tests.stories.world import World

ORIGIN = "http://center.test"
Play = Callable[[Feed, int], Awaitable[None]]


def play(center: Center, story: Play) -> None:
    """Run the feed and a story against it."""

    async def both() -> None:
        feed = Feed(center)
        server = await asyncio.start_server(feed.serve, "127.0.0.1", 0, limit=8192)
        work = [asyncio.create_task(one()) for one in (feed.listen, feed.show_desks, feed.show_floor)]
        while not feed.fresh:
            await asyncio.sleep(0.005)
        try:
            await asyncio.wait_for(story(feed, server.sockets[0].getsockname()[1]), 10)
        finally:
            for task in work:
                task.cancel()
            server.close()

    asyncio.run(both())


@asynccontextmanager
async def opened(port: int, path: str, origin: str = ORIGIN) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """The head of an answer, and what follows it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: feed\r\nOrigin: {origin}\r\n\r\n".encode())
    yield (await reader.readuntil(b"\r\n\r\n")).decode(), reader
    writer.close()


async def event(reader: asyncio.StreamReader, wanted: str = "frame") -> dict[str, Any]:
    """The next event of that name."""
    while True:
        lines = (await reader.readuntil(b"\n\n")).decode().splitlines()
        found = dict(line.split(": ", 1) for line in lines if line)
        if found["event"] == wanted:
            data: dict[str, Any] = json.loads(found["data"])
            return data


def path(center: Center, stream: str) -> str:
    return f"/feed/{stream}?token={tickets.mint(center.settings, stream)}"


def test_full_frame_comes_first(world: World) -> None:
    async def story(feed: Feed, port: int) -> None:
        async with opened(port, path(world.center, "floor")) as (head, reader):
            assert head.startswith("HTTP/1.1 200 OK")
            for line in ("Content-Type: text/event-stream", "Cache-Control: no-cache", "X-Accel-Buffering: no"):
                assert line in head
            assert f"Access-Control-Allow-Origin: {ORIGIN}" in head
            assert (await event(reader))["counts"]["signed_in"] == 0
            assert (await event(reader, "beat"))["fresh"] is True

    play(world.center, story)


def test_agents_own_change_reaches_the_desk_at_once(world: World) -> None:
    async def story(feed: Feed, port: int) -> None:
        async with opened(port, path(world.center, "desk/asha")) as (_, reader):
            assert (await event(reader))["agent"]["status"] == "offline"
            began_s = asyncio.get_running_loop().time()
            await asyncio.to_thread(agent_moves.choose_status, world.center, "asha", "available")
            assert (await event(reader))["agent"]["status"] == "available"
            assert asyncio.get_running_loop().time() - began_s < 1

    play(world.center, story)


def test_desk_hears_of_its_call_and_not_of_others(world: World) -> None:
    world.agent("asha", "never")
    leg = world.call()
    world.run(60, lambda: world.center.live.agent("asha").offer)

    async def story(feed: Feed, port: int) -> None:
        async with opened(port, path(world.center, "desk/asha")) as (_, reader):
            assert (await event(reader))["call"]["call"] == leg.sid
            await asyncio.to_thread(agent_moves.choose_status, world.center, "ravi", "available")
            feed.note([f"call:{leg.sid}"])
            assert (await event(reader))["call"]["call"] == leg.sid
            # Ravi's change alone would have come as a frame of its own before this one.
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(event(reader), 0.2)

    play(world.center, story)


def test_many_changes_are_one_frame_for_the_floor(world: World) -> None:
    async def story(feed: Feed, port: int) -> None:
        async with opened(port, path(world.center, "floor")) as (_, reader):
            await event(reader)
            for name in ("asha", "ravi", "kiran"):
                for status in ("available", "break", "available"):
                    await asyncio.to_thread(agent_moves.choose_status, world.center, name, status)
            frames = [await event(reader)]
            while frames[-1]["counts"]["ready"] < 3:
                frames.append(await event(reader))
            assert len(frames) < 9
            assert frames[-1]["counts"]["ready"] == 3

    play(world.center, story)


@pytest.mark.parametrize(
    ("stream", "ticket", "origin", "status"),
    [
        ("floor", "floor", "http://evil.test", "403"),
        ("floor", "", ORIGIN, "401"),
        ("floor", "desk/asha", ORIGIN, "401"),
        ("desk/ravi", "desk/asha", ORIGIN, "401"),
        ("", "", ORIGIN, "401"),
    ],
)
def test_ticket_opens_only_what_it_names(world: World, stream: str, ticket: str, origin: str, status: str) -> None:
    token = tickets.mint(world.center.settings, ticket) if ticket else "forged"

    async def story(feed: Feed, port: int) -> None:
        async with opened(port, f"/feed/{stream}?token={token}", origin) as (head, _):
            assert head.startswith(f"HTTP/1.1 {status}")
        assert len(feed.streams) == 0

    play(world.center, story)


def test_old_ticket_opens_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tickets.mint(world.center.settings, "floor")
    assert tickets.stream_of(world.center.settings, token) == "floor"
    monkeypatch.setattr(tickets, "LIFE_S", -1)
    assert tickets.stream_of(world.center.settings, token) == ""


def test_nonsense_is_refused_and_forgotten(world: World) -> None:
    async def story(feed: Feed, port: int) -> None:
        for line in (b"HELO\r\n\r\n", b"POST /feed/floor HTTP/1.1\r\n\r\n", b"x" * 9000):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(line)
            assert (await reader.read(64)).startswith(b"HTTP/1.1 400")
            writer.close()
        assert len(feed.streams) == 0

    play(world.center, story)


def test_slow_reader_is_dropped_and_the_others_are_not(world: World) -> None:
    async def story(feed: Feed, port: int) -> None:
        async with (
            opened(port, path(world.center, "floor")) as (_, quick),
            opened(port, path(world.center, "floor")) as (_, _slow),
        ):
            await event(quick)
            while len(feed.streams) < 2:
                await asyncio.sleep(0.01)
            big = b": " + b"x" * MOST_BEHIND + b"\n\n"
            for _ in range(40):
                feed.streams.send_all(big)
                await quick.readexactly(1)
                while len(await asyncio.wait_for(quick.read(MOST_BEHIND * 2), 5)) == MOST_BEHIND * 2:
                    pass
                await asyncio.sleep(0.01)
                if len(feed.streams) == 1:
                    break
            assert len(feed.streams) == 1

    play(world.center, story)


def test_lost_redis_is_told_to_the_pages(world: World) -> None:
    settings = world.center.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})

    async def story() -> None:
        feed = Feed(replace(world.center, settings=settings))
        listening = asyncio.create_task(feed.listen())
        server = await asyncio.start_server(feed.serve, "127.0.0.1", 0)
        async with opened(server.sockets[0].getsockname()[1], path(world.center, "floor")) as (_, reader):
            assert (await event(reader, "beat"))["fresh"] is False
        listening.cancel()
        server.close()

    asyncio.run(asyncio.wait_for(story(), 10))


@pytest.mark.parametrize(
    ("origin", "base", "may"),
    [
        ("https://calls.example.org", "https://calls.example.org", True),
        ("http://calls.example.org", "https://calls.example.org", False),
        ("https://calls.example.org.evil.test", "https://calls.example.org", False),
        ("http://localhost:8000", "http://127.0.0.1:8000", True),
        ("http://localhost:8001", "http://127.0.0.1:8000", False),
        ("null", "http://127.0.0.1:8000", False),
    ],
)
def test_only_our_own_pages_may_read(origin: str, base: str, may: bool) -> None:
    assert allowed(origin, base) is may
