"""The figures of a bench are those of its samples, and a missed goal says so."""

import pytest

from benches.figures import Goal, goal_lines, spread


def test_spread_of_a_hundred_and_one_known_durations() -> None:
    found = spread([number * 1000 for number in range(101)])
    assert (found.count, found.p50_us, found.p99_us) == (101, 50.0, 99.0)


def test_no_samples_are_no_figure() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        spread([])


def test_missed_goals_are_named_first() -> None:
    goals = [Goal("quick", 1.5, 2.0), Goal("slow", 2.5, 2.0), Goal("many", 0.1, 0.2, at_least=True)]
    assert goal_lines(goals) == [
        "goals: 1 met, 2 missed",
        "  MISSED  slow: 2.50 (at most 2)",
        "  MISSED  many: 0.10 (at least 0.2)",
        "  met     quick: 1.50 (at most 2)",
    ]
