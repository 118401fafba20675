"""How much of something a test does: what fits into every run, or what `bin/test --long` asks for."""

from typing import TypeVar

from hypothesis import settings

# The profile of every run makes sixty examples of a property, the long one a thousand.
LONG_FROM = 100
Size = TypeVar("Size", int, float)


def sized(usual: Size, long: Size) -> Size:
    """`usual` in every run, `long` in the long one."""
    return long if settings().max_examples > LONG_FROM else usual
