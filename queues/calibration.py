"""Were the waits that callers were told the waits they had? Per queue and method, before rounding. Pure.

An estimate's lower end is meant to be the median and its upper end the 90th percentile, so half of the waits should end
by the one and nine in ten by the other. A caller who left, or still waits, has shown only that the wait was longer than
that: such waits are censored, and the share is estimated after Kaplan and Meier (1958) over the waits as multiples of
the end that was told.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

GOAL_LO, GOAL_HI = (0.45, 0.55), (0.87, 0.93)
# Below this many answered calls a share says little: with 100, one in twenty is outside the goal by chance alone.
ENOUGH = 100


class Said(NamedTuple):
    """One estimate that was told at `at_ms` (UTC ms), and its outcome: `to_ms` is 0 while the caller waits."""

    call: str
    at_ms: int
    queue: str
    method: str
    news: str
    lo_ms: int
    hi_ms: int
    mean_ms: int
    to_ms: int
    outcome: str

    @property
    def answered(self) -> bool:
        """True when the wait ended with a person."""
        return self.outcome == "answered"


@dataclass(frozen=True)
class Calibration:
    """What became of the estimates of one queue and method; empty names are all of them.

    `answered` of the `told` had a wait that ended with a person, the others are censored. Shares are 0 to 1, and None
    where too many left to tell; `error_ms` is the mean of wait less estimate over the answered, None without any.
    """

    queue: str
    method: str
    told: int
    answered: int
    left: int
    by_lo: float | None
    by_hi: float | None
    error_ms: int | None

    @property
    def enough(self) -> bool:
        """True when there are enough answered calls for the shares to mean something."""
        return self.answered >= ENOUGH


def calibrate(said: Sequence[Said], now_ms: int) -> tuple[Calibration, list[Calibration]]:
    """All of them together, and per queue and method in the order of their names."""
    groups: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        groups[one.queue, one.method].append(one)
    rows = [_calibration(*names, group, now_ms) for names, group in sorted(groups.items())]
    return _calibration("", "", said, now_ms), rows


def share_by(said: Sequence[Said], end_ms: Callable[[Said], int], now_ms: int) -> float | None:
    """The share of waits over by the end that was told, 0 to 1; None when the last who could tell had left."""
    waits = sorted((((one.to_ms or now_ms) - one.at_ms) / max(1, end_ms(one)), not one.answered) for one in said)
    still, at_risk = 1.0, len(waits)
    for multiple, group in groupby(waits, key=lambda wait: wait[0]):
        if multiple > 1:
            return 1 - still
        ended = [censored for _, censored in group]
        still *= 1 - ended.count(False) / at_risk
        at_risk -= len(ended)
    return 1.0 if waits and not still else None


def _calibration(queue: str, method: str, said: Sequence[Said], now_ms: int) -> Calibration:
    errors = [one.to_ms - one.at_ms - one.mean_ms for one in said if one.answered]
    return Calibration(
        queue=queue,
        method=method,
        told=len(said),
        answered=len(errors),
        left=sum(one.to_ms > 0 and not one.answered for one in said),
        by_lo=share_by(said, lambda one: one.lo_ms, now_ms),
        by_hi=share_by(said, lambda one: one.hi_ms, now_ms),
        error_ms=round(sum(errors) / len(errors)) if errors else None,
    )
