"""Waits on the pure twin are what queueing theory says, and a wrong rule is seen in them."""

from math import sqrt
from random import Random, SystemRandom
from statistics import mean

import pytest

from queues import routing
from queues.match import next_pair
from queues.plan import Plan
from queues.records import Call
from tests.oracle import cases
from tests.oracle.cases import CASES, Case, Measured, laws, measure, run
from tests.oracle.twin import Places

SEED = 20261122
FRESH_RUNS = 5
FEWER = 20_000


def misses(name: str, runs: list[Measured]) -> dict[str, float]:
    """The quantities whose mean over the runs is four standard deviations or more from the law, and by how many."""
    scores = {
        law.quantity: (mean(measure(found, law.quantity) for found in runs) - law.exact) / law.sd * sqrt(len(runs))
        for law in laws()[name]
    }
    return {quantity: round(score, 2) for quantity, score in scores.items() if abs(score) >= 4}


def test_every_case_has_its_laws() -> None:
    assert list(CASES) == list(laws())


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["C1", "C4", "C9"])
def test_waits_are_those_of_queueing_theory(name: str) -> None:
    assert misses(name, [run(CASES[name], SEED)]) == {}


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", list(CASES))
def test_waits_are_those_of_queueing_theory_whatever_the_seed(name: str) -> None:
    seeds = [SystemRandom().getrandbits(32) for _ in range(FRESH_RUNS)]
    assert (misses(name, [run(CASES[name], seed) for seed in seeds]), seeds) == ({}, seeds)


# -- a wrong rule is seen -----------------------------------------------------------------------------------------


def test_one_agent_less_is_seen() -> None:
    short = Case(cases.pool(19), CASES["C1"].loads, 180, CASES["C1"].service)
    assert "p_wait" in misses("C1", [run(short, SEED, FEWER)])


def test_newest_first_is_seen_in_the_ninetieth_percentile(monkeypatch: pytest.MonkeyPatch) -> None:
    right = routing.call_lines

    def newest_first(call: Call, plan: Plan, now_ms: int) -> dict[str, int]:
        return {line: -score for line, score in right(call, plan, now_ms).items()}

    monkeypatch.setattr(routing, "call_lines", newest_first)
    assert "wait_p90" in misses("C1", [run(CASES["C1"], SEED, FEWER)])


def test_forgotten_wrap_up_is_seen() -> None:
    right = CASES["C7"]
    forgotten = Case(right.plan, right.loads, right.mean_s, lambda random: right.service(random) - 15)
    assert "wait_to_offer" in misses("C7", [run(forgotten, SEED, FEWER)])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_longest_idle_instead_of_least_flexible_is_seen() -> None:
    wrong = Case(CASES["C9"].plan, CASES["C11"].loads, 180, CASES["C11"].service)
    seeds = [SystemRandom().getrandbits(32) for _ in range(FRESH_RUNS)]
    assert "mean_wait_type_g" in misses("C11", [run(wrong, seed) for seed in seeds]), seeds


# -- the twin's short cut changes nothing -------------------------------------------------------------------------


def test_looking_at_the_first_of_a_list_finds_the_pair_that_looking_at_all_finds() -> None:
    random = Random(SEED)
    for _ in range(300):
        names = ["x|anyone", "y|anyone", "z|anyone"]
        plain: list[dict[str, dict[str, int]]] = [{name: {} for name in names} for _ in range(2)]
        quick = [{name: Places() for name in names} for _ in range(2)]
        stands: dict[str, dict[str, int]] = {}
        for number in range(random.randrange(30)):
            side, who, score = random.randrange(2), f"w{number}", random.randrange(8)
            places = random.sample(names, random.randint(1, 3))
            stands[f"{('call', 'agent')[side]}:{who}"] = {name: random.randrange(3) * side for name in places}
            for name in places:
                plain[side][name][who] = score
                quick[side][name].put(who, score)
                if random.random() < 0.3:
                    plain[side][name][who] = score + 4
                    quick[side][name].drop(who)
                    quick[side][name].put(who, score + 4)
        for cause in stands:
            found = next_pair(cause, stands.__getitem__, *quick)
            assert found == next_pair(cause, stands.__getitem__, *plain)
