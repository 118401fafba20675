"""Samples into figures: percentiles, ratios, goals met or missed, and the JSON file that keeps a run."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HOUSE = Path(__file__).resolve().parent.parent
KEPT = HOUSE / "var" / "bench"


@dataclass(frozen=True)
class Spread:
    """Durations in µs: how many, the middle one, and the one that 99 of 100 stay under."""

    count: int
    p50_us: float
    p99_us: float


def spread(durations_ns: Sequence[int]) -> Spread:
    """The spread of durations given in ns. Raises ValueError when there are none."""
    if not durations_ns:
        raise ValueError("nothing was measured")
    ranked = sorted(durations_ns)
    return Spread(len(ranked), _at(ranked, 0.5) / 1000, _at(ranked, 0.99) / 1000)


def _at(ranked: Sequence[int], share: float) -> float:
    return float(ranked[min(len(ranked) - 1, round(share * (len(ranked) - 1)))])


@dataclass(frozen=True)
class Goal:
    """A promise and what became of it. `at_least` turns the comparison round."""

    name: str
    figure: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """True when the figure is on the right side of its limit."""
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit

    def line(self) -> str:
        """One line for people: met or missed, the figure, and the limit."""
        word = "at least" if self.at_least else "at most"
        return f"  {'met   ' if self.met else 'MISSED'}  {self.name}: {self.figure:.2f} ({word} {self.limit:g})"


def goal_lines(goals: Sequence[Goal]) -> list[str]:
    """All goals, the missed ones first, with a count."""
    missed = [goal for goal in goals if not goal.met]
    head = f"goals: {len(goals) - len(missed)} met, {len(missed)} missed"
    return [head, *(goal.line() for goal in sorted(goals, key=lambda goal: goal.met))]


def keep(name: str, results: Mapping[str, Any], goals: Sequence[Goal]) -> Path:
    """Store a run as JSON under var/bench/, by its time and as `<name>-latest.json`. Returns the file."""
    now = datetime.now(UTC)
    whole = {
        "bench": name,
        "at": now.isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "load_1m": os.getloadavg()[0], "python": platform.python_version()},
        "results": results,
        "goals": [asdict(goal) | {"met": goal.met} for goal in goals],
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(whole, indent=1) + "\n"
    (KEPT / f"{name}-latest.json").write_text(text)
    path = KEPT / f"{name}-{now:%Y%m%dT%H%M%S}.json"
    path.write_text(text)
    return path
