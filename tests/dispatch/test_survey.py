"""Who is drawn for the questions afterwards: the same call always the same way, and as many as the share says."""

import pytest

from queues.policy import SurveyPlan
from queues.records import Call
from queues.survey import drawn, questions, wanted

CALLS = [f"CA{number:032x}" for number in range(4000)]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_of_calls_is_drawn(share: float) -> None:
    found = [call for call in CALLS if drawn(call, share)]
    assert abs(len(found) / len(CALLS) - share) < 0.025
    assert found == [call for call in CALLS if drawn(call, share)]


def test_only_conversations_of_the_queues_are_asked_about() -> None:
    plan = SurveyPlan(share=1, queues=["sales"])
    calls = [Call(queue="sales", joined=1), Call(queue="billing", joined=1), Call(queue="sales")]
    assert [wanted(plan, call) for call in calls] == [True, False, False]


def test_questions_that_are_switched_off_are_not_asked() -> None:
    assert questions(SurveyPlan(ask_solved=False, ask_open=False)) == ("satisfied",)
    assert questions(SurveyPlan()) == ("satisfied", "solved", "comment")
