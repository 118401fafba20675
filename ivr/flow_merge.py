"""Two people changed the same menu: both changes in one text, line by line. Pure.

What only one of them changed is taken; where both did, mine stays and the place is told.
"""

from difflib import SequenceMatcher
from typing import NamedTuple


class _Change(NamedTuple):
    """Lines `first` up to `last` of what both began from became `lines`."""

    first: int
    last: int
    lines: tuple[str, ...]


def merge(base: str, mine: str, theirs: str) -> tuple[str, list[int]]:
    """One text of two that were begun from `base`, and the lines (from 1) where both had changed the same."""
    rows = base.splitlines(keepends=True)
    own, other = _changes(rows, mine), _changes(rows, theirs)
    taken = [change for change in other if change not in own and not any(_meet(change, each) for each in own)]
    clashes = [each for each in own if any(_meet(each, change) for change in other if change not in own)]

    merged: list[str] = []
    lines: list[int] = []
    at = 0
    for change in sorted([*own, *taken]):
        merged += rows[at : change.first]
        if change in clashes:
            lines.append(len(merged) + 1)
        merged += change.lines
        at = change.last
    return "".join([*merged, *rows[at:]]), lines


def _changes(rows: list[str], text: str) -> list[_Change]:
    new = text.splitlines(keepends=True)
    steps = SequenceMatcher(None, rows, new, autojunk=False).get_opcodes()
    return [_Change(first, last, tuple(new[i:j])) for kind, first, last, i, j in steps if kind != "equal"]


def _meet(one: _Change, other: _Change) -> bool:
    """Whether they change the same lines, or put something in at the same place."""
    return (one.first < other.last and other.first < one.last) or one.first == other.first
