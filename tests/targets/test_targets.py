"""The clocks of a call: which run, which were kept, which were broken, and which were nobody's fault."""

import pytest

from queues.plan import Plan
from queues.targets import Clock, Rules, at_moment, evaluate, verdict_now
from tests.history.told import WHOLE_CALL, story

IN_LINE = """
received 1000 country=US ring_ms=6000
greeted  1040
enqueued 2000 queue=support
"""
RINGING = """
offered 3000 agent=asha offer=7
ringing 4000 agent=asha offer=7 limit_ms=9000 ring_ms=3000
"""


def clocks(text: str, plan: Plan) -> dict[str, Clock]:
    found = evaluate(story(text), Rules.of(plan))
    return {f"{clock.target}:{clock.offer}" if clock.offer else clock.target: clock for clock in found}


def verdicts(text: str, plan: Plan) -> dict[str, str | None]:
    return {name: clock.verdict for name, clock in clocks(text, plan).items()}


def test_answered_call_has_every_clock_against_its_limit(plan: Plan) -> None:
    told = {
        name: (clock.limit_ms, clock.actual_ms, clock.rings, clock.verdict)
        for name, clock in clocks(WHOLE_CALL, plan).items()
    }

    assert told == {
        "picked_up": (6000, 40, 1, "kept"),
        "agent_answers:11": (9000, 9000, 4, "broken"),
        "agent_answers:12": (9000, 8100, 3, "kept"),
        "reach_person": (18000, 19600, 4, "broken"),
        "time_to_person": (90_000, 27600, 0, "kept"),
        "handle_time": (300_000, 191_400, 0, "kept"),
    }


@pytest.mark.parametrize(
    ("lifted_ms", "rings", "verdict"),
    [(4000, 1, "kept"), (6999, 1, "kept"), (12_100, 3, "kept"), (13_000, 4, "kept"), (13_001, 4, "broken")],
)
def test_agent_keeps_three_rings_up_to_their_very_end(lifted_ms: int, rings: int, verdict: str, plan: Plan) -> None:
    taken = f"picked_up {lifted_ms} offer=7\noffer_end 15000 offer=7 outcome=accepted\nanswered 15000 offer=7"

    clock = clocks(IN_LINE + RINGING + taken, plan)["agent_answers:7"]

    assert (clock.actual_ms, clock.rings, clock.verdict) == (lifted_ms - 4000, rings, verdict)


def test_missed_offer_is_broken_even_when_a_machine_picked_up_in_time(plan: Plan) -> None:
    machine = "picked_up 5000 offer=7\noffer_end 12000 offer=7 outcome=missed"

    clock = clocks(IN_LINE + RINGING.replace("9000", "18000") + machine, plan)["agent_answers:7"]

    assert (clock.limit_ms, clock.actual_ms, clock.verdict) == (18000, 8000, "broken")


@pytest.mark.parametrize("outcome", ["withdrawn", "declined"])
def test_offer_that_ends_before_its_limit_has_no_verdict(outcome: str, plan: Plan) -> None:
    assert "agent_answers:7" not in clocks(f"{IN_LINE}{RINGING}offer_end 13000 offer=7 outcome={outcome}", plan)
    late = clocks(f"{IN_LINE}{RINGING}offer_end 13001 offer=7 outcome={outcome}", plan)["agent_answers:7"]
    assert (late.actual_ms, late.verdict) == (9001, "broken")


def test_line_that_stood_open_before_the_ring_is_no_answer(plan: Plan) -> None:
    standing = "leg 2500 agent=asha offer=7 leg=CAline role=agent status=in-progress\n"
    clock = clocks(IN_LINE + standing + RINGING + "answered 9000 agent=asha offer=7", plan)["agent_answers:7"]
    assert (clock.from_ms, clock.actual_ms) == (4000, 5000)


def test_offer_that_never_rang_has_no_clock(plan: Plan) -> None:
    text = IN_LINE + "offered 3000 offer=7\noffer_end 9000 offer=7 outcome=missed why=no_ring"
    assert "agent_answers:7" not in clocks(text, plan)


def test_ring_that_was_never_told_is_marked_as_estimated(plan: Plan) -> None:
    text = IN_LINE + RINGING.replace("ring_ms", "estimated=1 ring_ms") + "answered 5000 offer=7"
    assert clocks(text, plan)["agent_answers:7"].estimated is True
    assert clocks(IN_LINE + RINGING, plan)["agent_answers:7"].estimated is False


def test_ringing_that_arrives_after_the_answer_counts_from_the_offer_and_says_so(plan: Plan) -> None:
    clock = clocks(IN_LINE + RINGING + "answered 3700 offer=7", plan)["agent_answers:7"]
    assert (clock.from_ms, clock.actual_ms, clock.verdict, clock.estimated) == (3000, 700, "kept", True)


@pytest.mark.parametrize(
    ("left_ms", "expected"),
    [(19_999, {"picked_up": "kept"}), (20_001, {"picked_up": "kept", "reach_person": "broken"})],
)
def test_caller_who_left_has_a_verdict_only_past_the_limit(left_ms: int, expected: dict[str, str], plan: Plan) -> None:
    assert verdicts(f"{IN_LINE}ended {left_ms} outcome=abandoned by=caller", plan) == expected


def test_caller_who_left_in_the_menu_was_promised_no_person(plan: Plan) -> None:
    assert verdicts("received 1000 country=IN\ngreeted 1100\nended 90000 outcome=left_in_menu", plan) == {
        "picked_up": "kept"
    }


@pytest.mark.parametrize(
    ("received", "limit_ms"),
    [
        ("country=US ring_ms=6000 called=+442071234567", 18000),
        ("country=DE called=+442071234567", 15000),
        ("called=+4930123456", 15000),
        ("called=sip:desk@example.org", 9000),
    ],
)
def test_three_rings_are_the_callers_then_the_called_numbers_then_the_centers(
    received: str, limit_ms: int, plan: Plan
) -> None:
    text = f"received 1000 {received}\nenqueued 2000 queue=support"
    assert clocks(text, plan)["reach_person"].limit_ms == limit_ms


def test_wait_goes_on_when_the_agent_is_lost_before_the_caller_joined(plan: Plan) -> None:
    text = IN_LINE + RINGING + "answered 6000 agent=asha offer=7\nrequeued 7000 agent=asha offer=7 why=agent_leg_lost"

    running = clocks(text, plan)["reach_person"]
    answered = clocks(text + "\nanswered 15000 agent=ravi offer=8", plan)["reach_person"]

    assert (running.verdict, running.to_ms) == (None, 0)
    assert (answered.verdict, answered.actual_ms) == ("kept", 13_000)


def test_place_rebuilt_after_a_loss_keeps_its_first_moment(plan: Plan) -> None:
    text = "restored 50000 queue=support enqueued_ms=20000 language=hi\nanswered 60000 agent=asha offer=9"
    clock = clocks(text, plan)["reach_person"]
    assert (clock.from_ms, clock.actual_ms) == (20_000, 40_000)


@pytest.mark.parametrize(
    ("wrapped_ms", "verdict", "level"),
    [(310_000, "kept", ""), (310_001, "broken", "amber"), (610_000, "broken", "amber"), (610_001, "broken", "red")],
)
def test_handle_time_is_amber_past_the_reasons_time_and_red_past_twice(
    wrapped_ms: int, verdict: str, level: str, plan: Plan
) -> None:
    text = f"{IN_LINE}answered 10000 offer=7\nended 20000 outcome=answered\nwrapped {wrapped_ms} reason=refund"
    clock = clocks(text, plan)["handle_time"]
    assert (clock.limit_ms, clock.verdict, clock.level) == (300_000, verdict, level)


@pytest.mark.parametrize("reason", ["", "reason=never_heard_of"])
def test_handle_time_without_a_known_reason_has_no_limit_and_no_verdict(reason: str, plan: Plan) -> None:
    text = f"{IN_LINE}answered 10000 offer=7\nended 20000 outcome=answered\nwrapped 900000 {reason}"
    assert "handle_time" not in clocks(text, plan)


@pytest.mark.parametrize(
    ("actual_ms", "verdict"),
    [(0, "running"), (5999, "running"), (6000, "at_risk"), (9000, "at_risk"), (9001, "broken")],
)
def test_running_clock_is_at_risk_from_two_thirds_and_broken_past_its_limit(actual_ms: int, verdict: str) -> None:
    assert verdict_now(9000, actual_ms) == verdict


def test_running_clock_is_judged_for_the_moment_it_is_asked(plan: Plan) -> None:
    clock = clocks(IN_LINE + RINGING, plan)["agent_answers:7"]
    assert clock.verdict is None
    told = [at_moment(clock, now_ms) for now_ms in (4000, 10_500, 14_000)]
    assert [(each.actual_ms, each.rings, each.verdict) for each in told] == [
        (0, 1, "running"),
        (6500, 3, "at_risk"),
        (10_000, 4, "broken"),
    ]


def test_verdict_that_was_given_does_not_change_with_time(plan: Plan) -> None:
    clock = clocks(WHOLE_CALL, plan)["reach_person"]
    assert at_moment(clock, 10**12) == clock


def test_rule_version_changes_with_its_own_limits_only(plan: Plan) -> None:
    before = Rules.of(plan).versions
    more_rings = plan.model_copy(update={"limits": plan.limits.model_copy(update={"rings": 4})})
    after = Rules.of(more_rings).versions

    changed = {target for target in before if before[target] != after[target]}

    assert changed == {"agent_answers", "reach_person"}
