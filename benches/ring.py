"""`bin/bench ring`: from an event to the request on the wire, through the real web server, Redis, RQ and HTTP.

The phone network is a receiver inside the bench that answers as Twilio does and stamps each request as it arrives;
the simulator would add its own work between the request and the stamp. 20 events a second: agents become free, agents
accept, rings are missed. A PING through the same client library runs beside them all the time.
"""

import argparse
from collections.abc import Mapping
from typing import Any

from benches.figures import Goal, goal_lines, keep
from benches.shift import EVENTS, one_size
from benches.stages import stage_lines

P50_LIMIT, P99_LIMIT_MS, PING_LIMIT_US = 60, 25, 150


def main(arguments: list[str]) -> int:
    """Measure, print, keep. Returns 0 whatever the figures say: they are for people to judge."""
    options = _options(arguments)
    sizes = [int(text) for text in options.sizes.split(",")]
    rows: dict[str, Any] = {}
    print(_HEAD, flush=True)
    for size in sizes:
        rows[str(size)] = one_size(size, options.seconds)
        print("\n".join(_lines(size, rows[str(size)])), flush=True)
    goals = [goal for size in sizes for goal in _goals(size, rows[str(size)])]
    print("\n" + "\n".join(stage_lines(rows[str(sizes[-1])]["stages"])))
    print(f"  Redis commands from event to wire: {rows[str(sizes[-1])]['redis_commands']:.0f}\n")
    print("\n".join(goal_lines(goals)))
    print(f"kept: {keep('ring', rows, goals)}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench ring", description=__doc__)
    parser.add_argument("--sizes", default="10,100,1000", help="agents")
    parser.add_argument("--seconds", type=float, default=60, help="how long each size is measured (default: 60)")
    return parser.parse_args(arguments)


_HEAD = f"{'agents':>6}  {'from an event to the wire':<22}{'count':>7}{'p50 ms':>9}{'p99 ms':>9}{'p50 ÷ PING':>12}"


def _lines(size: int, row: Mapping[str, Any]) -> list[str]:
    ping = row["ping"]
    told = [
        f"{size:>6}  {name:<25}{one['count']:>7}{one['p50_us'] / 1000:>9.1f}{one['p99_us'] / 1000:>9.1f}"
        f"{one['p50_us'] / ping['p50_us']:>12.0f}"
        for name, one in row["events"].items()
    ]
    lost = f"; led nowhere {row['late']}, refused {row['refused']}" if row["late"] or row["refused"] else ""
    return [*told, f"{size:>6}  PING p50 {ping['p50_us']:.0f} µs, p99 {ping['p99_us']:.0f} µs{lost}"]


def _goals(size: int, row: Mapping[str, Any]) -> list[Goal]:
    """The promise of p99 holds where a PING is quick: on a busy machine it is stated and not judged."""
    ping_us, events = row["ping"]["p50_us"], row["events"]
    goals = [Goal(f"{size} agents, {name}: p50 ÷ PING", events[name]["p50_us"] / ping_us, P50_LIMIT) for name in EVENTS]
    if ping_us < PING_LIMIT_US:
        goals += [
            Goal(f"{size} agents, {name}: p99 in ms", events[name]["p99_us"] / 1000, P99_LIMIT_MS) for name in EVENTS
        ]
    return [*goals, Goal(f"{size} agents: events that led nowhere, or were refused", row["late"] + row["refused"], 0)]
