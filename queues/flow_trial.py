"""Which version of the menu a caller begins with, and whether a candidate does worse than the current one. Pure.

A candidate gets a share of the calls, chosen by their ids, so both versions meet the same callers at the same time.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from queues.policy import FlowPlan

# How far apart two versions must be, in standard errors, before it is not put down to chance: 1 in 200 either way.
BEYOND_CHANCE = 2.6


@dataclass(frozen=True)
class FlowVersion:
    """A published text; `version` is a short hash of it, `by` who published it first."""

    version: str
    text: str
    published_ms: int
    by: str
    note: str


@dataclass(frozen=True)
class FlowState:
    """Who gets which version since `at_ms`; `share` (0 to 1) of the callers get the `candidate`, if there is one.

    `number` counts the changes from 1. `deed` is what was done: published, tried, rolled_back.
    """

    number: int = 0
    at_ms: int = 0
    deed: str = ""
    current: str = ""
    candidate: str = ""
    share: float = 0.0
    by: str = ""
    note: str = ""

    def begins(self, call: str) -> str:
        """The version that a new call gets; empty when none was ever published."""
        return self.candidate if self.candidate and lot(self.candidate, call) < self.share else self.current

    @property
    def versions(self) -> tuple[str, ...]:
        """Those in force."""
        return tuple(version for version in (self.current, self.candidate) if version)

    def to_hash(self) -> dict[str, str]:
        """Field → text."""
        return {name: str(value) for name, value in vars(self).items()}

    @classmethod
    def from_hash(cls, row: Mapping[Any, Any]) -> Self:
        """The state back from text, or from a row of SQL."""
        kinds: dict[str, Any] = {"number": int, "at_ms": int, "share": float}
        return cls(**{field.name: kinds.get(field.name, str)(row[field.name]) for field in fields(cls)})


def lot(version: str, call: str) -> float:
    """A number from 0 to 1 for a call, the same each time it is drawn."""
    drawn = hashlib.sha256(f"{version} {call}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") / 2**32


@dataclass(frozen=True)
class FlowDraft:
    """What `by` has written so far; `onto` is the version that it was begun from, `number` grows with each keeping."""

    by: str
    text: str
    onto: str
    number: int = 0
    at_ms: int = 0


@dataclass(frozen=True)
class MenuFigures:
    """How callers fared in the menu of one version: of `calls` that have left it, `hang_ups` hung up there.

    `lines` came to a line, after a mean of `seconds` with this variance (s²).
    """

    calls: int = 0
    hang_ups: int = 0
    lines: int = 0
    seconds: float = 0.0
    variance: float = 0.0

    @property
    def hang_up_share(self) -> float:
        """0 to 1."""
        return self.hang_ups / self.calls if self.calls else 0.0


def worse(rule: FlowPlan, candidate: MenuFigures, current: MenuFigures) -> str:
    """Why a candidate is to be rolled back, in words; empty while it is not, or while there are too few calls to tell.

    Worse is what is over the center's limit and also beyond chance: two proportions with their pooled share, and two
    means with their own variances (Welch).
    """
    if min(candidate.calls, current.calls) < rule.least_calls:
        return ""
    more = candidate.hang_up_share - current.hang_up_share
    if more > rule.worse_hang_ups and more > BEYOND_CHANCE * _share_error(candidate, current):
        return f"{_percent(candidate.hang_up_share)} hung up in the menu, {_percent(current.hang_up_share)} before"
    if min(candidate.lines, current.lines) < rule.least_calls:
        return ""
    longer_s = candidate.seconds - current.seconds
    error_s = (candidate.variance / candidate.lines + current.variance / current.lines) ** 0.5
    if longer_s > rule.worse_seconds and longer_s > BEYOND_CHANCE * error_s:
        return f"{candidate.seconds:.1f} s to a line, {current.seconds:.1f} s before"
    return ""


def _share_error(one: MenuFigures, other: MenuFigures) -> float:
    pooled = (one.hang_ups + other.hang_ups) / (one.calls + other.calls)
    return float((pooled * (1 - pooled) * (1 / one.calls + 1 / other.calls)) ** 0.5)


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"
