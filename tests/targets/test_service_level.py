"""Service level in its seven variants, and percentiles, held to published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.service_level import VARIANTS, Counts, Variant, count, percentile, service_level
from tests.targets.facts import SERVICE_LEVELS

EXAMPLE = count(
    answered_ms=[20_000] * 860 + [20_001] * 140,
    abandoned_ms=[5_000] * 10 + [5_001] * 5 + [20_000] * 5 + [20_001] * 40,
    within_ms=20_000,
    callbacks_ms=[20_000] * 12 + [25_000] * 18,
)


@pytest.mark.parametrize(("variant", "numerator", "denominator", "percent"), SERVICE_LEVELS)
def test_each_variant_gives_its_published_value(
    variant: Variant, numerator: int, denominator: int, percent: float
) -> None:
    level = service_level(EXAMPLE, variant)

    assert level == numerator / denominator
    assert round(100 * level, 6) == percent


def test_every_variant_is_held_to_a_value() -> None:
    assert {row[0] for row in SERVICE_LEVELS} == set(VARIANTS)


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_empty_interval_has_no_service_level(variant: Variant) -> None:
    assert service_level(Counts(), variant) is None


def test_callers_already_past_the_threshold_count_as_missed_while_they_wait() -> None:
    live = count([1_000] * 8 + [21_000], [], 20_000, waiting_ms=[5_000, 25_000, 40_000])

    assert round(service_level(live) or 0, 6) == 0.727273


def test_levels_of_two_intervals_are_merged_by_their_counts() -> None:
    first, second = Counts(answered=10, answered_in=10), Counts(answered=100, answered_in=50)

    assert round(service_level(first + second) or 0, 6) == 0.545455


def test_percentile_of_the_union_is_not_the_mean_of_percentiles() -> None:
    nine_short, ten_long = [10] * 9 + [100], [100] * 10

    assert (percentile(nine_short, 90), percentile(ten_long, 90)) == (10, 100)
    assert percentile(nine_short + ten_long, 90) == 100


@pytest.mark.parametrize(("percent", "value"), [(80, 31), (90, 62), (100, 62), (1, 0), (50, 8)])
def test_percentile_is_the_nearest_rank(percent: int, value: int) -> None:
    assert percentile([62, 0, 31, 0, 15, 4, 8], percent) == value


def test_percentile_of_nothing_is_nothing() -> None:
    assert percentile([], 90) is None


def test_seventh_percentile_of_a_hundred_is_the_seventh_value() -> None:
    assert percentile(range(1, 101), 7) == 7


@given(st.lists(st.integers(0, 60_000)), st.lists(st.integers(0, 60_000)), st.integers(5_000, 60_000))
def test_the_more_abandons_a_variant_leaves_out_the_higher_its_level(
    answered: list[int], abandoned: list[int], within_ms: int
) -> None:
    counts = count(answered, abandoned, within_ms)
    levels = {variant: service_level(counts, variant) for variant in VARIANTS}

    assert all(level is None or 0 <= level <= 1 for level in levels.values())
    against = levels["abandons_count_against"]
    if against is not None and answered:
        assert against <= (levels["short_abandons_excluded_5s"] or 0) <= (levels["abandons_within_T_excluded"] or 0)
        assert (levels["abandons_within_T_excluded"] or 0) <= (levels["abandons_ignored"] or 0)
