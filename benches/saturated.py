"""How many pairs a second can be claimed when many agents and calls have piled up, beside pipelined ZADD + ZPOPMIN."""

import time
from random import Random

import redis

from benches.regimes import RandomOrder
from benches.stage import Pair, Stage
from queues.dispatch import PAIRS_AT_ONCE

AT_ONCE = 2_000
ROUNDS = 3
BARE = "bare_pairs"
PIPELINED = 100


def pairs_a_second(stage: Stage) -> dict[str, float]:
    """Pairs a second, both ways, in turns: the best of three rounds each."""
    regime, found = RandomOrder(stage, Random(1)), {"match": 0.0, "bare": 0.0}
    for _ in range(ROUNDS):
        regime.prepare(AT_ONCE)
        pairs: list[Pair] = []
        now_ms = stage.tick()
        began_s = time.perf_counter()
        while more := stage.live.matches(now_ms, PAIRS_AT_ONCE):
            pairs += more
        found["match"] = max(found["match"], len(pairs) / (time.perf_counter() - began_s))
        regime.settle(pairs)
        found["bare"] = max(found["bare"], _bare_pairs_a_second(stage.live.client))
    return found


def _bare_pairs_a_second(client: redis.Redis) -> float:
    began_s = time.perf_counter()
    for start in range(0, AT_ONCE, PIPELINED):
        pipe = client.pipeline(transaction=False)
        for number in range(start, start + PIPELINED):
            pipe.zadd(BARE, {f"CA{number:032x}": number})
            pipe.zpopmin(BARE)
        pipe.execute()
    return AT_ONCE / (time.perf_counter() - began_s)
