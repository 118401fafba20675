"""The matching rule: which pair is made when something happened. Pure, and the twin of `match.lua`.

It is the specification: property tests hold the script equal to it, and the oracle, the explanation and the replay
run on it.
"""

from collections.abc import Callable, Mapping

Lines = Mapping[str, Mapping[str, int]]
# In which lists somebody stands, each with the milliseconds by which its calls are held back for them.
Stands = Callable[[str], Mapping[str, int]]

# Two agents' orders of queues can send each other in a circle; by then any of the pairs is as good.
MOST_TURNS = 8


def next_pair(cause: str, stands: Stands, lines: Lines, idle: Lines) -> tuple[str, str] | None:
    """The pair (call, agent) that `cause` (`call:…` or `agent:…`) leads to, or None: the two are best for each other.

    From a call to its best agent, from an agent to the oldest head among their lines, until both agree. Ties go to
    the smaller id, as in Redis.
    """
    kind, _, agent = cause.partition(":")
    if kind == "call":
        agent = _best(idle, stands(cause))[1]
    for turn in range(1, MOST_TURNS + 1):
        if not agent:
            return None
        line = _oldest(lines, stands(f"agent:{agent}"))
        if not line:
            return None
        better = _best(idle, {line: 0})[1]
        if better == agent or turn == MOST_TURNS:
            return _best(lines, {line: 0})[1], agent
        agent = better
    return None


def _oldest(lines: Lines, stands: Mapping[str, int]) -> str:
    heads = [(_best(lines, {name: 0})[0] + back_ms, name) for name, back_ms in stands.items() if lines.get(name)]
    return min(heads)[1] if heads else ""


def _best(lists: Lines, names: Mapping[str, int]) -> tuple[int, str]:
    """(score, id) of the first in these lists; an empty id when nobody stands there."""
    return min(((score, who) for name in names for who, score in lists.get(name, {}).items()), default=(0, ""))
