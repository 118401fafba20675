"""`bin/bench webhook`: a signed 30-parameter key press at the service, against a minimal Flask view in the same run.

Both run on the same server with the same settings and get the same requests, in short rounds by turns, and the figures
are medians of the rounds' ratios: what else this machine does falls on both. Then 30 % of the measured capacity, alone
and with a report and open pages on a moving floor beside it.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from benches.beside import floor_pages, low_priority_report, moving_floor
from benches.embedded import connect
from benches.figures import HOUSE, Goal, goal_lines, keep, spread
from benches.knocking import Knocks, at_rate, full_speed
from benches.press import messages, presses, put_in_menu
from benches.reporting import fill_week
from benches.two_servers import Running, Server, both_servers
from benches.webhook_told import held_lines, part_lines, speed_lines
from queues.plan import Plan, load_plan

SHARE = 0.3
ROUNDS, WARM_UP_S = 5, 2.0
# More requests than a round can need: a server that answers this much faster than in the warm-up ends its round early.
SPARE = 2.0
PARTS_COUNT = 400
CPU_LIMIT, SPEED_LIMIT, P99_LIMIT = 1.3, 0.75, 1.5


def main(arguments: list[str]) -> int:
    """Measure, print, keep. Returns 0 whatever the figures say: they are for people to judge."""
    options = _options(arguments)
    with both_servers(options.workers) as running:
        bench = Bench(running, options.connections, options.seconds)
        rows = bench.at_full_speed()
        print("\n".join(speed_lines(rows)), flush=True)
        held = bench.at_fixed_rate(SHARE * rows["ours"]["per_second"], options.pages)
        print("\n".join(held_lines(held, SHARE)), flush=True)
        parts = _parts(running)
    print("\n".join(part_lines(parts)))
    goals = goals_of(rows, held)
    print("\n".join(["", *goal_lines(goals)]))
    print(f"kept: {keep('webhook', {'full_speed': rows, 'fixed_rate': held, 'parts': parts}, goals)}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench webhook", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10, help="each phase, in five rounds (default: 10)")
    parser.add_argument("--connections", type=int, default=64, help="kept open to a server (default: 64)")
    parser.add_argument("--workers", type=int, default=2, help="processes of each server (default: 2)")
    parser.add_argument("--pages", type=int, default=100, help="open on the floor (default: 100)")
    return parser.parse_args(arguments)


@dataclass
class Bench:
    """Both servers under load. `seconds` is the time of a phase, which its rounds share."""

    running: Running
    connections: int
    seconds: float

    def __post_init__(self) -> None:
        self.client = connect(self.running.environ["REDIS_URL"])
        self.plan: Plan = load_plan((HOUSE / "center.yaml").read_text("utf-8"), "center.yaml")

    def at_full_speed(self) -> dict[str, Any]:
        """Answers per second and processor time per answer of both, by turns."""
        servers = (self.running.ours, self.running.minimal)
        quick = {server.name: self._fast(server, WARM_UP_S, 4000)[0].per_second for server in servers}
        rounds: dict[str, list[dict[str, float]]] = {server.name: [] for server in servers}
        for server in by_turns(*servers):
            needed = round(SPARE * quick[server.name] * self.seconds / ROUNDS)
            knocks, cpu_s = self._fast(server, self.seconds / ROUNDS, needed)
            rounds[server.name].append(_fast_row(knocks, cpu_s))
        return told_together(rounds[self.running.ours.name], rounds[self.running.minimal.name])

    def _fast(self, server: Server, seconds: float, count: int) -> tuple[Knocks, float]:
        def knock(requests: Sequence[bytes]) -> Knocks:
            return asyncio.run(full_speed(server.port, requests, self.connections, seconds))

        return self._round(server, count, knock)

    def _round(self, server: Server, count: int, knock: Callable[[Sequence[bytes]], Knocks]) -> tuple[Knocks, float]:
        """One round on fresh calls, and the processor time the server's workers spent in it."""
        requests = messages(presses(self.running.account, count))
        put_in_menu(self.client, self.plan, count, time.time_ns() // 1_000_000)
        before_s = server.processor_s()
        knocks = knock(requests)
        return knocks, server.processor_s() - before_s

    def at_fixed_rate(self, per_second: float, pages: int) -> dict[str, Any]:
        """The times of answers at this rate, alone and with open pages and a report beside it, by turns."""
        fill_week(self.running.environ["DATABASE_URL"], time.time_ns() // 1_000_000)
        rounds: dict[str, list[dict[str, float]]] = {"alone": [], "beside": []}
        came: list[dict[str, int]] = []
        for name, times in groupby(by_turns("alone", "beside")):
            with _with_others(self.running, pages, came) if name == "beside" else nullcontext():
                rounds[name] += [self._held(per_second) for _ in times]
        ratios = [beside["p99_us"] / alone["p99_us"] for alone, beside in zip(*rounds.values(), strict=True)]
        return {"per_second": per_second, "pages": pages, "p99_ratio": statistics.median(ratios)} | {
            "alone": medians(rounds["alone"]),
            "beside": medians(rounds["beside"]),
            "rounds": rounds,
            "beside_it": came,
        }

    def _held(self, per_second: float) -> dict[str, float]:
        def knock(requests: Sequence[bytes]) -> Knocks:
            return asyncio.run(at_rate(self.running.ours.port, requests, self.connections, per_second))

        knocks, _ = self._round(self.running.ours, max(1, round(per_second * self.seconds / ROUNDS)), knock)
        found = spread(knocks.durations_ns)
        return {"count": found.count, "p50_us": found.p50_us, "p99_us": found.p99_us, "refused": knocks.refused}


def by_turns(one: Any, other: Any) -> list[Any]:
    """Both once in each round, and every other round the other way round: one, other, other, one, …"""
    return [each for number in range(ROUNDS) for each in ((other, one) if number % 2 else (one, other))]


def _with_others(running: Running, pages: int, came: list[dict[str, int]]) -> AbstractContextManager[Any]:
    stack = ExitStack()
    stack.enter_context(moving_floor(running.environ, came))
    stack.enter_context(floor_pages(running.environ, pages, came))
    stack.enter_context(low_priority_report(running.environ, came))
    return stack


def _fast_row(knocks: Knocks, cpu_s: float) -> dict[str, float]:
    count = len(knocks.durations_ns)
    return {
        "count": count,
        "refused": knocks.refused,
        "per_second": knocks.per_second,
        "cpu_us": cpu_s * 1e6 / count,
        "p50_us": spread(knocks.durations_ns).p50_us,
    }


def told_together(ours: Sequence[Mapping[str, float]], minimal: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """The middle of each figure, and of the ratios of two rounds that followed each other."""
    pairs = list(zip(ours, minimal, strict=True))
    return {
        "ours": medians(ours),
        "minimal": medians(minimal),
        "cpu_ratio": statistics.median(one["cpu_us"] / other["cpu_us"] for one, other in pairs),
        "speed_ratio": statistics.median(one["per_second"] / other["per_second"] for one, other in pairs),
        "rounds": {"ours": list(ours), "minimal": list(minimal)},
    }


def medians(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Figure → its median over the rounds; refusals are counted together."""
    middle = {name: float(statistics.median(row[name] for row in rounds)) for name in rounds[0]}
    return middle | {"refused": sum(row["refused"] for row in rounds)}


def _parts(running: Running) -> dict[str, dict[str, float]]:
    command = [sys.executable, "-m", "benches.parts", str(PARTS_COUNT)]
    done = subprocess.run(command, cwd=HOUSE, env=dict(running.environ), check=True, stdout=subprocess.PIPE)
    found: dict[str, dict[str, float]] = json.loads(done.stdout)
    return found


def goals_of(rows: Mapping[str, Any], held: Mapping[str, Any]) -> list[Goal]:
    """The promises. A closed page is a missed one too: nobody watched then."""
    refused = (
        rows["ours"]["refused"] + rows["minimal"]["refused"] + held["alone"]["refused"] + held["beside"]["refused"]
    )
    lost = sum(held["pages"] - row["open"] for row in held["beside_it"] if "open" in row)
    return [
        Goal("processor time of a key press ÷ minimal view", rows["cpu_ratio"], CPU_LIMIT),
        Goal("key presses per second ÷ minimal view", rows["speed_ratio"], SPEED_LIMIT, at_least=True),
        Goal("p99 with open pages and a report ÷ alone", held["p99_ratio"], P99_LIMIT),
        Goal("answers that were not a 200, and pages that were closed", refused + lost, 0),
    ]
