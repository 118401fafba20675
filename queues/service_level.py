"""The share of callers answered within T, in the seven ways the field counts it, and percentiles of waits. Pure.

Reports and the floor compute these from counts and waits; a ratio is never stored, because ratios cannot be added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

Variant = Literal[
    "abandons_ignored",
    "abandons_count_against",
    "abandons_within_T_excluded",
    "short_abandons_excluded_5s",
    "abandons_within_T_credited",
    "flowouts_in_denominator",
    "amazon_connect_removed_within_X",
]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
DEFAULT_VARIANT: Variant = "short_abandons_excluded_5s"
SHORT_MS = 5000


@dataclass(frozen=True)
class Counts:
    """What became of the callers of one queue and time, with T the threshold. Counts of disjoint times add up.

    `late_now` are those who wait at this moment and are already past T: live, they count as missed in every variant.
    """

    answered: int = 0
    answered_in: int = 0
    abandoned: int = 0
    abandoned_in: int = 0
    abandoned_short: int = 0
    callbacks: int = 0
    callbacks_in: int = 0
    late_now: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(self._all(), other._all(), strict=True)))

    def _all(self) -> tuple[int, ...]:
        return tuple(vars(self).values())


def count(
    answered_ms: Sequence[int],
    abandoned_ms: Sequence[int],
    within_ms: int,
    callbacks_ms: Sequence[int] = (),
    waiting_ms: Sequence[int] = (),
    short_ms: int = SHORT_MS,
) -> Counts:
    """Counts from waits in ms. A wait of exactly `within_ms` is within, one of exactly `short_ms` is short."""

    def within(waits: Sequence[int], limit_ms: int) -> int:
        return sum(wait <= limit_ms for wait in waits)

    return Counts(
        answered=len(answered_ms),
        answered_in=within(answered_ms, within_ms),
        abandoned=len(abandoned_ms),
        abandoned_in=within(abandoned_ms, within_ms),
        abandoned_short=within(abandoned_ms, short_ms),
        callbacks=len(callbacks_ms),
        callbacks_in=within(callbacks_ms, within_ms),
        late_now=len(waiting_ms) - within(waiting_ms, within_ms),
    )


def service_level(counts: Counts, variant: Variant = DEFAULT_VARIANT) -> float | None:
    """The ratio 0–1, or None when nobody counts: an empty hour is not a perfect one.

    The variants are those of Asterisk (SL, SL2), Genesys, Vonage, Bright Pattern, Twilio Flex and Amazon Connect;
    a number is only worth showing with the name of its variant.
    """
    numerator, denominator = _parts(counts, variant)
    denominator += counts.late_now
    return numerator / denominator if denominator else None


def _parts(counts: Counts, variant: Variant) -> tuple[int, int]:
    inside, left = counts.answered_in, counts.answered + counts.abandoned
    queued = left + counts.callbacks
    match variant:
        case "abandons_ignored":
            return inside, counts.answered
        case "abandons_count_against":
            return inside, left
        case "abandons_within_T_excluded":
            return inside, left - counts.abandoned_in
        case "short_abandons_excluded_5s":
            return inside, left - counts.abandoned_short
        case "abandons_within_T_credited":
            return inside + counts.abandoned_in, left
        case "flowouts_in_denominator":
            return inside, queued
        case "amazon_connect_removed_within_X":
            return inside + counts.abandoned_in + counts.callbacks_in, queued


def percentile(values: Sequence[int], percent: int) -> int | None:
    """The nearest-rank percentile, `percent` 1–100; None without values.

    The rank is counted in whole numbers: `ceil(0.07 * 100)` would be 8 in floating point.
    """
    if not values:
        return None
    rank = (percent * len(values) + 99) // 100
    return sorted(values)[max(rank, 1) - 1]
