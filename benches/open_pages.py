"""Pages that stay open on the floor: `python -m benches.open_pages COUNT` follows so many streams of the feed.

Says `open` when every page has its first frame; when its input ends, how many are still open and the frames they got.
Browsers run elsewhere: here they take only the processor time that nobody else wants.
"""

import asyncio
import json
import os
import sys
from dataclasses import dataclass

from center import Settings, read_settings
from consoles import tickets

LIMIT = 2**22


@dataclass
class Page:
    """One page: how many frames it got, and whether its stream is open."""

    frames: int = 0
    open: bool = True

    async def follow(self, settings: Settings) -> None:
        """Open the floor and read until the feed ends the stream."""
        reader, writer = await asyncio.open_connection("127.0.0.1", settings.feed_port, limit=LIMIT)
        ticket = tickets.mint(settings, tickets.FLOOR)
        writer.write(f"GET /feed/{tickets.FLOOR}?token={ticket} HTTP/1.1\r\nHost: feed\r\n\r\n".encode())
        while data := await reader.read(LIMIT):
            self.frames += data.count(b"event: frame")
        self.open = False
        writer.close()


async def follow_all(count: int) -> None:
    """Open, say so, wait for the end of the input, say what came."""
    settings = read_settings()
    pages = [Page() for _ in range(count)]
    tasks = [asyncio.create_task(page.follow(settings)) for page in pages]
    while not all(page.frames for page in pages):
        await asyncio.sleep(0.05)
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    print(json.dumps({"open": sum(page.open for page in pages), "frames": sum(page.frames for page in pages)}))
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    os.nice(19)
    asyncio.run(follow_all(int(sys.argv[1])))
