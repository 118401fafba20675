"""A share of so many, and how sure it is. Pure.

What was counted from few says little, so no share is shown without its count and its interval: after Wilson (1927),
which stays between 0 and 1 and holds for few and for shares near both ends, as the plain one does not.
"""

from dataclasses import dataclass
from math import sqrt

# Of a standard normal variable, between minus and plus this lie 95 %.
Z = 1.959963984540054


@dataclass(frozen=True)
class Share:
    """`count` of `of`. Ratios are 0 to 1 and None of nothing: an empty week is neither a good nor a bad one."""

    count: int = 0
    of: int = 0

    @property
    def ratio(self) -> float | None:
        """The share itself."""
        return self.count / self.of if self.of else None

    @property
    def low(self) -> float | None:
        """Where its 95 % interval begins."""
        return interval(self.count / self.of, self.of)[0] if self.of else None

    @property
    def high(self) -> float | None:
        """Where its 95 % interval ends."""
        return interval(self.count / self.of, self.of)[1] if self.of else None


def interval(ratio: float, of: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (0 to 1) of that many, no whole number where some are only half known."""
    middle = ratio + Z * Z / (2 * of)
    half = Z * sqrt(ratio * (1 - ratio) / of + Z * Z / (4 * of * of))
    whole = 1 + Z * Z / of
    return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)
