"""How long a ring is, and in which ring a moment falls."""

import pytest

from queues.rings import UNKNOWN_RING_MS, cadences, ring_ms, rings_counted, rings_limit_ms
from tests.targets.facts import THREE_RINGS


@pytest.mark.parametrize(("country", "limit_ms"), THREE_RINGS.items())
def test_three_rings_last_as_long_as_the_country_rings(country: str, limit_ms: int) -> None:
    assert rings_limit_ms(country) == limit_ms


@pytest.mark.parametrize("country", ["", "XX", "in"])
def test_a_country_we_do_not_know_is_never_charged_a_ring_too_many(country: str) -> None:
    assert ring_ms(country) == UNKNOWN_RING_MS == max(cadences().values())


def test_every_country_has_one_plausible_cadence() -> None:
    assert len(cadences()) == 41
    assert set(cadences().values()) == {3000, 4000, 4500, 5000, 6000}


@pytest.mark.parametrize(
    ("actual_ms", "one_ring_ms", "ring"),
    [(0, 3000, 1), (2999, 3000, 1), (3000, 3000, 2), (8400, 3000, 3), (18500, 6000, 4)],
)
def test_rings_are_counted_from_one(actual_ms: int, one_ring_ms: int, ring: int) -> None:
    assert rings_counted(actual_ms, one_ring_ms) == ring
