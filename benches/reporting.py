"""A report at low priority: `python -m benches.reporting` asks the record for a week again and again.

Says `open` before it begins; when its input ends, how many reports were made. `fill_week` makes the week.
"""

import json
import os
import select
import sys
import time

from sqlalchemy import insert

from adapters import history_tables as tables
from adapters.history import History
from adapters.history_engine import open_engine
from center import read_settings
from queues.calibration import calibrate

DAY_MS = 86_400_000
TOLD = 20_000


def fill_week(database_url: str, now_ms: int) -> None:
    """What 20 000 callers of the last week were told, and how it ended."""
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(insert(tables.estimates), [_estimate(number, now_ms) for number in range(TOLD)])
    engine.dispose()


def _estimate(number: int, now_ms: int) -> dict[str, str | int]:
    at_ms, wait_ms = now_ms - number * (7 * DAY_MS // TOLD), 1000 * (number % 600)
    return {
        "call": f"CA{number:032x}",
        "at_ms": at_ms,
        "queue": ("sales", "support", "billing")[number % 3],
        "method": ("pace", "state")[number % 2],
        "news": "",
        "lo_ms": 120_000,
        "hi_ms": 300_000,
        "mean_ms": 150_000,
        "ahead": number % 9,
        "agents": 6,
        "handle_ms": 240_000,
        "patience_ms": 600_000,
        "to_ms": at_ms + wait_ms,
        "outcome": "left" if number % 5 == 0 else "answered",
    }


def report_until_told() -> int:
    """How many reports were made until the input ended."""
    history, made = History(read_settings().database), 0
    print("open", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        now_ms = time.time_ns() // 1_000_000
        calibrate(history.estimates(now_ms - 7 * DAY_MS, now_ms + 1), now_ms)
        history.calls(100)
        made += 1
    return made


if __name__ == "__main__":
    os.nice(19)
    print(json.dumps({"reports": report_until_told()}))
