"""Estimates are as good as theory says they can be, in virtual time on the real queue; and a wrong one is seen.

`wait_by_state.csv` has exact waits for a number of callers ahead; `wait_accuracy.csv` how far the estimators were off
for the callers of a long simulation of M/M/20 at 0.9 who waited and were served (times in seconds).

Callers who wait together share their luck, so 100 000 of them say far less than 100 000 alone would: `SPREAD` is one
standard deviation of each figure over the seeds 1 to 120, and a run is held to four of them, whatever its seed; in the
mean of those seeds rmse is 28.45 s, bias -0.02 s, the ratio 1.995, covered are 79.96 % and below are 89.98 %. With
`long`, fresh seeds are played, and their mean, which spreads less than a fifth of that, is held to what is promised.
"""

import csv
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from math import sqrt
from pathlib import Path
from random import Random, SystemRandom

import pytest
import redis

from queues import estimate as estimates
from queues.estimate import Estimate, Seen, by_head_of_line, by_queue_length, estimate, quantile_ms
from queues.pace import Pace, QueuePace
from tests.dispatch.floor import START_MS
from tests.oracle.cases import CASES, visits
from tests.oracle.path import callers, fates
from tests.oracle.service_floor import LEAVING, ServiceFloor
from tests.oracle.twin import Twin, play

HERE = Path(__file__).parent
SEED = 1
AGENTS, HANDLE_MS = 20, 180_000
WARM_UP, CALLS = 2_000, 100_000
FRESH_SEEDS = 30
OVERLOAD_ERLANG, FEWER = 24, 400
PACE = Pace(handle_ms=HANDLE_MS, contacts=200)


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def accuracy(estimator: str) -> dict[str, float]:
    """The reference's figures of an estimator."""
    row = next(row for row in read("wait_accuracy.csv") if row["estimator"] == estimator)
    return {name: float(text) for name, text in list(row.items())[2:] if text}


# -- the formulas ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", read("wait_by_state.csv"), ids=lambda row: "-".join(list(row.values())[:4]))
def test_waits_by_state_are_exact(row: dict[str, str]) -> None:
    ahead, agents = int(row["callers_ahead"]), int(row["agents_all_busy"])
    handle_ms, patience_ms = (float(row[name] or 0) * 1000 for name in ("aht_s", "mean_patience_s"))
    staying = by_queue_length(ahead, agents, handle_ms)
    exact = [float(row[f"wait_{name}_s_no_abandon"]) * 1000 for name in ("p50", "p90")]
    assert [staying.lo_ms, staying.hi_ms] == pytest.approx(exact, abs=0.6)
    tail = estimates._stages(ahead + 1, agents / handle_ms, 0)
    shares = [quantile_ms(tail, share, staying.mean_ms) / 1000 for share in (0.1, 0.8)]
    assert shares == pytest.approx([float(row["wait_p10_s_no_abandon"]), float(row["wait_p80_s_no_abandon"])], rel=1e-5)
    mean_ms = float(row["mean_offered_wait_with_abandon_s"]) * 1000
    assert by_queue_length(ahead, agents, handle_ms, patience_ms).mean_ms == pytest.approx(mean_ms, abs=0.5)


@pytest.mark.parametrize("ahead", [0, 4, 19, 300])
def test_range_with_callers_who_leave_is_that_of_drawn_waits(ahead: int) -> None:
    random = Random(SEED)
    rates = [AGENTS / HANDLE_MS + at / 300_000 for at in range(ahead + 1)]
    drawn = sorted(sum(map(random.expovariate, rates)) for _ in range(200_000 // (ahead + 10)))
    found = by_queue_length(ahead, AGENTS, HANDLE_MS, 300_000)
    shares = [sum(wait <= end for wait in drawn) / len(drawn) for end in (found.lo_ms, found.hi_ms)]
    assert shares == pytest.approx([0.5, 0.9], abs=2 / sqrt(len(drawn)))


def test_range_by_effective_rate_is_that_of_waits_at_a_rate_that_few_contacts_say_little_of() -> None:
    random = Random(SEED)
    drawn = sorted(random.gammavariate(5, 1) / random.gammavariate(10, 1 / 360_000) for _ in range(20_000))
    found = estimates.by_effective_rate(4, 10, 360_000)
    shares = [sum(wait <= end for wait in drawn) / len(drawn) for end in (found.lo_ms, found.hi_ms)]
    assert shares == pytest.approx([0.5, 0.9], abs=2 / sqrt(len(drawn)))
    assert found.mean_ms == pytest.approx(mean(drawn), rel=0.02)
    sure = estimates.by_effective_rate(4, 1_000_000, 36_000_000_000)
    exact = by_queue_length(4, 5, 180_000)
    assert (sure.lo_ms, sure.hi_ms) == pytest.approx((exact.lo_ms, exact.hi_ms), rel=1e-4)


# -- the real queue in virtual time -----------------------------------------------------------------------------------


@cache
def by_state(ahead: int) -> tuple[Estimate, float]:
    """The estimate for so many ahead, and the tenth percentile with it."""
    found = estimate(Seen(ahead=ahead, others=ahead, agents=AGENTS, pace=PACE), 0)
    assert found is not None
    assert found.method == "queue_length"
    return found, quantile_ms(estimates._stages(ahead + 1, AGENTS / HANDLE_MS, 0), 0.1, found.mean_ms)


# What is promised of the mean of many runs, and by how much one run of `CALLS` spreads (one standard deviation).
RMSE, BIAS, RATIO = "rmse_s", "bias_s (estimate - actual)", "mse_ratio_to_QL"
COVERED, BELOW = "coverage_of_p10_p90_gamma_interval", "share_with_wait_below_gamma_p90"
OF_THEORY = "rmse_to_theory"
PROMISED = {RMSE: 1.0, BIAS: 1.0, RATIO: 0.15, COVERED: 0.01, BELOW: 0.01, OF_THEORY: 0.02}
SPREAD = {RMSE: 1.36, BIAS: 0.5, RATIO: 0.075, COVERED: 0.0039, BELOW: 0.0037, OF_THEORY: 0.020}


@cache
def told(calls: int, seed: int) -> tuple[list[tuple[int, int, int]], list[int]]:
    """For everyone who had to wait: (number, callers ahead, wait of the head); and every caller's wait."""
    seen: list[tuple[int, int, int]] = []

    def waits(twin: Twin, number: int, now_ms: int) -> None:
        (line,) = twin.lines.values()
        seen.append((number, len(line) - 1, now_ms - next(iter(line.items()))[1]))

    outcomes = play(CASES["C1"].plan, islice(visits(CASES["C1"], Random(seed)), WARM_UP + calls), waits)
    return [row for row in seen if row[0] >= WARM_UP], [outcome.wait_ms for outcome in outcomes]


def measured(calls: int, seed: int, off_by: int = 0) -> dict[str, float]:
    """The reference's figures, measured on the twin, and the error as a multiple of the least that the states allow.

    With q ahead of them and all n agents busy the wait is gamma distributed, its variance (q + 1) · (S / n)², so a
    better estimate from q there is not; unlike the error itself, the multiple hardly knows how busy a run was.
    `off_by` forgets so many of those ahead.
    """
    seen, waits = told(calls, seed)
    ended = [(waits[number], *by_state(max(0, ahead - off_by))) for number, ahead, _ in seen]
    errors = [found.mean_ms - wait_ms for wait_ms, found, _ in ended]
    head = [head_ms - waits[number] for number, _, head_ms in seen]
    square = mean(error**2 for error in errors)
    least = mean((ahead + 1) * (HANDLE_MS / AGENTS) ** 2 for _, ahead, _ in seen)
    return {
        RMSE: sqrt(square) / 1000,
        BIAS: mean(errors) / 1000,
        RATIO: mean(error**2 for error in head) / square,
        COVERED: mean(p10 <= wait_ms <= found.hi_ms for wait_ms, found, p10 in ended),
        BELOW: mean(wait_ms <= found.hi_ms for wait_ms, found, _ in ended),
        OF_THEORY: sqrt(square / least),
    }


def mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def off(found: Mapping[str, float], within: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """What is further from the reference than `within`: (found, expected)."""
    expected = accuracy("QL") | {RATIO: accuracy("HOL")[RATIO], OF_THEORY: 1.0}
    return {name: (found[name], expected[name]) for name in within if abs(found[name] - expected[name]) > within[name]}


def one_run() -> dict[str, float]:
    """How far one run may be off: four standard deviations."""
    return {name: 4 * sd for name, sd in SPREAD.items()}


@pytest.mark.timeout(120)
def test_estimates_are_as_accurate_as_the_state_allows() -> None:
    assert off(measured(CALLS, SEED), one_run()) == {}


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_estimates_are_as_accurate_as_the_state_allows_whatever_the_seed() -> None:
    seeds = [SystemRandom().getrandbits(32) for _ in range(FRESH_SEEDS)]
    runs = []
    for seed in seeds:
        runs.append(measured(CALLS, seed))
        told.cache_clear()  # a run is a hundred thousand callers
    together = {name: mean(run[name] for run in runs) for name in PROMISED}
    assert (off(together, PROMISED), seeds) == ({}, seeds)
    assert [(seed, off(run, one_run())) for seed, run in zip(seeds, runs, strict=True) if off(run, one_run())] == []


def test_forgetting_one_caller_ahead_is_seen() -> None:
    assert set(off(measured(CALLS, SEED, off_by=1), one_run())) >= {BIAS, COVERED, BELOW}


@pytest.mark.timeout(120)
def test_head_of_line_range_holds_what_it_says() -> None:
    seen, waits = told(CALLS, SEED)
    ended = [
        (waits[number], by_head_of_line(ahead, ahead, head_ms))
        for number, ahead, head_ms in seen[::10]
        if ahead >= estimates.LEAST_OTHERS
    ]
    shares = [mean(wait_ms <= end(found) for wait_ms, found in ended) for end in (_lo, _hi)]
    # Four standard deviations over the seeds 1 to 120, in whose mean they are 0.5005 and 0.9000.
    assert shares[0] == pytest.approx(0.5, abs=4 * 0.0064)
    assert shares[1] == pytest.approx(0.9, abs=4 * 0.0050)


# -- the service itself, on real Valkey --------------------------------------------------------------------------------


class Watched(ServiceFloor):
    """The core on real Valkey, asked for an estimate for everyone who has to wait, in the moment they come."""

    def __init__(self, client: redis.Redis) -> None:
        super().__init__(client, AGENTS)
        self.found: dict[int, Estimate | None] = {}
        pace = QueuePace(handle_ms=HANDLE_MS, contacts=PACE.contacts)
        self.live.outlook.keep({"any": pace}, self.floor.now_ms)

    def _arrive(self, sid: str) -> None:
        super()._arrive(sid)
        self._at(self.floor.now_ms, LEAVING, lambda: self._ask(sid))

    def _ask(self, sid: str) -> None:
        call = self.floor.the(sid)
        if call.status == "waiting":
            seen = self.live.outlook.of(call, self.floor.now_ms)
            self.found[int(sid.removeprefix("CA"))] = estimate(seen, self.floor.now_ms)


def test_service_gives_the_estimate_of_the_callers_who_are_really_ahead(
    redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queues.dispatch.MOST_WEIGHED", 0)  # explanations decide nothing here
    coming = callers(FEWER, OVERLOAD_ERLANG, SEED, START_MS)
    gone_ms = [at_ms for _, at_ms in fates(AGENTS, coming)]
    expected = {
        number: by_state(sum(gone > caller.arrival_ms for gone in gone_ms[:number]))[0]
        for number, caller in enumerate(coming)
        if gone_ms[number] > caller.arrival_ms
    }
    floor = Watched(redis_client)
    floor.play(coming)
    assert len(expected) > FEWER / 2
    assert floor.found == expected


def _lo(found: Estimate) -> int:
    return found.lo_ms


def _hi(found: Estimate) -> int:
    return found.hi_ms
