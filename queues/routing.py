"""Who takes which call: policies as positions in lines, and the matching rule. Pure.

A call stands in the line of its requirement, an idle agent in the idle list of every requirement they can serve.
What is left to do when something happens is the same for all policies: take the head of a line and the best idle
agent for it. `match.lua` does that atomically; `next_pair` here is its twin and the specification.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from queues.records import Agent, Call

Lines = Mapping[str, Mapping[str, int]]


@lru_cache(maxsize=65536)
def wanted(needs: str) -> tuple[tuple[str, int], ...]:
    """A requirement's text back as (skill, least level) pairs; `anyone` is none."""
    if needs == "anyone":
        return ()
    return tuple((skill, int(level)) for skill, _, level in (part.partition("=") for part in needs.split("&")))


def serves(skills: Mapping[str, int], needs: str) -> bool:
    """True when an agent with `skills` may take a call with `needs`."""
    return all(skills.get(skill, 0) >= level for skill, level in wanted(needs))


def call_lines(call: Call) -> dict[str, int]:
    """Line → score of a call: the oldest place first, priority being waiting time given in advance."""
    return {call.needs: call.position_ms} if call.status == "waiting" else {}


def agent_lists(agent: Agent, skills: Mapping[str, int], known: Iterable[str]) -> dict[str, int]:
    """Idle list → score of an agent over the `known` requirements: the longest available first, breaks not counted."""
    if agent.status != "available" or agent.activity != "idle":
        return {}
    score = agent.idle_since_ms - agent.idle_ms
    return {needs: score for needs in known if serves(skills, needs)}


def next_pair(cause: str, stands: Callable[[str], Sequence[str]], lines: Lines, idle: Lines) -> tuple[str, str] | None:
    """The pair that `cause` (`call:…` or `agent:…`) leads to, or None: the two are best for each other.

    `stands` gives the lists in which a record stands. Ties go to the smaller id, as in Redis.
    """
    kind, _, agent = cause.partition(":")
    if kind == "call":
        agent = _best(idle, stands(cause))[1]
    while agent:
        heads = [(_best(lines, [name])[0], name) for name in stands(f"agent:{agent}") if lines.get(name)]
        if not heads:
            return None
        line = min(heads)[1]
        better = _best(idle, [line])[1]
        if better == agent:
            return _best(lines, [line])[1], agent
        agent = better
    return None


def _best(lists: Lines, names: Sequence[str]) -> tuple[int, str]:
    """(score, id) of the first in these lists; an empty id when nobody stands there."""
    return min(((score, who) for name in names for who, score in lists.get(name, {}).items()), default=(0, ""))
