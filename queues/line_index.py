"""The known lines, found by skill: an agent who becomes idle looks at a few of hundreds. Pure.

Read whenever an agent's record is saved, so that the time it takes does not grow with the variety of what callers need.
"""

from collections import defaultdict
from collections.abc import Iterable

from queues.routing import parse, wanted


class LineIndex:
    """Lines under the first skill that each asks for, and those that ask for none under no skill."""

    def __init__(self, names: Iterable[str]) -> None:
        self._under: dict[str, list[str]] = defaultdict(list)
        for name in names:
            if needs := parse(name).needs:  # an older version named lines in another way
                first = next((skill for skill, _ in wanted(needs)), "")
                self._under[first].append(name)

    def near(self, skills: Iterable[str]) -> list[str]:
        """Every line that somebody with these skills could serve, and some that they could not."""
        return [name for skill in ("", *skills) for name in self._under.get(skill, ())]
