"""What is said of estimates afterwards: shares with callers who left as censored, and the mean error."""

from random import Random

import pytest

from queues.calibration import ENOUGH, GOAL_HI, End, Reading, Said, calibrate, curve, pinball_ms
from queues.estimate import by_queue_length
from queues.shares import Share, interval

NOW_MS = 10_000_000


def said(waited_ms: int, outcome: str = "answered", queue: str = "sales", lo_ms: int = 50, hi_ms: int = 100) -> Said:
    over_ms = 1_000 + waited_ms if outcome else 0
    return Said("CA1", 1_000, queue, "queue_length", "first", lo_ms, hi_ms, 60, over_ms, outcome)


def test_shares_and_error_of_waits_that_were_all_answered() -> None:
    total, (row,) = calibrate([said(waited_ms) for waited_ms in (10, 50, 51, 100, 101)], NOW_MS)
    assert [total.lo.answered, total.hi.answered] == [Share(2, 5), Share(4, 5)]
    assert [end.curve and end.curve.ratio for end in (total.lo, total.hi)] == pytest.approx([0.4, 0.8])
    assert (row.queue, row.method, row.told, row.answered, row.left) == ("sales", "queue_length", 5, 5, 0)
    assert row.error_ms == round((10 + 50 + 51 + 100 + 101) / 5 - 60)


def test_curve_and_its_interval_are_the_plain_ones_when_nobody_left() -> None:
    total, _ = calibrate([said(waited_ms) for waited_ms in (10, 50, 51, 100, 101)], NOW_MS)
    for end in (total.lo, total.hi):
        assert end.curve == pytest.approx((end.answered.ratio, end.answered.low, end.answered.high))


def test_caller_who_left_says_only_that_the_wait_was_longer() -> None:
    # Kaplan and Meier by hand: 1 of 4 is over at 10; one leaves at 20; 1 of 2 at 30. Greenwood: 1/(4*3) + 1/(2*1).
    waits = [said(10), said(20, "abandoned"), said(30), said(200)]
    over, still = 1 - 3 / 4 * 1 / 2, 3 / 4 * 1 / 2
    worth = over * still / (still**2 * (1 / 12 + 1 / 2))
    assert curve(waits, lambda one: one.hi_ms, NOW_MS) == pytest.approx((over, *interval(over, worth)))
    total, _ = calibrate([*waits, said(0, "")], NOW_MS)
    assert (total.told, total.answered, total.left) == (5, 3, 1)
    assert total.hi.answered == Share(2, 3)


def test_share_is_unknown_when_all_have_left_before_the_end() -> None:
    assert curve([said(10), said(20, "callback")], lambda one: one.hi_ms, NOW_MS) is None
    assert curve([], lambda one: one.hi_ms, NOW_MS) is None
    assert curve([said(10), said(20)], lambda one: one.hi_ms, NOW_MS) == (1.0, *interval(1, 2))
    assert curve([said(200), said(300)], lambda one: one.hi_ms, NOW_MS) == (0.0, *interval(0, 2))


def test_loss_is_least_for_the_true_quantile() -> None:
    waits = range(1, 1001)
    for share in (0.5, 0.9):
        losses = {end: sum(pinball_ms(wait, end, share) for wait in waits) for end in range(0, 1001, 10)}
        assert min(losses, key=lambda end: losses[end]) == 1000 * share
    assert [pinball_ms(200, 100, 0.9), pinball_ms(100, 200, 0.9)] == pytest.approx([90, 10])
    total, _ = calibrate([said(10), said(110), said(20, "abandoned")], NOW_MS)
    # Ends at 50 and 100: the earlier is off by 40 and 60, half of each; the later by 90 (a tenth) and 10 (nine tenths).
    assert (total.lo.loss_ms, total.hi.loss_ms, total.loss_ms) == (25, 9, 17)
    assert calibrate([said(20, "abandoned")], NOW_MS)[0].loss_ms is None


@pytest.mark.parametrize(
    ("ratio", "of", "verdict"),
    [
        (0.90, ENOUGH - 1, "few"),
        (0.90, ENOUGH, "kept"),
        (0.86, ENOUGH, "unsure"),
        (0.85, 2_000, "low"),
        (0.96, ENOUGH, "unsure"),
        (0.96, 2_000, "high"),
        (0.87, 2_000, "kept"),
    ],
)
def test_end_is_judged_only_where_chance_does_not_explain_it(ratio: float, of: int, verdict: str) -> None:
    reading = Reading(ratio, *interval(ratio, of))
    assert End(GOAL_HI, Share(round(ratio * of), of), reading, 0).verdict == verdict


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
    for end, share in ((total.lo, 0.5), (total.hi, 0.9)):
        assert end.curve is not None
        assert end.curve.ratio == pytest.approx(share, abs=0.02)
        assert end.curve.low < share < end.curve.high
        assert end.verdict == "kept"
    assert (total.hi.answered.low or 0) > 0.92
