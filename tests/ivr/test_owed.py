"""The branch on what a caller is owed, and until when, as it is said in each language."""

from collections.abc import Callable

import pytest

from ivr.check import check
from ivr.flow import Flow, FlowError, load_flow
from ivr.lined_yaml import Problem
from ivr.rehearsal import VERBS, play
from ivr.spoken import Here, speak
from ivr.step import Enqueue, Reply
from ivr.stories import load_stories
from ivr.voices import VOICES
from tests.ivr.conftest import Dial
from tests.ivr.test_spoken import KOLKATA

NOW_MS, HOUR_MS = 1_795_408_200_000, 3_600_000  # Monday, 23 November 2026, 10:00 in Kolkata
OWING = """
name: owing
languages: [en, hi]
default_language: en
zone: Asia/Kolkata
start: language
person: desk
budget_s: {usual: 20, worst: 90}
nodes:
  language: {type: language, prompt: language, options: {1: en, 2: hi}, next: call}
  call: {type: caller, is: due_callback, yes: keep, no: case}
  keep: {type: menu, prompt: keep, options: {1: kept, 2: now}}
  kept: {type: hangup, prompt: kept}
  now: {type: enqueue, queue: help, promised: true}
  case: {type: caller, is: open_case, yes: told, no: desk}
  told: {type: say, prompt: told, next: desk}
  desk: {type: enqueue, queue: help}
prompts:
  language: {en: English 1., hi: हिन्दी 2।}
  keep: {en: "We call you {call}. 1 keeps it, 2 is now.", hi: "हम आपको {call} कॉल करेंगे। 1 या 2।"}
  kept: {en: "{call} it is.", hi: "{call}।"}
  told: {en: "You have our answer {case}.", hi: "जवाब {case}।"}
"""
STORIES = """
zone: Asia/Kolkata
stories:
- story: A promise is kept
  caller: {language: en, callback: 2026-11-23 15:00, case: 2026-11-24 09:00}
  steps:
    - hears: ["We call you by 3 PM. 1 keeps it, 2 is now."]
    - press 1
    - hears: ["by 3 PM it is."]
    - ends served_in_menu
- story: A promise is taken up
  caller: {language: hi, callback: 2026-11-24 15:00}
  steps: [hears: ["हम आपको कल दोपहर 3 बजे तक कॉल करेंगे। 1 या 2।"], press 2, waits in the promised place]
- story: A message is answered late
  caller: {language: en, case: 2026-11-23 09:00}
  steps: [hears: [You have our answer as soon as we can.], "waits in help:en"]
- story: Nothing is owed
  caller: {language: en}
  steps: [hears: [], "waits in help:en"]
"""


@pytest.fixture(scope="module")
def owing() -> Flow:
    return load_flow(OWING, "owing.yaml")


def test_stories_tell_what_is_owed(owing: Flow) -> None:
    assert play(owing, load_stories(STORIES, "ours.yaml", VERBS)) == []
    wrong = STORIES.replace("by 3 PM it is", "by 4 PM it is")
    assert [problem.line for problem in play(owing, load_stories(wrong, "ours.yaml", VERBS))] == [9]


@pytest.mark.parametrize(
    ("owed", "end"),
    [
        ({"callback_ms": 1}, "listen keep"),
        ({"case_ms": 1}, "help in en"),
        ({"callback_ms": 1, "case_ms": 1}, "listen keep"),
        ({}, "help in en"),
    ],
)
def test_a_walk_branches_on_what_is_owed(
    owing: Flow, dial: Dial, end_of: Callable[[Reply], str], owed: dict[str, int], end: str
) -> None:
    assert end_of(dial("en", into=owing, **owed).reply) == end


def test_a_promised_place_is_asked_for_in_the_reply(owing: Flow, dial: Dial) -> None:
    then = dial("en", into=owing, callback_ms=1).press("2").reply.then
    assert then == Enqueue("help", "en", {"lang:en": 1}, promised=True)


@pytest.mark.parametrize(
    ("hours", "language", "zone", "said"),
    [
        (5, "en", None, "by 3 PM"),
        (5, "gu", "Asia/Kolkata", "બપોરે 3 વાગ્યા સુધીમાં"),
        (29, "te", None, "రేపు మధ్యాహ్నం 3 గంటల లోపు"),
        (0, "hi", "", "जल्द से जल्द"),
        (-5, "te", None, "వీలైనంత త్వరగా"),
        (6, "en", "America/New_York", "by tomorrow at 5:30 AM"),
        (5, "en", "", "by 3 PM, India Time"),
    ],
)
def test_until_when_is_said_on_the_callers_clock(hours: int, language: str, zone: str | None, said: str) -> None:
    here = Here(NOW_MS, KOLKATA, "INR", zone)
    assert speak("due", str(NOW_MS + hours * HOUR_MS), language, here) == said


@pytest.mark.parametrize(
    ("right", "wrong", "line", "reason"),
    [
        ("no: case}", "no: kept}", 13, "`{call}` in prompt `kept` may not be known here"),
        ("yes: told, no: desk", "yes: desk, no: told", 16, "`{case}` in prompt `told` may not be known here"),
    ],
)
def test_what_may_not_be_owed_is_not_told(right: str, wrong: str, line: int, reason: str) -> None:
    assert check(load_flow(OWING, "owing.yaml"), {"help"}, {"en", "hi"}, VOICES) == []
    found = check(load_flow(OWING.replace(right, wrong), "owing.yaml"), {"help"}, {"en", "hi"}, VOICES)
    assert Problem("owing.yaml", line, reason) in found


def test_a_flow_that_tells_until_when_says_by_which_clock() -> None:
    with pytest.raises(FlowError) as refused:
        load_flow(OWING.replace("zone: Asia/Kolkata\n", ""), "owing.yaml")
    assert "a time needs the flow's `zone`" in {problem.reason for problem in refused.value.problems}
