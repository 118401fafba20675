"""One shift of the ring bench: the service with so many agents, kept busy for a while, then watched event by event."""

import asyncio
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

from adapters.live import Live
from benches.carrier_end import CarrierEnd
from benches.crew import Crew
from benches.embedded import connect
from benches.figures import HOUSE, spread
from benches.service import running_service
from benches.stages import Telling, stage_table
from benches.waiting_line import fill
from benches.wire import Caller, loop_in_thread, receive
from launch.variables import free_port

EVENTS = ("free to ring", "accept to move", "missed to next ring")
# 7 agents a second become free and accept, 6 rings a second are missed: 20 events.
FREE_EVERY_S, MISS_EVERY_S = 1 / 7, 1 / 6
WARM_UP_S, LOOKED_AT = 5.0, 60


def one_size(size: int, seconds: float) -> dict[str, Any]:
    """The figures of one size, as printed and kept."""
    port, carrier = free_port(), CarrierEnd()
    with loop_in_thread() as run:
        run(receive(port, carrier.answer))
        with running_service(size, port) as running:
            client = connect(running.environ["REDIS_URL"])
            live = fill(client, running, round(2 * seconds / FREE_EVERY_S) + 1000, time.time_ns() // 1_000_000)
            crew = Crew(running, carrier, Caller("127.0.0.1", running.port), lambda offer: _caller_of(live, offer))
            pings_ns = run(_busy(crew, seconds))
            stages, commands = run(_closely(crew))
    return {
        "ping": asdict(spread(pings_ns)),
        "events": {name: asdict(spread(crew.samples[name])) for name in EVENTS},
        "stages": stages,
        "redis_commands": commands,
        "late": crew.late,
        "refused": crew.refused,
    }


def _caller_of(live: Live, offer: int) -> str:
    found = live.offer(offer)
    return found.call if found else ""


async def _busy(crew: Crew, seconds: float) -> list[int]:
    """20 events a second for a warm-up that is not counted and the time that is. Returns the PINGs beside it, in ns."""
    relay = asyncio.create_task(crew.relay_rings(MISS_EVERY_S))
    await _metronome(crew, WARM_UP_S)
    crew.samples.clear()
    pinging = subprocess.Popen(
        [sys.executable, "-m", "benches.pinging", crew.running.environ["REDIS_URL"]],
        cwd=HOUSE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    await _metronome(crew, seconds)
    relay.cancel()
    told, _ = await asyncio.to_thread(pinging.communicate)
    pings_ns: list[int] = json.loads(told)
    return pings_ns


async def _metronome(crew: Crew, seconds: float) -> None:
    """An agent becomes free every so often, whatever became of the last one."""
    loop = asyncio.get_running_loop()
    end_s, next_s = loop.time() + seconds, loop.time()
    working: set[asyncio.Task[None]] = set()
    while next_s < end_s:
        task = asyncio.create_task(crew.work())
        working.add(task)
        task.add_done_callback(working.discard)
        next_s += FREE_EVERY_S
        await asyncio.sleep(max(0, next_s - loop.time()))
    await asyncio.gather(*working)


async def _closely(crew: Crew) -> tuple[dict[str, float], float]:
    """Agents become free one by one while Redis tells its commands. Returns the stages, and how many commands."""
    samples: list[list[int]] = []
    commands: list[int] = []
    async with Telling(crew.running.environ["REDIS_URL"]) as telling:
        for _ in range(LOOKED_AT):
            telling.forget()
            before = len(crew.samples["free to ring"])
            found = await crew.become_free()
            await asyncio.sleep(0.05)
            if not found or len(crew.samples["free to ring"]) == before:
                continue
            wire_ns = found[2].at_ns
            sent_ns = wire_ns - crew.samples["free to ring"][-1]
            if stages := telling.stages(sent_ns, wire_ns):
                samples.append(stages)
                commands.append(telling.commands(sent_ns, wire_ns))
            await crew.take_call(*found)
    return stage_table(samples), statistics.median(commands)
