"""Who is on the floor of the dispatch bench: 50 skills, agents who hold 1-8 of them, requirements of 1-3 with levels.

Everything is drawn from a seed, so that two runs differ by the machine alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random

from queues.plan import AgentPlan, Plan, canonical
from queues.policy import QueuePlan
from queues.records import Agent, Call
from queues.routing import wanted

SKILLS = [f"skill_{number:02d}" for number in range(50)]
LEVELS = (1, 2, 3)
# Nobody has it: who needs it waits, whatever happens.
UNKNOWN = {"skill_nobody_has": 1}
# What the overloaded team of the blocked regime is for.
PAIR = {SKILLS[0]: 1, SKILLS[1]: 1}
QUEUE = "any"


@dataclass(frozen=True)
class Population:
    """The plan with its agents, and the distinct requirements that calls are drawn from, as the records name them."""

    plan: Plan
    needs: list[str]

    @property
    def agents(self) -> list[str]:
        """Every agent's name."""
        return list(self.plan.agents)

    def holds(self, agent: str, needs: Mapping[str, int]) -> bool:
        """True when this agent has all these skills at these levels."""
        held = self.plan.agents[agent].skills
        return all(held.get(skill, 0) >= level for skill, level in needs.items())

    @cached_property
    def able(self) -> dict[str, list[str]]:
        """Requirement → the agents who can serve it; requirements that nobody can serve are left out."""
        holders: dict[str, list[str]] = defaultdict(list)
        for name, agent in self.plan.agents.items():
            for skill in agent.skills:
                holders[skill].append(name)
        parted = {needs: dict(wanted(needs)) for needs in self.needs}
        found = {
            needs: [name for name in min((holders[skill] for skill in asked), key=len) if self.holds(name, asked)]
            for needs, asked in parted.items()
        }
        return {needs: names for needs, names in found.items() if names}

    @cached_property
    def useful(self) -> list[str]:
        """Agents who can serve at least one requirement."""
        return sorted({name for names in self.able.values() for name in names})


def populate(size: int, requirements: int, seed: int = 1) -> Population:
    """`size` agents and `requirements` distinct requirements."""
    draw = Random(seed)
    agents = {f"agent_{number:06d}": _agent(number, draw) for number in range(size)}
    return Population(_plan(agents), _requirements(requirements, draw))


def no_agents(population: Population) -> Plan:
    """The same center before anybody was hired."""
    return population.plan.model_copy(update={"agents": {}})


def _plan(agents: dict[str, AgentPlan]) -> Plan:
    # The validation of a hundred thousand phone numbers would take longer than the bench.
    return Plan.model_construct(
        name="Bench", zone="UTC", country="IN", flow="none", queues={QUEUE: QueuePlan(title="Any")}, agents=agents
    )


def _agent(number: int, draw: Random) -> AgentPlan:
    held = draw.sample(SKILLS, draw.randint(1, 8))
    skills = {skill: draw.choice(LEVELS) for skill in held}
    return AgentPlan.model_construct(name=f"Agent {number}", line=f"+9198{number:08d}", skills=skills)


def _requirements(count: int, draw: Random) -> list[str]:
    found: set[str] = set()
    while len(found) < count:
        found.add(canonical(asked(draw)))
    return sorted(found)


def asked(draw: Random) -> dict[str, int]:
    """One random requirement: 1-3 skills, each with the least level."""
    return {skill: draw.choice(LEVELS) for skill in draw.sample(SKILLS, draw.randint(1, 3))}


def waiting_call(number: int, needs: str, now_ms: int) -> Call:
    """A call in line as the service would have written it."""
    return Call(
        call=f"CA{number:032x}",
        status="waiting",
        caller=f"+91989800{number % 10_000:04d}",
        called="+18005550100",
        name="Maria Lopez",
        country="IN",
        language="hi",
        steps=2,
        queue=QUEUE,
        needs=needs,
        position_ms=now_ms,
        received_ms=now_ms - 20_000,
        enqueued_ms=now_ms,
        wrap_up_ms=60_000,
        leg_status="in-progress",
    )


def working_agent(name: str, now_ms: int) -> Agent:
    """An agent on a call that the bench does not follow."""
    return Agent(agent=name, status="available", activity="talking", since_ms=now_ms)


def idle_agent(name: str, now_ms: int) -> Agent:
    """An agent who waits for a call since `now_ms`."""
    return Agent(agent=name, status="available", since_ms=now_ms, idle_since_ms=now_ms)
