"""What is said of estimates afterwards: shares with callers who left as censored, and the mean error."""

from random import Random

import pytest

from queues.calibration import Said, calibrate, share_by
from queues.estimate import by_queue_length

NOW_MS = 10_000_000


def said(waited_ms: int, outcome: str = "answered", queue: str = "sales", lo_ms: int = 50, hi_ms: int = 100) -> Said:
    over_ms = 1_000 + waited_ms if outcome else 0
    return Said("CA1", 1_000, queue, "queue_length", "first", lo_ms, hi_ms, 60, over_ms, outcome)


def test_shares_and_error_of_waits_that_were_all_answered() -> None:
    total, (row,) = calibrate([said(waited_ms) for waited_ms in (10, 50, 51, 100, 101)], NOW_MS)
    assert [total.by_lo, total.by_hi] == pytest.approx([0.4, 0.8])
    assert (row.queue, row.method, row.told, row.answered, row.left) == ("sales", "queue_length", 5, 5, 0)
    assert row.error_ms == round((10 + 50 + 51 + 100 + 101) / 5 - 60)


def test_caller_who_left_says_only_that_the_wait_was_longer() -> None:
    # Kaplan and Meier by hand: 1 of 4 is over at 10; one leaves at 20; 1 of 2 at 30.
    waits = [said(10), said(20, "abandoned"), said(30), said(200)]
    assert share_by(waits, lambda one: one.hi_ms, NOW_MS) == pytest.approx(1 - 3 / 4 * 1 / 2)
    total, _ = calibrate([*waits, said(0, "")], NOW_MS)
    assert (total.told, total.answered, total.left) == (5, 3, 1)


def test_share_is_unknown_when_all_have_left_before_the_end() -> None:
    assert share_by([said(10), said(20, "callback")], lambda one: one.hi_ms, NOW_MS) is None
    assert share_by([], lambda one: one.hi_ms, NOW_MS) is None
    assert share_by([said(10), said(20)], lambda one: one.hi_ms, NOW_MS) == 1.0


def test_true_waits_are_found_well_told_though_a_third_of_the_callers_leaves() -> None:
    random, told = Random(20261122), []
    for _ in range(6_000):
        ahead = random.randrange(12)
        found = by_queue_length(ahead, 5, 180_000)
        wait_ms, patience_ms = (random.gammavariate(ahead + 1, 36_000), random.expovariate(1 / 500_000))
        outcome = "answered" if wait_ms < patience_ms else "abandoned"
        told.append(said(round(min(wait_ms, patience_ms)), outcome, lo_ms=found.lo_ms, hi_ms=found.hi_ms))
    total, _ = calibrate(told, NOW_MS)
    assert 0.3 < total.left / total.told < 0.4
    assert [total.by_lo, total.by_hi] == pytest.approx([0.5, 0.9], abs=0.02)
    answered = [one for one in told if one.answered]
    naive = sum(one.to_ms - one.at_ms <= one.hi_ms for one in answered) / len(answered)
    assert naive > 0.92
