"""A share, and how sure it is."""

import pytest

from queues.shares import Share, interval


def test_interval_is_wilsons() -> None:
    # 8 of 10: the worked example of customer satisfaction.
    assert (Share(8, 10).ratio, Share(8, 10).low, Share(8, 10).high) == pytest.approx(
        (0.8, 0.490162, 0.943318), abs=1e-6
    )
    # 81 of 263 and 15 of 148 are from Newcombe (1998), table I, method 3.
    assert interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert interval(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_interval_stays_between_none_and_all() -> None:
    assert (Share(0, 20).low, Share(0, 20).high) == pytest.approx((0, 0.1611), abs=5e-5)
    assert (Share(29, 29).low, Share(29, 29).high) == pytest.approx((0.8830, 1), abs=5e-5)


def test_share_of_nothing_is_no_number() -> None:
    assert (Share().ratio, Share().low, Share().high) == (None, None, None)
