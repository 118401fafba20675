"""Floors whose waits queueing theory knows exactly: how each is set up, and what is measured of a run.

`laws.csv` has, for every case and quantity, the exact value and by how much one run of 200 000 calls after 20 000 to
warm up spreads (one standard deviation; the whole run lies within four). Waits are in seconds, the rest are shares.
Sources: Erlang B, C and A in closed form (C1–C6, with constant patience from the virtual wait's density in C5),
Pollaczek–Khinchine (C7), Cobham (C8), the product form of first come, first served with the longest idle server by
Adan and Weiss (C9, C10), and a truncated Markov chain (C11).
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random

from queues.plan import AgentPlan, Limits, Plan
from queues.policy import QueuePlan, Rule
from tests.oracle.twin import Outcome, Visit, play

LAWS = Path(__file__).with_name("laws.csv")
WARM_UP = 20_000
CALLS = 200_000
THRESHOLD_MS = 20_000
RING_S = 5.0

Length = Callable[[Random], float]
Measured = list[tuple[Visit, Outcome]]


@dataclass(frozen=True)
class Case:
    """One floor. `loads` is the offered traffic per queue in erlang of `mean_s`, the mean service time."""

    plan: Plan
    loads: Mapping[str, float]
    mean_s: float
    service: Length
    patience: Length | None = None


@dataclass(frozen=True)
class Law:
    """What theory says of one quantity of a case, and the spread of one run."""

    quantity: str
    exact: float
    sd: float


@cache
def laws() -> Mapping[str, Sequence[Law]]:
    """Case → its quantities."""
    found: dict[str, list[Law]] = {}
    with LAWS.open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            law = Law(row["quantity"], float(row["exact"]), float(row["sd_of_one_run"]))
            found.setdefault(row["case"], []).append(law)
    return found


def floor(
    agents: Mapping[str, Sequence[str]], queues: Sequence[str] = ("any",), rule: Rule = "longest_idle", **rest: object
) -> Plan:
    """A center of agents with these skills. A queue named like a skill needs it; others are for anyone."""
    skills = {skill for held in agents.values() for skill in held}
    return Plan.model_validate(
        {
            "name": "Oracle",
            "zone": "UTC",
            "country": "IN",
            "flow": "none",
            "queues": {
                name: QueuePlan(title=name, rule=rule, needs={name: 1} if name in skills else {}) for name in queues
            },
            "agents": {
                name: AgentPlan(name=name, line=f"client:{name}", skills=dict.fromkeys(held, 1))
                for name, held in agents.items()
            },
            **rest,
        }
    )


def pool(size: int) -> Plan:
    """One line, and agents who all take it."""
    return floor({f"a{number:03d}": () for number in range(size)})


def strict_priority() -> Plan:
    """Two queues, the first an hour ahead of the second, which nobody waits for: the bound on overtaking is off."""
    agents: dict[str, Sequence[str]] = {f"a{number}": () for number in range(5)}
    plan = floor(agents, ("first", "second"), limits=Limits(overtaking_minutes=None))
    first = QueuePlan(title="first", rule="longest_idle", priority_minutes=60)
    return plan.model_copy(update={"queues": plan.queues | {"first": first}})


N_MODEL = {"a": ("g", "e"), "b": ("e",)}
W_MODEL = {"a": ("g", "e"), "b": ("h", "e"), "c": ("e",)}


def exponential(mean_s: float) -> Length:
    """Memoryless lengths of this mean."""
    return lambda random: random.expovariate(1 / mean_s)


def constant(length_s: float) -> Length:
    """Always this length."""
    return lambda _: length_s


CASES: dict[str, Case] = {
    "C1": Case(pool(20), {"any": 18}, 180, exponential(180)),
    "C2": Case(pool(5), {"any": 4}, 240, exponential(240)),
    "C3": Case(pool(50), {"any": 48}, 60, exponential(60), exponential(120)),
    "C4": Case(pool(20), {"any": 24}, 180, exponential(180), exponential(120)),
    "C5": Case(pool(20), {"any": 20}, 180, exponential(180), constant(60)),
    "C6 exponential": Case(pool(10), {"any": 8}, 180, exponential(180), constant(0)),
    "C6 constant": Case(pool(10), {"any": 8}, 180, constant(180), constant(0)),
    "C7": Case(pool(1), {"any": 0.75}, 120, lambda random: RING_S + random.expovariate(1 / 100) + 15),
    "C8": Case(strict_priority(), {"first": 1.5, "second": 2.5}, 240, exponential(240)),
    "C9": Case(floor(N_MODEL, ("g", "e")), {"g": 0.4, "e": 0.8}, 180, exponential(180)),
    "C10": Case(floor(W_MODEL, ("g", "h", "e")), {"g": 0.5, "h": 0.5, "e": 1.0}, 180, exponential(180)),
    "C11": Case(floor(N_MODEL, ("g", "e"), "least_flexible"), {"g": 0.4, "e": 0.8}, 180, exponential(180)),
}


def visits(case: Case, random: Random) -> Iterator[Visit]:
    """Poisson arrivals without end."""
    queues, loads = list(case.loads), list(case.loads.values())
    gap_s, now_s = case.mean_s / sum(loads), 0.0
    while True:
        now_s += random.expovariate(1 / gap_s)
        patience_ms = None if case.patience is None else round(case.patience(random) * 1000)
        queue = random.choices(queues, loads)[0] if len(queues) > 1 else queues[0]
        yield Visit(queue, round(now_s * 1000), round(case.service(random) * 1000), patience_ms)


def run(case: Case, seed: int, calls: int = CALLS) -> Measured:
    """One run: the visits after the warm-up with their outcomes."""
    arrived = list(islice(visits(case, Random(seed)), WARM_UP + calls))
    outcomes = play(case.plan, arrived)
    return list(zip(arrived, outcomes, strict=True))[WARM_UP:]


def measure(found: Measured, quantity: str) -> float:
    """The value of a quantity of `laws.csv` in a run."""
    if quantity.startswith("occupancy_agent_"):
        return occupancy(found, quantity.removeprefix("occupancy_agent_"))
    if quantity.startswith("mean_wait_") and quantity not in MEASURES:
        queue = quantity.removeprefix("mean_wait_").removeprefix("type_")
        return mean_wait([row for row in found if row[0].queue == queue])
    return MEASURES[quantity](found)


def mean_wait(found: Measured) -> float:
    """Seconds."""
    return sum(outcome.wait_ms for _, outcome in found) / len(found) / 1000


def share(found: Measured, counts: Callable[[Outcome], bool]) -> float:
    """How many of these calls count, 0–1."""
    return sum(counts(outcome) for _, outcome in found) / len(found)


def wait_p90(found: Measured) -> float:
    """The nearest rank, in seconds."""
    waits = sorted(outcome.wait_ms for _, outcome in found)
    return waits[(90 * len(waits) + 99) // 100 - 1] / 1000


def occupancy(found: Measured, agent: str) -> float:
    """The busy share of an agent's time between the first and the last arrival measured."""
    begin_ms, end_ms = found[0][0].arrival_ms, found[-1][0].arrival_ms
    busy_ms = 0
    for visit, outcome in found:
        if outcome.agent == agent:
            start_ms = visit.arrival_ms + outcome.wait_ms
            busy_ms += max(0, min(end_ms, start_ms + visit.service_ms) - start_ms)
    return busy_ms / (end_ms - begin_ms)


def _gone(outcome: Outcome) -> bool:
    return not outcome.agent


def _soon(outcome: Outcome) -> bool:
    return outcome.wait_ms <= THRESHOLD_MS


MEASURES: dict[str, Callable[[Measured], float]] = {
    "p_wait": lambda found: share(found, lambda outcome: outcome.wait_ms > 0),
    "p_abandon": lambda found: share(found, _gone),
    "p_timeout": lambda found: share(found, _gone),
    "p_blocked": lambda found: share(found, _gone),
    "p_served_within_threshold": lambda found: share(found, lambda outcome: _soon(outcome) and not _gone(outcome)),
    "p_abandon_within_threshold": lambda found: share(found, lambda outcome: _soon(outcome) and _gone(outcome)),
    "service_level": lambda found: share(found, _soon),
    "wait_p90": wait_p90,
    "mean_wait": mean_wait,
    "mean_wait_all": mean_wait,
    "mean_wait_served": lambda found: mean_wait([row for row in found if row[1].agent]),
    "wait_to_offer": mean_wait,
    "wait_to_answer": lambda found: mean_wait(found) + RING_S,
}
