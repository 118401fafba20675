"""The three kinds of everyday life in which a match is measured. Each fills the stage and makes pairs possible.

- random: every agent works and as many calls wait; an agent becomes free.
- idle: every agent is idle and as many calls wait for a skill that nobody has; a call comes in.
- blocked: all waiting calls need a pair of skills that nobody free has; around them, agents become free for calls
  that have just come in, and calls come in for agents who have just become free.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from benches.population import PAIR, UNKNOWN
from benches.stage import Pair, Stage
from queues.plan import canonical


class Regime(Protocol):
    """What the measuring loop asks of a regime."""

    def prepare(self, most: int) -> None:
        """Make up to `most` pairs possible; not timed."""

    def settle(self, pairs: Sequence[Pair]) -> None:
        """Put the stage back into its regime after these pairs; not timed."""


@dataclass
class RandomOrder:
    """Agents become free in random order; each finds the oldest call over all lines they can serve."""

    stage: Stage
    draw: Random
    freed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        people = self.stage.population
        self.stage.fill_agents([], people.agents)
        self.stage.fill_calls(self.draw.choices(list(people.able), k=len(people.agents)))

    def prepare(self, most: int) -> None:
        """Agents end their calls."""
        useful = self.stage.population.useful
        self.freed = self.draw.sample(useful, min(most, len(useful)))
        self.stage.free(self.freed)

    def settle(self, pairs: Sequence[Pair]) -> None:
        """Everybody works again; for every call that left, one with the same needs comes in."""
        needs = self.stage.take_away(pairs)
        self.stage.keep_busy(_not_in(self.freed, [agent for _, agent, _ in pairs]))
        self.stage.arrive(needs, wake=False)


@dataclass
class AgentsIdle:
    """Calls come in one by one; each finds the agent who has been idle longest."""

    stage: Stage
    draw: Random
    came: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        people = self.stage.population
        self.stage.fill_agents(people.agents, [])
        self.stage.fill_calls([canonical(UNKNOWN)] * len(people.agents))

    def prepare(self, most: int) -> None:
        """Calls come in that somebody can take."""
        people = self.stage.population
        self.came = self.stage.arrive(self.draw.choices(list(people.able), k=min(most, len(people.agents) // 4)))

    def settle(self, pairs: Sequence[Pair]) -> None:
        """The agents are idle again; a call whose agents were all taken just before it leaves."""
        self.stage.take_away(pairs)
        self.stage.leave(_not_in(self.came, [sid for sid, _, _ in pairs]))
        self.stage.free([agent for _, agent, _ in pairs], wake=False)


@dataclass
class Blocked:
    """One overloaded team: all waiting calls need what nobody free has, and the rest of the traffic flows."""

    stage: Stage
    draw: Random
    calls_first: bool = False
    came: list[str] = field(default_factory=list)
    freed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        people = self.stage.population
        self.stage.fill_agents([], people.agents)
        self.stage.fill_calls([canonical(PAIR)] * len(people.agents))
        outside = {name for name in people.useful if not people.holds(name, PAIR)}
        rest = {needs: [name for name in names if name in outside] for needs, names in people.able.items()}
        self.able = {needs: names for needs, names in rest.items() if names}

    def prepare(self, most: int) -> None:
        """In turns: calls that nobody is free for and then agents for them, or the other way round."""
        needs = self.draw.choices(list(self.able), k=min(most, len(self.stage.population.agents) // 4))
        self.freed = list(dict.fromkeys(self.draw.choice(self.able[one]) for one in needs))
        self.calls_first = not self.calls_first
        if self.calls_first:
            self.came = self.stage.arrive(needs, wake=False)
            self.stage.free(self.freed)
        else:
            self.stage.free(self.freed, wake=False)
            self.came = self.stage.arrive(needs)

    def settle(self, pairs: Sequence[Pair]) -> None:
        """Everybody works again; a call that found nobody leaves."""
        self.stage.take_away(pairs)
        self.stage.leave(_not_in(self.came, [sid for sid, _, _ in pairs]))
        self.stage.keep_busy(_not_in(self.freed, [agent for _, agent, _ in pairs]))


def _not_in(names: Sequence[str], found: Sequence[str]) -> list[str]:
    return sorted({*names} - {*found})


REGIMES: dict[str, Callable[[Stage, Random], Regime]] = {
    "random": RandomOrder,
    "idle": AgentsIdle,
    "blocked": Blocked,
}
