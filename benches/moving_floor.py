"""A floor that moves: `python -m benches.moving_floor` lets an agent be available and away, twenty times a second.

Without it open pages would have nothing to show: no page shows where in the menu a caller is. Says `open` before it
begins; when its input ends, how many moves were made.
"""

import json
import select
import sys
import time
from dataclasses import replace
from itertools import cycle

from center import Center, assemble
from queues.records import Change

EVERY_S = 0.05


def move_until_told(center: Center) -> int:
    """How many moves were made until the input ended."""
    agents, made = cycle(center.plan.agents), 0
    print("open", flush=True)
    while not select.select([sys.stdin], [], [], EVERY_S)[0]:
        _move(center, next(agents), time.time_ns() // 1_000_000)
        made += 1
    return made


def _move(center: Center, name: str, now_ms: int) -> None:
    def decide() -> Change:
        agent = center.live.agent(name)
        status = "break" if agent.status == "available" else "available"
        return Change((agent,), (replace(agent, status=status, since_ms=now_ms),))

    center.live.settle(decide, now_ms)


if __name__ == "__main__":
    print(json.dumps({"moves": move_until_told(assemble())}))
