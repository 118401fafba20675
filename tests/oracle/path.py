"""When each caller is answered or leaves, worked out without any core: one pool, first come first served, whole ms.

The agents are a heap of the times at which they are free; nothing else is needed for one line. See
`service_floor.py` for the same calls on the real core.
"""

import heapq
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

Fate = tuple[str, int]


class Caller(NamedTuple):
    """One caller of a pool, times in ms. Talk and wrap-up keep the agent busy; patience is the longest wait."""

    arrival_ms: int
    talk_ms: int
    wrap_up_ms: int
    patience_ms: int


def fates(agents: int, callers: Sequence[Caller]) -> list[Fate]:
    """For each caller, in order of arrival: ("start", at) or ("left", at)."""
    free, found = [0] * agents, list[Fate]()
    for caller in callers:
        start_ms = max(caller.arrival_ms, free[0])
        if start_ms - caller.arrival_ms > caller.patience_ms:
            found.append(("left", caller.arrival_ms + caller.patience_ms))
        else:
            heapq.heapreplace(free, start_ms + caller.talk_ms + caller.wrap_up_ms)
            found.append(("start", start_ms))
    return found


def callers(count: int, erlang: float, seed: int, begin_ms: int) -> list[Caller]:
    """Poisson arrivals, exponential talk of 150 s and wrap-up of 30 s in the mean, patience of 120 s.

    Every third caller's times are whole seconds, so that many events fall on the same millisecond.
    """
    random, now_s, found = Random(seed), 0.0, list[Caller]()
    for number in range(count):
        now_s += random.expovariate(erlang / 180)
        lengths = [random.expovariate(1 / mean_s) for mean_s in (150, 30, 120)]
        grain_ms = 1000 if number % 3 == 0 else 1
        times = [round(length_s * 1000 / grain_ms) * grain_ms for length_s in (now_s, *lengths)]
        found.append(Caller(begin_ms + times[0], *times[1:]))
    return sorted(found)
