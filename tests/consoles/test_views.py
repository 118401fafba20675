"""What the pages are drawn from: pure views of records at one moment."""

from dataclasses import replace

import pytest

from consoles import call_strip, call_view, desk_view, floor_view, phrases, ring_sound, skills
from queues.plan import Plan
from queues.records import Agent, Call, Offer

NOW_MS = 1_793_000_060_000
NEEDS = "lang:en=1&sales=1"


def waiting(sid: str, waited_s: float, **values: object) -> Call:
    at_ms = NOW_MS - round(waited_s * 1000)
    call = Call(
        call=sid,
        status="waiting",
        caller="+14155550123",
        country="US",
        language="en",
        queue="sales",
        needs=NEEDS,
        received_ms=at_ms - 5000,
        enqueued_ms=at_ms,
        position_ms=at_ms,
    )
    return replace(call, **values)  # type: ignore[arg-type]


def agents(plan: Plan, **changed: Agent) -> list[Agent]:
    """Everyone offline but those given."""
    return [changed.get(name, Agent(agent=name)) for name in plan.agents]


def test_floor_of_nobody_is_empty_and_calm(plan: Plan) -> None:
    floor = floor_view.floor(plan, agents(plan), [], [], NOW_MS)
    assert (floor["first"], floor["callers"]) == ([], [])
    counted = ("menu", "waiting", "callbacks", "talking", "wrap_up", "ready", "signed_in")
    assert floor["counts"] == dict.fromkeys(counted, 0)
    assert [row["waiting"] for row in floor["queues"]] == [0] * len(plan.queues)


def test_what_breaks_first_comes_first_whatever_kind_it_is(plan: Plan) -> None:
    calls = [
        waiting("CA-new", 2),
        waiting("CA-old", 16),
        waiting("CA-rung", 3, status="offered", agent="asha", offer=7),
    ]
    ringing = Offer(offer=7, call="CA-rung", agent="asha", ringing_ms=NOW_MS - 8000, limit_ms=9000, status="ringing")
    rung = Agent(agent="asha", status="available", activity="offered", call="CA-rung", offer=7)
    floor = floor_view.floor(plan, agents(plan, asha=rung), calls, [ringing], NOW_MS)
    # Asha's phone breaks in 1 s, the caller of 16 s in 2 s, the one of 3 s in 15 s, the one of 2 s in 16 s.
    assert [(row["kind"], row["call"]) for row in floor["first"]] == [
        ("ringing", "CA-rung"),
        ("waiting", "CA-old"),
        ("waiting", "CA-rung"),
        ("waiting", "CA-new"),
    ]
    dues = [row["clocks"][0]["from_ms"] + row["clocks"][0]["limit_ms"] - NOW_MS for row in floor["first"]]
    assert dues == [1000, 2000, 15_000, 16_000]


def test_what_is_broken_does_not_hide_what_can_be_kept(plan: Plan) -> None:
    calls = [waiting(f"CA-{number}", 500 + number) for number in range(300)] + [waiting("CA-new", 2)]
    floor = floor_view.floor(plan, agents(plan), calls, [], NOW_MS)
    assert [row["call"] for row in floor["first"]][:2] == ["CA-new", "CA-0"]
    assert (len(floor["first"]), len(floor["callers"]), floor["counts"]["waiting"]) == (24, 200, 301)


def test_wrap_up_is_shown_only_in_its_last_third(plan: Plan) -> None:
    call = waiting("CA1", 100, status="wrap_up", agent="asha", wrap_up_ms=60_000)
    asha = Agent(agent="asha", status="available", activity="wrap_up", call="CA1", since_ms=NOW_MS - 10_000)
    (row,) = floor_view.floor(plan, agents(plan, asha=asha), [call], [], NOW_MS)["first"]
    assert (row["kind"], row["show_from_ms"] - asha.since_ms) == ("wrap_up", 40_000)
    assert row["helps"] == "Nobody is waiting for them"


def test_wall_never_shows_a_full_number(plan: Plan) -> None:
    floor = floor_view.floor(plan, agents(plan), [waiting("CA1", 3, caller="+919898000222")], [], NOW_MS)
    assert floor["callers"][0]["number"] == "+91 ••••• 22"
    assert "919898000222" not in repr(floor)


@pytest.mark.parametrize(
    ("asha", "kiran", "words"),
    [
        ({}, {}, "Nobody who can take it is signed in"),
        ({"status": "available"}, {}, "Asha Patel is free and is rung next"),
        ({"status": "break", "reason": "lunch"}, {}, "Asha Patel could take it: on break (lunch)"),
        ({"status": "available", "activity": "talking"}, {}, "Asha Patel could take it after this talk"),
        (
            {"status": "available", "activity": "talking"},
            {"status": "break"},
            "Kiran Shah could take it: on break",
        ),
        (
            {"status": "available", "activity": "talking"},
            {"status": "available", "activity": "offered"},
            "All 2 who can take it are talking",
        ),
        (
            {"status": "available", "activity": "talking"},
            {"status": "available", "activity": "wrap_up"},
            "Kiran Shah could take it after wrap-up",
        ),
    ],
)
def test_floor_says_what_would_help(plan: Plan, asha: dict[str, str], kiran: dict[str, str], words: str) -> None:
    here = agents(plan, asha=Agent(agent="asha", **asha), kiran=Agent(agent="kiran", **kiran))  # type: ignore[arg-type]
    assert skills.what_helps(plan, here, "sales", NEEDS) == words


def test_agent_without_the_skill_does_not_help(plan: Plan) -> None:
    here = agents(plan, ravi=Agent(agent="ravi", status="available"))
    assert skills.what_helps(plan, here, "sales", NEEDS) == "Nobody who can take it is signed in"
    assert skills.counted(plan, here, "support")["ready"] == 1
    assert skills.counted(plan, here, "sales")["ready"] == 0


@pytest.mark.parametrize(
    ("callback", "shown"),
    [("", None), ("CB1", {"target": "callback_kept", "from_ms": 1000, "limit_ms": 8000, "ring_ms": 0, "to_ms": None})],
)
def test_desk_shows_what_a_caller_was_promised_who_is_to_be_called_back(
    plan: Plan, callback: str, shown: dict[str, object] | None
) -> None:
    call = Call(call="CA1", queue="sales", callback=callback, promised_ms=1000, until_ms=9000)
    frame = desk_view.desk(plan, Agent(agent="asha", activity="offered"), call, None, NOW_MS)
    assert frame["call"]["callback_kept"] == shown


def test_idle_desk_shows_no_call_and_no_offer(plan: Plan) -> None:
    frame = desk_view.desk(plan, Agent(agent="asha", status="available"), None, None, NOW_MS)
    assert (frame["call"], frame["offer"], frame["wrap_up"]) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+919898000111", "+91 ••••• 11"),
        ("+14155550123", "+1 ••••• 23"),
        ("14155550123", "••••• 23"),
        ("911", "911"),
        ("anonymous", "Hidden number"),
        ("", "Hidden number"),
        ("sip:ann@example.org", "Sip address"),
        ("client:asha", "Client address"),
    ],
)
def test_numbers_are_masked_however_odd(number: str, shown: str) -> None:
    assert phrases.masked(number) == shown


@pytest.mark.parametrize(
    ("ms", "said"),
    [
        (0, "0 ms"),
        (99, "99 ms"),
        (8_140, "8.1 s"),
        (60_000, "1 min"),
        (72_000, "1 min 12 s"),
        (7_500_000, "2 h 05 min"),
    ],
)
def test_spans_are_said_as_people_say_them(ms: int, said: str) -> None:
    assert phrases.span(ms) == said


def test_verdict_names_rings_time_and_by_how_much() -> None:
    kept: dict[str, object] = {"actual_ms": 8100, "limit_ms": 9000, "rings": 3, "verdict": "kept"}
    broken: dict[str, object] = {"actual_ms": 70_000, "limit_ms": 60_000, "rings": None, "verdict": "broken"}
    assert phrases.verdict(kept) == "3 rings, 8.1 s, kept"
    assert phrases.verdict(broken) == "1 min 10 s, over by 10.0 s, broken"


def test_desk_rings_as_the_country_does() -> None:
    assert ring_sound.sound("US") == {"cadence_ms": [2000, 4000], "tones_hz": [440, 480]}
    assert ring_sound.sound("DE") == {"cadence_ms": [1000, 4000], "tones_hz": [425]}
    assert sum(ring_sound.sound("XX")["cadence_ms"]) == 6000


def test_strip_is_to_scale(plan: Plan) -> None:
    call = call_view.from_live(
        plan, waiting("CA1", 10, answered_ms=NOW_MS, status="talking", agent="asha"), None, NOW_MS
    )
    until, whole = call_strip.strips(plan, call, NOW_MS + 85_000)
    # 5 s of menu and 10 s of wait on a strip of 23 s, because three rings end 18 s after the line was joined.
    assert [(piece.kind, round(piece.x), round(piece.width)) for piece in until.pieces] == [
        ("menu", 0, 217),
        ("wait", 217, 435),
        ("talk", 652, 348),
    ]
    assert [(limit.label, limit.verdict, limit.x) for limit in until.limits] == [("three rings", "kept", 1000.0)]
    assert [(piece.kind, piece.width) for piece in whole.pieces] == [("menu", 50.0), ("wait", 100.0), ("talk", 850.0)]


def test_missed_and_accepted_rings_stand_in_the_second_lane(plan: Plan) -> None:
    call = call_view.from_live(plan, waiting("CA1", 20), None, NOW_MS)
    missed = {"offer": 1, "agent": "asha", "outcome": "missed", "offered_at_ms": NOW_MS - 20_000}
    missed |= {"ringing_at_ms": NOW_MS - 19_000, "ended_at_ms": NOW_MS - 10_000}
    live = missed | {"offer": 2, "agent": "kiran", "outcome": None, "ringing_at_ms": NOW_MS - 5000, "ended_at_ms": None}
    (strip,) = call_strip.strips(plan, call | {"offers": [missed, live]}, NOW_MS)
    second = [(piece.kind, piece.label) for piece in strip.pieces if piece.lane == 1]
    assert second == [("missed", "Asha Patel"), ("ring", "Kiran Shah")]


def test_call_that_was_left_is_told_as_it_was(plan: Plan) -> None:
    left = waiting("CA1", 12, status="ended", outcome="abandoned", ended_ms=NOW_MS)
    call = call_view.from_live(plan, left, None, NOW_MS)
    assert call["targets"] == []
    assert call_view.told(plan, call) == "+1 ••••• 23 asked for Sales in English. They left after waiting 12.0 s."
