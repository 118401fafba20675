"""`bin/call`: the scripts it gives to people, and how it tells and judges a call."""

import pytest

from launch import Refused
from launch.call import _fault
from launch.people import ScriptedAgent, agent_script, caller_script, lines_of, read_agent
from launch.story import Story, target_lines

RECORD = {
    "queue": "support",
    "outcome": "answered",
    "marks": [
        {"name": "received", "at_ms": 1_000_000, "ring_ms": 6000},
        {"name": "enqueued", "at_ms": 1_004_000},
        {"name": "ringing", "at_ms": 1_004_500, "ring_ms": 3000, "offer": 7},
    ],
    "offers": [
        {
            "offer": 7,
            "agent": "asha",
            "outcome": "accepted",
            "reason": {"rule": "longest_idle", "needs": "lang:en=1&support=1"},
            "offered_at_ms": 1_004_100,
            "ringing_at_ms": 1_004_500,
            "ended_at_ms": 1_010_500,
        }
    ],
}
LEG = {
    "ended_as_scripted": True,
    "heard": [
        {"at_ms": 1_000_200, "kind": "say", "text": "Welcome."},
        {"at_ms": 1_002_000, "kind": "key", "text": "2"},
        {"at_ms": 1_004_000, "kind": "silence"},
    ],
}
ASHA = ScriptedAgent("asha", "+919812345001", "answer@2rings, press 1 on gather, hang up after 5s of talk")


@pytest.mark.parametrize(
    ("keys", "hang_up", "script"),
    [
        ("1,2", "", "press 1 on gather, press 2 on gather, wait"),
        ("", "", "wait"),
        ("0", "40s", "press 0 on gather, hang up at 40s"),
    ],
)
def test_a_caller_presses_the_keys_and_then_waits_or_hangs_up(keys: str, hang_up: str, script: str) -> None:
    assert caller_script(keys, hang_up) == script


@pytest.mark.parametrize(
    ("behaviour", "line", "talk", "script"),
    [
        ("answer@2rings", "+919812345001", "5s", "answer@2rings, press 1 on gather, hang up after 5s of talk"),
        ("answer@2rings", "client:meera", "5s", "answer@2rings, hang up after 5s of talk"),
        ("answer@2rings", "+919812345001", "", "answer@2rings, press 1 on gather"),
        ("never", "+919812345001", "5s", "never"),
        ("answer@1rings, press 2 after 1s", "+919812345001", "5s", "answer@1rings, press 2 after 1s"),
    ],
)
def test_an_agent_on_a_plain_phone_presses_1_and_all_hang_up_after_the_talk(
    behaviour: str, line: str, talk: str, script: str
) -> None:
    assert agent_script(behaviour, line, talk) == script


def test_an_agent_without_a_behaviour_answers_at_the_second_ring() -> None:
    assert read_agent("asha") == ("asha", "answer@2rings")


def test_an_unknown_agent_is_refused_with_those_there_are() -> None:
    with pytest.raises(Refused, match="no agent ashok in this center; there are asha, ravi"):
        lines_of([{"id": "ravi", "line": "+91"}, {"id": "asha", "line": "+91"}], ["ashok"])


def test_the_story_is_told_in_order_and_each_line_once() -> None:
    story = Story(1_000_000, "+14155550123")
    assert story.new_lines(LEG, {}) == ['    0.2 s  +14155550123 hears "Welcome."', "    2.0 s  +14155550123 presses 2"]
    assert story.new_lines(LEG, RECORD) == [
        "    0.0 s  the call arrives",
        "    4.0 s  waits in line for support",
        "    4.5 s  asha's phone rings (longest idle, for lang:en 1, support 1)",
        "   10.5 s  asha accepts",
    ]
    assert story.new_lines(LEG, RECORD) == []


def test_targets_say_what_was_promised_and_what_became_of_it() -> None:
    estimated = {"verdict": "kept", "estimated": True}
    targets = [
        {"target": "agent_answers", "offer": 7, "limit_ms": 9000, "actual_ms": 8100, "rings": 2, "verdict": "kept"},
        {"target": "reach_person", "offer": None, "limit_ms": 18000, "actual_ms": 6500, "rings": 2, "verdict": "kept"},
        {"target": "handle_time", "offer": None, "limit_ms": 240000, "actual_ms": 61000, "rings": None} | estimated,
    ]
    assert target_lines(RECORD | {"targets": targets}) == [
        "  asha answered within three rings: 2 rings, 8.1 s, kept",
        "  reached a person within three rings: 2 rings, 6.5 s, kept",
        "  handled within 240 s: 61.0 s, estimated, kept",
    ]


def test_a_call_that_went_as_scripted_has_no_fault() -> None:
    assert _fault(LEG, RECORD, [ASHA]) == ""


@pytest.mark.parametrize(
    ("leg", "record", "fault"),
    [
        ({"ended_as_scripted": False, "reason": "never reached: press 3"}, {}, "never reached: press 3"),
        ({}, {"outcome": "abandoned"}, "an agent was to answer, but the call ended as abandoned"),
        (
            {},
            {"offers": [{"agent": "ravi", "outcome": "accepted"}]},
            "ravi took the call, who was not in the script",
        ),
    ],
)
def test_what_went_otherwise_is_named(leg: dict[str, object], record: dict[str, object], fault: str) -> None:
    assert _fault(LEG | leg, RECORD | record, [ASHA]) == fault
