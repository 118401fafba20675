"""Were the waits that callers were told the waits they had? Per queue and method, before rounding. Pure.

An estimate's lower end is meant to be the median and its upper end the 90th percentile, so half of the waits should end
by the one and nine in ten by the other. A caller who left, or still waits, has shown only that the wait was longer than
that: such waits are censored. Of the answered ones alone too many are short, so each end is read twice: among the
answered, with Wilson's interval, and on the curve of Kaplan and Meier (1958) over all waits as multiples of the end
that was told, with Rothman's interval (1978), which is Wilson's for as many waits as Greenwood's variance stands for.
The curve is what is judged.

How far off an end was is its pinball loss (Koenker and Bassett 1978) over the answered waits: for the median every ms
too early or too late counts one half; for the 90th percentile one that came after it nine tenths, before it one tenth.

Every night the days that are over are judged once and kept (`queues/calibrating.py`); the page judges any days anew.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from queues.estimate import HI, LO
from queues.shares import Share, interval

GOAL_LO, GOAL_HI = (0.45, 0.55), (0.87, 0.93)
# Below this many answered calls a share says little: with 100, one in twenty is outside the goal by chance alone.
ENOUGH = 100
# The newest so many are read for one report.
MOST_ESTIMATES = 50_000

Verdict = Literal["kept", "low", "high", "unsure", "few"]


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

    @property
    def left(self) -> bool:
        """True when it ended without one."""
        return self.to_ms > 0 and not self.answered

    @property
    def waited_ms(self) -> int:
        """From being told to the end, once there is one."""
        return self.to_ms - self.at_ms


class Reading(NamedTuple):
    """A share read off a curve, with its 95 % interval; 0 to 1."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True)
class End:
    """What became of one end of the estimates.

    `answered` are the waits that ended with a person, those over by the end; `curve` is None where too many left to
    tell; `loss_ms` is the mean pinball loss, None without an answered wait. `goal` is where the share is meant to be.
    """

    goal: tuple[float, float]
    answered: Share
    curve: Reading | None
    loss_ms: int | None

    @property
    def verdict(self) -> Verdict:
        """Too low or too high only when chance does not explain it, and nothing at all from few waits."""
        if self.answered.of < ENOUGH or self.curve is None:
            return "few"
        if self.goal[0] <= self.curve.ratio <= self.goal[1]:
            return "kept"
        if self.curve.high < self.goal[0]:
            return "low"
        return "high" if self.curve.low > self.goal[1] else "unsure"


@dataclass(frozen=True)
class Calibration:
    """What became of the estimates of one queue and method; empty names are all of them.

    `answered` of the `told` had a wait that ended with a person, `left` ended without, the rest still waits.
    `error_ms` is the mean of wait less estimate over the answered, None without any.
    """

    queue: str
    method: str
    told: int
    answered: int
    left: int
    lo: End
    hi: End
    error_ms: int | None

    @property
    def loss_ms(self) -> int | None:
        """The mean pinball loss of both ends."""
        if self.lo.loss_ms is None or self.hi.loss_ms is None:
            return None
        return round((self.lo.loss_ms + self.hi.loss_ms) / 2)


@dataclass(frozen=True)
class Night:
    """What was found of one local day (`2026-11-22`) at the night after, as it was kept; names as in `Calibration`.

    `over_lo` and `over_hi` of the `answered` waits were over by each end; `by_lo` and `by_hi` are read off the curve.
    """

    day: str
    queue: str
    method: str
    told: int
    answered: int
    left: int
    over_lo: int
    over_hi: int
    by_lo: float | None
    by_hi: float | None
    loss_ms: int | None
    verdict_lo: str
    verdict_hi: str
    judged_ms: int


def night(day: str, found: Calibration, now_ms: int) -> Night:
    """What is kept of a day."""
    return Night(
        day=day,
        queue=found.queue,
        method=found.method,
        told=found.told,
        answered=found.answered,
        left=found.left,
        over_lo=found.lo.answered.count,
        over_hi=found.hi.answered.count,
        by_lo=found.lo.curve.ratio if found.lo.curve else None,
        by_hi=found.hi.curve.ratio if found.hi.curve else None,
        loss_ms=found.loss_ms,
        verdict_lo=found.lo.verdict,
        verdict_hi=found.hi.verdict,
        judged_ms=now_ms,
    )


def calibrate(said: Sequence[Said], now_ms: int) -> tuple[Calibration, list[Calibration]]:
    """All of them together, and per queue and method in the order of their names."""
    groups: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        groups[one.queue, one.method].append(one)
    rows = [_calibration(*names, group, now_ms) for names, group in sorted(groups.items())]
    return _calibration("", "", said, now_ms), rows


def curve(said: Sequence[Said], end_ms: Callable[[Said], int], now_ms: int) -> Reading | None:
    """The share of all waits over by the end that was told; None when the last who could tell had left."""
    waits = sorted((((one.to_ms or now_ms) - one.at_ms) / max(1, end_ms(one)), not one.answered) for one in said)
    still, at_risk, greenwood = 1.0, len(waits), 0.0
    for multiple, group in groupby(waits, key=lambda wait: wait[0]):
        if multiple > 1:
            return _reading(1 - still, greenwood, at_risk)
        ended = [censored for _, censored in group]
        over = ended.count(False)
        still *= 1 - over / at_risk
        greenwood += over / (at_risk * (at_risk - over)) if over < at_risk else 0
        at_risk -= len(ended)
    return _reading(1.0, 0, sum(one.answered for one in said)) if waits and not still else None


def pinball_ms(wait_ms: int, end_ms: int, share: float) -> float:
    """The loss of having said `end_ms` for the time by which that share of waits is over, when it was `wait_ms`."""
    return max(share * (wait_ms - end_ms), (share - 1) * (wait_ms - end_ms))


def over_by_lo(one: Said) -> bool:
    """True when a person answered by the earlier time."""
    return one.answered and one.waited_ms <= one.lo_ms


def over_by_hi(one: Said) -> bool:
    """True when a person answered by the later time."""
    return one.answered and one.waited_ms <= one.hi_ms


def too_late(one: Said) -> bool:
    """True when a person answered after the later time."""
    return one.answered and one.waited_ms > one.hi_ms


def _reading(ratio: float, greenwood: float, at_risk: int) -> Reading:
    """`greenwood` is the sum of his variance without its factor; 0 where nothing varies, and all at risk count."""
    of = ratio / ((1 - ratio) * greenwood) if greenwood and ratio < 1 else at_risk
    return Reading(ratio, *interval(ratio, of))


def _calibration(queue: str, method: str, said: Sequence[Said], now_ms: int) -> Calibration:
    answered = [one for one in said if one.answered]
    return Calibration(
        queue=queue,
        method=method,
        told=len(said),
        answered=len(answered),
        left=sum(one.left for one in said),
        lo=End(
            GOAL_LO,
            Share(sum(map(over_by_lo, answered)), len(answered)),
            curve(said, lambda one: one.lo_ms, now_ms),
            _mean([pinball_ms(one.waited_ms, one.lo_ms, LO) for one in answered]),
        ),
        hi=End(
            GOAL_HI,
            Share(sum(map(over_by_hi, answered)), len(answered)),
            curve(said, lambda one: one.hi_ms, now_ms),
            _mean([pinball_ms(one.waited_ms, one.hi_ms, HI) for one in answered]),
        ),
        error_ms=_mean([one.waited_ms - one.mean_ms for one in answered]),
    )


def _mean(values: Sequence[float]) -> int | None:
    return round(sum(values) / len(values)) if values else None
