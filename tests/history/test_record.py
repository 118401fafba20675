"""The record of a call as people read it: marks, legs, offers with reasons, targets; and what never gets in."""

import pytest
from sqlalchemy.exc import SQLAlchemyError

from adapters.history import History, User
from queues.plan import Plan
from tests.history.told import CALL, WHOLE_CALL, entries

WAITING = """
received 1000 caller=+919898000111 country=IN ring_ms=3000
greeted  1040
enqueued 2000 queue=support language=gu
"""


def test_a_call_no_one_made_is_nothing(history: History) -> None:
    assert history.call("CAnever", 0) is None
    assert (history.position(), history.calls(), history.gaps()) == ("0", [], [])


def test_ended_call_says_who_why_and_how_long(history: History, plan: Plan) -> None:
    history.record(entries(WHOLE_CALL), plan)

    call = history.call(CALL, 300_000) or {}

    parts = {name: call.pop(name) for name in ("marks", "legs", "offers", "targets", "gaps")} | {
        name: call.pop(name) for name in ("recordings", "consent")
    }
    assert call == {
        "call": CALL,
        "status": "ended",
        "outcome": "answered",
        "ended_by": "caller",
        "queue": "support",
        "language": "hi",
        "needs": "lang:hi=1&support=1",
        "agent": "asha",
        "caller": "+14155550123",
        "called": "+912212345678",
        "caller_name": "Maria",
        "country": "US",
        "disposition": "resolved",
        "reason": "refund",
        "note": "thanked",
        "solved": "yes",
        "began_ms": 1000,
        "received_ms": 1000,
        "greeted_ms": 1040,
        "enqueued_ms": 9000,
        "answered_ms": 28600,
        "joined_ms": 29000,
        "ended_ms": 200_000,
        "wrapped_ms": 220_000,
        "callback": None,
        "promised_ms": None,
        "promised_to_ms": None,
        "flow": None,
        "case_id": None,
        "left_line_ms": None,
        "case_opened_ms": None,
        "case_resolved_ms": None,
        "surveyed_ms": None,
        "satisfied": None,
        "solved_said": None,
        "comment": None,
    }
    assert [mark["name"] for mark in parts["marks"]] == [
        *("received", "greeted", "menu_choice", "language", "enqueued", "offered", "ringing", "offer_end"),
        *("offered", "ringing", "picked_up", "offer_end", "answered", "joined", "ended", "wrapped"),
    ]
    assert parts["marks"][6] == {
        "name": "ringing", "at_ms": 9500, "agent": "ravi", "offer": 11, "limit_ms": 9000, "ring_ms": 3000,
    }  # fmt: skip
    assert parts["gaps"] == []


def test_offers_are_told_with_their_reasons(history: History, plan: Plan) -> None:
    history.record(entries(WHOLE_CALL), plan)

    missed, accepted = (history.call(CALL, 300_000) or {})["offers"]

    assert missed == {
        "offer": 11,
        "agent": "ravi",
        "outcome": "missed",
        "why": "no_answer",
        "offered_at_ms": 9010,
        "ringing_at_ms": 9500,
        "answered_at_ms": None,
        "ended_at_ms": 18500,
        "reason": {"rule": "longest_idle", "idle": 2, "waiting": 1, "needs": "lang:hi=1&support=1"},
        "weighed": [],
    }
    assert (accepted["agent"], accepted["outcome"], accepted["answered_at_ms"]) == ("asha", "accepted", 28600)


def test_legs_are_told_and_any_of_them_finds_the_call(history: History, plan: Plan) -> None:
    history.record(entries(WHOLE_CALL), plan)

    by_agents_leg = history.call("CAravi", 300_000) or {}

    assert by_agents_leg["call"] == CALL
    assert [
        (leg["leg"], leg["role"], leg["agent"], leg["status"], leg["ended_ms"]) for leg in by_agents_leg["legs"]
    ] == [
        (CALL, "caller", None, "in-progress", None),
        ("CAravi", "agent", "ravi", "canceled", 18600),
    ]


def test_leg_never_goes_back_when_an_old_status_arrives_late(history: History, plan: Plan) -> None:
    told = """
    leg 10 leg={call} role=caller status=in-progress
    leg 50 leg={call} status=completed
    leg 60 leg={call} status=ringing
    """
    history.record(entries(told), plan)
    (leg,) = (history.call(CALL, 100) or {})["legs"]
    assert (leg["status"], leg["at_ms"], leg["answered_ms"], leg["ended_ms"]) == ("completed", 50, 10, 50)


def test_targets_are_told_with_limit_actual_rings_and_verdict(history: History, plan: Plan) -> None:
    history.record(entries(WHOLE_CALL), plan)

    targets = (history.call(CALL, 300_000) or {})["targets"]

    assert [(row["target"], row["offer"], row["rings"], row["actual_ms"], row["verdict"]) for row in targets] == [
        ("picked_up", None, 1, 40, "kept"),
        ("time_to_person", None, None, 27600, "kept"),
        ("reach_person", None, 4, 19600, "broken"),
        ("agent_answers", 11, 4, 9000, "broken"),
        ("agent_answers", 12, 3, 8100, "kept"),
        ("handle_time", None, None, 191_400, "kept"),
    ]
    assert targets[4] | {"rule_version": ""} == {
        "target": "agent_answers",
        "offer": 12,
        "limit_ms": 9000,
        "actual_ms": 8100,
        "rings": 3,
        "ring_ms": 3000,
        "verdict": "kept",
        "level": None,
        "estimated": False,
        "rule_version": "",
        "from_ms": 19000,
        "to_ms": 27100,
    }


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (2, "menu"),
        (3, "menu"),
        (6, "waiting"),
        (7, "offered"),
        (12, "waiting"),
        (17, "talking"),
        (19, "wrap_up"),
        (20, "ended"),
    ],
)
def test_status_follows_the_call(lines: int, status: str, history: History, plan: Plan) -> None:
    history.record(entries(WHOLE_CALL)[:lines], plan)
    assert (history.call(CALL, 300_000) or {})["status"] == status


@pytest.mark.parametrize(
    ("now_ms", "actual_ms", "rings", "verdict"),
    [(3000, 1000, 1, "running"), (8000, 6000, 3, "at_risk"), (12_000, 10_000, 4, "broken")],
)
def test_running_clock_is_judged_for_the_moment_of_reading(
    now_ms: int, actual_ms: int, rings: int, verdict: str, history: History, plan: Plan
) -> None:
    history.record(entries(WAITING), plan)

    targets = {row["target"]: row for row in (history.call(CALL, now_ms) or {})["targets"]}

    reach = targets["reach_person"]
    assert (reach["actual_ms"], reach["rings"], reach["verdict"], reach["to_ms"]) == (actual_ms, rings, verdict, None)


def test_verdict_stands_when_the_limits_change(history: History, plan: Plan) -> None:
    told = entries(WHOLE_CALL)
    history.record(told[:-1], plan)
    before = (history.call(CALL, 300_000) or {})["targets"]

    history.record(told[-1:], _with_rings(plan, 9))

    after = (history.call(CALL, 300_000) or {})["targets"]
    assert after[:-1] == before
    assert after[-1]["target"] == "handle_time"


def test_clock_that_still_runs_follows_the_new_limits(history: History, plan: Plan) -> None:
    told = entries(WAITING + "offered 3000 agent=asha offer=1")
    history.record(told[:-1], plan)
    history.record(told[-1:], _with_rings(plan, 9))
    targets = {row["target"]: row for row in (history.call(CALL, 3000) or {})["targets"]}
    assert targets["reach_person"]["limit_ms"] == 27_000


def _with_rings(plan: Plan, rings: int) -> Plan:
    return plan.model_copy(update={"limits": plan.limits.model_copy(update={"rings": rings})})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"at_ms": "1000", "call": "CA9"}, "has no name"),
        ({"name": "greeted", "call": "CA9"}, "at_ms is out of range"),
        ({"name": "greeted", "at_ms": "soon", "call": "CA9"}, "at_ms is not a whole number"),
        ({"name": "greeted", "at_ms": str(2**70), "call": "CA9"}, "at_ms is out of range"),
        ({"name": "greeted", "at_ms": "1000"}, "greeted without call"),
        ({"name": "agent_status", "at_ms": "1000"}, "agent_status without agent"),
        ({"name": "ended", "at_ms": "1000", "call": "CA9"}, "ended without outcome"),
        (
            {"name": "ringing", "at_ms": "1000", "call": "CA9", "offer": "1", "limit_ms": "9 s"},
            "limit_ms is not a whole number",
        ),
        ({"name": "greeted", "at_ms": "1000", "call": "CA9" * 1000}, "call is too long"),
        ({"name": "wrapped", "at_ms": "1000", "call": "CA9", "note": "a\x00b"}, "contains a null character"),
        ({"name": "wrapped", "at_ms": "1000", "call": "CA9", "note": "\ud83d"}, "contains half a character"),
    ],
)
def test_unreadable_entry_is_set_aside_and_stops_nothing(
    broken: dict[str, str], reason: str, history: History, plan: Plan
) -> None:
    told = entries(WAITING)

    history.record([told[0], ("2-1", broken), *told[1:]], plan)
    history.record([("2-1", broken)], plan)

    assert history.set_aside() == [{"id": "2-1", "reason": reason}]
    assert (history.call(CALL, 3000) or {})["status"] == "waiting"
    assert (history.call("CA9", 3000), history.position()) == (None, "3-0")


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_entry_that_the_database_refuses_is_set_aside_alone(history: History, plan: Plan) -> None:
    told = entries(WAITING + "offered 3000 agent=asha offer=1 idle=99999999999\nended 4000 outcome=abandoned")

    history.record(told, plan)

    assert [(row["id"], "DataError" in row["reason"]) for row in history.set_aside()] == [("4-0", True)]
    assert ((history.call(CALL, 9000) or {})["outcome"], history.position()) == ("abandoned", "5-0")


def test_nothing_is_set_aside_and_the_recorder_is_told_when_the_database_is_not_ready(
    empty_database_url: str, plan: Plan
) -> None:
    history = History(empty_database_url)

    with pytest.raises(SQLAlchemyError):
        history.record(entries(WAITING), plan)

    history.upgrade()
    assert (history.position(), history.set_aside()) == ("0", [])
    history.close()


def test_new_life_of_redis_after_an_old_one_is_a_gap_that_its_calls_show(history: History, plan: Plan) -> None:
    history.record(entries(WAITING), plan, "first")
    again = entries("restored 60000 queue=support enqueued_ms=2000\nended 70000 outcome=abandoned")

    history.record(again, plan, "second")
    history.record(again, plan, "second")

    gap = {"from_ms": 2000, "to_ms": 60_000}
    call = history.call(CALL, 80_000) or {}
    assert (history.gaps(), call["gaps"], call["outcome"]) == ([gap], [gap], "abandoned")
    assert (history.position("second"), history.position("third")) == ("2-0", "0")


def test_gap_begins_with_the_last_event_however_many_lives_of_redis_said_nothing_since(
    history: History, plan: Plan
) -> None:
    history.record(entries(WAITING), plan, "first")
    history.record([("1-0", {"name": "greeted", "at_ms": "30000"})], plan, "second")
    history.record(entries("restored 60000 queue=support enqueued_ms=2000"), plan, "third")
    assert history.gaps() == [{"from_ms": 2000, "to_ms": 60_000}]


def test_line_of_an_agent_is_an_event_without_a_call(history: History, plan: Plan) -> None:
    history.record([("1-0", {"name": "agent_line", "at_ms": "1000", "agent": "meera", "line": "up"})], plan)
    assert (history.set_aside(), history.position()) == ([], "1-0")


def test_first_life_of_redis_is_no_gap(history: History, plan: Plan) -> None:
    history.record(entries(WAITING), plan, "first")
    assert history.gaps() == []


def test_calls_are_listed_newest_first_and_narrowed(history: History, plan: Plan) -> None:
    for at, text in enumerate((WAITING, WHOLE_CALL, "received 5000\nended 6000 outcome=left_in_menu")):
        history.record(entries(text.replace(" 1000", f" {1000 + at}"), f"CA{at}", first_id=100 * at + 1), plan)

    def listed(**narrowed: str) -> list[str]:
        return [call["call"] for call in history.calls(**narrowed)]  # type: ignore[arg-type]

    assert listed() == ["CA2", "CA1", "CA0"]
    assert [call["call"] for call in history.calls(limit=1, before_ms=5000)] == ["CA1"]
    assert listed(status="waiting") == ["CA0"]
    assert listed(queue="support") == ["CA1", "CA0"]
    assert listed(agent="asha", outcome="answered") == ["CA1"]
    assert listed(agent="ravi") == []


def test_language_is_remembered_by_number_and_never_for_the_nameless(history: History, plan: Plan) -> None:
    told = """
    language 9000 caller=+14155550123 language=te
    language 8000 caller=+14155550123 language=hi
    language 9000 caller=anonymous language=gu
    """
    history.record(entries(told), plan)
    assert [history.remembered_language(number) for number in ("+14155550123", "anonymous", "+1")] == ["te", "", ""]


def test_language_is_unknown_and_no_error_while_sql_is_down() -> None:
    assert History("postgresql://nobody@127.0.0.1:1/none").remembered_language("+14155550123") == ""


def test_last_chosen_status_of_each_agent_is_kept(history: History, plan: Plan) -> None:
    told = """
    agent_status 1000 agent=asha status=available
    agent_status 3000 agent=asha status=break reason=lunch
    agent_status 2000 agent=asha status=available
    agent_status 1000 agent=ravi status=offline
    """
    history.record(entries(told), plan)
    assert history.agent_statuses() == {"asha": ("break", "lunch"), "ravi": ("offline", "")}


def test_users_are_found_by_name_and_replaced(history: History) -> None:
    history.add_user("leela", "supervisor", "hash one")
    history.add_user("asha", "agent", "hash", "asha")
    history.add_user("leela", "supervisor", "hash two")

    assert history.user("leela") == User("leela", "supervisor", "", "hash two")
    assert history.user("nobody") is None
    assert [user.name for user in history.users()] == ["asha", "leela"]
