"""`bin/bench dispatch`: one match (claim, state, event, due time) beside a bare ZPOPMIN through the same client.

Between the timed steps the stage is put back into its regime. The server's own time comes from its command counters,
which in the timed stretch hold nothing but the two that are compared.
"""

import argparse
import gc
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from random import Random
from typing import Any

from benches.embedded import connect, own_redis
from benches.figures import Goal, goal_lines, keep, spread
from benches.memory import bytes_each
from benches.population import populate
from benches.regimes import REGIMES, Regime
from benches.saturated import pairs_a_second
from benches.stage import Pair, Stage

POOL = "bare"
BATCH = 20
SATURATED_AT = 10_000


@dataclass
class Timed:
    """What one regime at one size took: durations in ns at the client, µs at the server."""

    match_ns: list[int] = field(default_factory=list)
    bare_ns: list[int] = field(default_factory=list)
    match_server_us: float = 0
    bare_server_us: float = 0

    def row(self) -> dict[str, Any]:
        """The figures of a run, as printed and kept."""
        match, bare = spread(self.match_ns), spread(self.bare_ns)
        return {
            "match": asdict(match),
            "bare": asdict(bare),
            "p50_ratio": match.p50_us / bare.p50_us,
            "p99_ratio": match.p99_us / bare.p99_us,
            "server_us": self.match_server_us / match.count,
            "bare_server_us": self.bare_server_us / bare.count,
        }


def measure(stage: Stage, regime: Regime, steps: int) -> Timed:
    """`steps` matches that find a pair, each beside a ZPOPMIN of a set as large as the floor."""
    client, timed = stage.live.client, Timed()
    size = len(stage.population.agents)
    client.zadd(POOL, {f"CA{number:032x}": number for number in range(max(size, 2 * BATCH))})
    _round(stage, regime, Timed())  # the scripts are loaded, the lists are read
    while len(timed.match_ns) < steps:
        _round(stage, regime, timed)
    return timed


def _round(stage: Stage, regime: Regime, timed: Timed) -> None:
    """Prepare a few pairs, time them, and put everything back."""
    client = stage.live.client
    regime.prepare(BATCH)
    before, now_ms = client.info("commandstats"), stage.tick()
    pairs, popped = _timed_steps(stage, now_ms, timed)
    after = client.info("commandstats")
    timed.match_server_us += _spent_us(before, after, "evalsha")
    timed.bare_server_us += _spent_us(before, after, "zpopmin")
    client.zadd(POOL, dict(popped))
    regime.settle(pairs)


def _timed_steps(stage: Stage, now_ms: int, timed: Timed) -> tuple[list[Pair], list[tuple[str, float]]]:
    """ZPOPMIN and match in turns until nothing fits. The last match finds nothing and is not counted."""
    pairs: list[Pair] = []
    popped: list[tuple[str, float]] = []
    pop, match, clock = stage.live.client.zpopmin, stage.live.match, time.perf_counter_ns
    while True:
        began = clock()
        head = pop(POOL)
        between = clock()
        pair = match(now_ms)
        ended = clock()
        popped += head
        if not pair:
            return pairs, popped
        timed.bare_ns.append(between - began)
        timed.match_ns.append(ended - between)
        pairs.append(pair)


def _spent_us(before: Mapping[str, Any], after: Mapping[str, Any], command: str) -> float:
    name = f"cmdstat_{command}"
    return float(after[name]["usec"]) - float(before.get(name, {"usec": 0})["usec"])


# -- the whole bench ----------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> int:
    """Measure, print, keep. Returns 0 whatever the figures say: they are for people to judge."""
    options = _options(arguments)
    sizes = [int(text) for text in options.sizes.split(",")]
    rows: dict[str, Any] = {}
    with own_redis() as url:
        client = connect(url)
        print(_HEAD, flush=True)
        for size in sizes:
            people = populate(size, options.requirements)
            for name in REGIMES:
                rows[f"{name} {size}"] = _one(Stage(client, people), name, options.steps)
        unbounded = min(max(sizes), 10_000)
        stage = Stage(client, populate(unbounded, unbounded))
        rows[f"unbounded {unbounded}"] = _one(stage, "random", options.steps // 4, "unbounded")
        memory = bytes_each(client, populate(SATURATED_AT, options.requirements))
        pairs = pairs_a_second(Stage(client, populate(SATURATED_AT, options.requirements)))
    goals = _goals(rows, sizes, memory, pairs)
    print(f"\nsaturated: {pairs['match']:.0f} pairs/s; pipelined ZADD + ZPOPMIN {pairs['bare']:.0f} pairs/s")
    print(f"memory: {memory['call']:.0f} B a waiting call, {memory['agent']:.0f} B an idle agent\n")
    print("\n".join(goal_lines(goals)))
    print(f"kept: {keep('dispatch', {'rows': rows, 'memory': memory, 'saturated': pairs}, goals)}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench dispatch", description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000,100000", help="agents, and as many waiting calls")
    parser.add_argument("--steps", type=int, default=2000, help="matches measured in each regime at each size")
    parser.add_argument("--requirements", type=int, default=300, help="distinct requirements (default: 300)")
    return parser.parse_args(arguments)


def _one(stage: Stage, name: str, steps: int, shown: str = "") -> dict[str, Any]:
    """Fill, measure, print one row."""
    regime = REGIMES[name](stage, Random(1))
    gc.collect()
    gc.freeze()  # a hundred thousand people of the bench are no work for the collector between the steps
    row = measure(stage, regime, steps).row()
    print(_line(shown or name, len(stage.population.agents), row), flush=True)
    return row


_HEAD = (
    f"{'regime':<10}{'size':>8} |{'p50 µs':>8}{'bare':>8}{'ratio':>7} |{'p99 µs':>8}{'bare':>8}{'ratio':>7} |"
    f"{'server µs':>10}{'bare':>7}"
)


def _line(name: str, size: int, row: Mapping[str, Any]) -> str:
    match, bare = row["match"], row["bare"]
    return (
        f"{name:<10}{size:>8} |{match['p50_us']:>8.0f}{bare['p50_us']:>8.0f}{row['p50_ratio']:>7.2f} |"
        f"{match['p99_us']:>8.0f}{bare['p99_us']:>8.0f}{row['p99_ratio']:>7.2f} |"
        f"{row['server_us']:>10.1f}{row['bare_server_us']:>7.1f}"
    )


def _goals(
    rows: Mapping[str, Any], sizes: list[int], memory: Mapping[str, float], pairs: Mapping[str, float]
) -> list[Goal]:
    goals = [
        Goal(f"{name} {size}: {share} of a match ÷ ZPOPMIN", rows[f"{name} {size}"][f"{share}_ratio"], limit)
        for share, limit in (("p50", 2.0), ("p99", 2.5))
        for name in REGIMES
        for size in sizes
    ]
    least, most = min(sizes), max(sizes)
    goals += [
        Goal(f"{name}: server time at {most} ÷ at {least}", _server(rows, name, most) / _server(rows, name, least), 2.0)
        for name in REGIMES
    ]
    goals += [
        Goal(
            f"{size}: server time blocked ÷ random", _server(rows, "blocked", size) / _server(rows, "random", size), 1.5
        )
        for size in sizes
    ]
    goals.append(Goal("saturated pairs ÷ pipelined ZADD + ZPOPMIN pairs", pairs["match"] / pairs["bare"], 0.2, True))
    return goals + [Goal(f"bytes of Redis for one {kind}", memory[kind], 2048) for kind in ("call", "agent")]


def _server(rows: Mapping[str, Any], name: str, size: int) -> float:
    return float(rows[f"{name} {size}"]["server_us"])
