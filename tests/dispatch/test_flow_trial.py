"""Which callers get a candidate, and when it is worse than the current menu by more than chance."""

import pytest

from queues.flow_trial import FlowState, MenuFigures, worse
from queues.policy import FlowPlan

RULE = FlowPlan(least_calls=100, worse_hang_ups=0.02, worse_seconds=3)
FINE = MenuFigures(calls=200, hang_ups=10, lines=190, seconds=10.0, variance=25.0)


def figures(**changes: float) -> MenuFigures:
    return MenuFigures(**{**vars(FINE), **changes})


def test_share_of_calls_gets_the_candidate_and_the_same_ones_each_time() -> None:
    state = FlowState(current="old", candidate="new", share=0.2)
    calls = [f"CA{number:032x}" for number in range(2000)]
    got = [state.begins(call) for call in calls]
    assert got == [state.begins(call) for call in calls]
    assert 0.17 < got.count("new") / len(got) < 0.23


def test_state_comes_back_from_text() -> None:
    state = FlowState(3, 1000, "tried", "old", "new", 0.25, "leela", "shorter")
    assert FlowState.from_hash(state.to_hash()) == state


@pytest.mark.parametrize(
    ("candidate", "why"),
    [
        (FINE, ""),
        (figures(hang_ups=40), "20 % hung up in the menu, 5 % before"),
        (figures(hang_ups=15), ""),  # 7.5 % is over the limit, and could be chance
        (figures(calls=99, hang_ups=90), ""),  # too few
        (figures(seconds=14.0), "14.0 s to a line, 10.0 s before"),
        (figures(seconds=12.9), ""),
        (figures(seconds=14.0, variance=900.0), ""),  # beyond the limit, not beyond chance
        (figures(seconds=40.0, lines=50), ""),
    ],
)
def test_candidate_is_worse_over_the_limit_and_beyond_chance(candidate: MenuFigures, why: str) -> None:
    assert worse(RULE, candidate, FINE) == why
