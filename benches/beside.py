"""What else goes on while webhooks are answered: open pages on a floor that moves, and a report at low priority.

Processes of their own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benches.figures import HOUSE

PATIENCE_S = 30.0


@contextmanager
def floor_pages(environ: Mapping[str, str], count: int, came: list[dict[str, int]]) -> Iterator[None]:
    """So many pages of the floor, open for as long as this lasts. Adds what came of them to `came`."""
    with _beside(environ, came, "benches.open_pages", str(count)):
        yield


@contextmanager
def moving_floor(environ: Mapping[str, str], came: list[dict[str, int]]) -> Iterator[None]:
    """Agents who come and go for as long as this lasts. Adds how often to `came`."""
    with _beside(environ, came, "benches.moving_floor"):
        yield


@contextmanager
def low_priority_report(environ: Mapping[str, str], came: list[dict[str, int]]) -> Iterator[None]:
    """A report made again and again for as long as this lasts. Adds how many were made to `came`."""
    with _beside(environ, came, "benches.reporting"):
        yield


@contextmanager
def _beside(environ: Mapping[str, str], came: list[dict[str, int]], module: str, *arguments: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=HOUSE,
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline() != "open\n":
            raise RuntimeError(f"{module} did not begin")
        yield
        told, _ = process.communicate(timeout=PATIENCE_S)
        came.append(json.loads(told))
    finally:
        process.kill()
        process.wait()
