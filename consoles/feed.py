"""Live updates, in a process of their own: `python -m consoles.feed`. One asyncio loop, one Redis subscription.

Every change of live state that a page could show is announced on `tr:changes`. An agent's desk hears of its own changes
at once; the floor is built at most every 100 ms and written as one encoded frame to every wall. Nothing here decides
anything.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from center import Center, SettingsError, assemble, read_settings
from consoles import feed_door, snapshot, tickets
from consoles.streams import Stream, Streams, encode
from logs import log, start_logging

# Where every commit of live state names the keys in which it changed what can be seen.
CHANGES = "tr:changes"
# Pages wait for callers, not the other way round: where processors are scarce, a webhook goes before a page.
YIELD = 5
FLOOR_EVERY_S = 0.1
BEAT_EVERY_S = 5.0
STREAM_LIFE_S = 3600.0
AGAIN_S = 1.0
MOST_STREAMS = 5000


@dataclass
class Feed:
    """The feed of one center: what is stale, and who wants to know."""

    center: Center
    streams: Streams = field(default_factory=Streams)
    changed: set[str] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    floor_stale: asyncio.Event = field(default_factory=asyncio.Event)
    fresh: bool = False

    # -- what changed -------------------------------------------------------------------------------------------------

    async def listen(self) -> None:
        """Hear of changes for ever; when Redis comes back, everything counts as changed."""
        url = self.center.settings.redis_url or "redis://127.0.0.1:6379/0"
        while True:
            client = redis.asyncio.Redis.from_url(url, socket_connect_timeout=2)
            try:
                async with client.pubsub() as channel:
                    await channel.subscribe(CHANGES)
                    self.fresh = True
                    self.note(self.streams.names())
                    await self._hear(channel)
            except (RedisError, OSError) as error:
                log.warning("feed_lost_redis", reason=type(error).__name__)
            finally:
                self.fresh = False
                await client.aclose()
            self.streams.send_all(self._beat())
            await asyncio.sleep(AGAIN_S)

    async def _hear(self, channel: Any) -> None:
        while True:
            # A ping finds a connection that died without a word.
            message = await channel.get_message(ignore_subscribe_messages=True, timeout=BEAT_EVERY_S)
            if message is None:
                await channel.ping()
            elif message["type"] == "message":
                self.note(json.loads(message["data"]))

    def note(self, keys: list[str]) -> None:
        """These records changed."""
        self.changed.update(keys)
        self.woken.set()
        self.floor_stale.set()

    # -- frames -------------------------------------------------------------------------------------------------------

    async def show_desks(self) -> None:
        """Every desk that a change concerns gets its frame at once."""
        while True:
            await self.woken.wait()
            self.woken.clear()
            keys, self.changed = self.changed, set()
            for name in self.streams.names():
                if name != tickets.FLOOR and self._concerns(name, keys):
                    await self._show(name)

    def _concerns(self, name: str, keys: set[str]) -> bool:
        own = {name, f"agent:{name.removeprefix('desk/')}"}
        return any(keys & (own | stream.tied) for stream in self.streams.by_name.get(name, ()))

    async def show_floor(self) -> None:
        """The floor, never more often than anyone can see."""
        while True:
            await self.floor_stale.wait()
            self.floor_stale.clear()
            if tickets.FLOOR in self.streams.names():
                await self._show(tickets.FLOOR)
            await asyncio.sleep(FLOOR_EVERY_S)

    async def _show(self, name: str) -> None:
        frame = await self._frame(name)
        if frame is not None:
            for stream in self.streams.by_name.get(name, ()):
                stream.tied = _tied(frame)
            self.streams.send(name, encode("frame", frame))

    async def _frame(self, name: str) -> dict[str, Any] | None:
        """A frame, read beside the loop; None while the live state cannot be reached."""
        try:
            if name == tickets.FLOOR:
                return await asyncio.to_thread(snapshot.floor, self.center)
            return await asyncio.to_thread(snapshot.desk, self.center, name.removeprefix("desk/"))
        except (RedisError, KeyError):
            return None

    # -- who listens --------------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its request until its page leaves."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            knock = await feed_door.read_knock(reader)
            refusal = self._refusal(knock)
            if knock is None or refusal:
                writer.write(refusal or feed_door.refused("400 Bad Request", "Not a request."))
                await writer.drain()
            else:
                writer.write(feed_door.opened(knock.origin))
                await self._follow(Stream(knock.stream, writer), reader)
        writer.close()

    def _refusal(self, knock: feed_door.Knock | None) -> bytes:
        if knock is None or knock.method != "GET":
            return feed_door.refused("400 Bad Request", "Only GET.")
        settings = self.center.settings
        if knock.origin and not feed_door.allowed(knock.origin, settings.base_url):
            return feed_door.refused("403 Forbidden", "This page is not ours.")
        if not knock.stream or tickets.stream_of(settings, knock.token) != knock.stream:
            return feed_door.refused("401 Unauthorized", "This ticket does not open that.", knock.origin)
        if len(self.streams) >= MOST_STREAMS:
            return feed_door.refused("503 Service Unavailable", "Too many streams.", knock.origin)
        return b""

    async def _follow(self, stream: Stream, reader: asyncio.StreamReader) -> None:
        # Followed before the first frame is built, so that no change falls in between.
        self.streams.add(stream)
        try:
            frame = await self._frame(stream.name)
            if frame is not None:
                stream.tied = _tied(frame)
                stream.send(encode("frame", frame))
            stream.send(self._beat())
            async with asyncio.timeout(STREAM_LIFE_S):
                while await reader.read(1024):
                    pass
        finally:
            self.streams.drop(stream)

    # -- alive --------------------------------------------------------------------------------------------------------

    def _beat(self) -> bytes:
        return encode("beat", {"now_ms": self.center.now_ms(), "fresh": self.fresh})

    async def beat(self) -> None:
        """Tell pages the time, and the service that the feed lives. A page that hears nothing knows it is alone."""
        while True:
            self.streams.send_all(self._beat())
            with contextlib.suppress(RedisError):
                await asyncio.to_thread(self.center.live.beat, "feed", self.center.now_ms())
            await asyncio.sleep(BEAT_EVERY_S)

    async def run(self, host: str, port: int) -> None:
        """Serve until told to stop."""
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        server = await asyncio.start_server(self.serve, host, port, limit=feed_door.HEAD_BYTES)
        log.info("feed_listens", host=host, port=port)
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(one()) for one in (self.listen, self.show_desks, self.show_floor, self.beat)]
            await stop.wait()
            server.close()
            for stream in [one for streams in self.streams.by_name.values() for one in streams]:
                self.streams.drop(stream)
            for task in work:
                task.cancel()


def _tied(frame: dict[str, Any]) -> frozenset[str]:
    """The keys of the records that a desk's frame shows beside the agent's own."""
    kinds = {"call": "call", "offer": "offer"}
    return frozenset(f"{kind}:{frame[kind][name]}" for kind, name in kinds.items() if frame.get(kind))


def main() -> None:
    """Run with the settings of the environment. It listens on FEED_PORT, else on the port after PORT."""
    try:
        settings = read_settings()
        start_logging("feed", settings.log_level)
        center = assemble(settings)
    except SettingsError as error:
        sys.exit("\n".join(error.lines))
    port = settings.feed_port or settings.port + 1
    os.nice(YIELD)
    asyncio.run(Feed(center).run(os.environ.get("HOST", "0.0.0.0"), port))  # noqa: S104


if __name__ == "__main__":
    main()
