"""The flow checker: the example flow is clean, and each thing a caller could run into is found at its line."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import ivr
from ivr.check import check
from ivr.flow import Flow, load_flow
from ivr.hours import Hours
from ivr.lined_yaml import Problem
from ivr.seconds import SecondsToPerson, seconds_to_person
from ivr.voices import VOICES, Voice
from queues.plan import load_plan

HOUSE = Path(ivr.__file__).parent.parent

QUEUES = {"sales", "support", "billing", "general", "service_visits"}
LANGUAGES = {"en", "hi", "gu", "te"}

SMALL = """\
name: small
languages: [en, hi]
default_language: en
start: language
person: help
budget_s: {usual: 3, worst: 60}
nodes:
  language:
    type: language
    prompt: language
    timeout_s: 2
    retries: 1
    options: {1: en, 2: hi}
    next: top
  top:
    type: menu
    prompt: top
    timeout_s: 3
    retries: 1
    options:
      1: {next: desk, speech: {en: [desk]}}
      2: bye
  desk: {type: hours, hours: always, open: help, closed: bye}
  help: {type: enqueue, queue: help}
  bye: {type: hangup, prompt: bye}
prompts:
  language: {en: English 1., hi: हिन्दी 2।}
  top: {en: Desk 1. Goodbye 2., hi: डेस्क 1। नमस्ते 2।}
  bye: {en: Goodbye., hi: नमस्ते।}
"""
ALWAYS = {"always": Hours(zone="Asia/Kolkata", weekly={"mon-sun": ("00:00-24:00",)})}


def problems(text: str, languages: set[str] | None = None, voices: Mapping[str, Voice] = VOICES) -> list[Problem]:
    return check(load_flow(text, "small.yaml", ALWAYS), {"help"}, languages or {"en", "hi"}, voices)


def test_the_example_flow_has_no_problem(flow: Flow) -> None:
    assert check(flow, QUEUES, LANGUAGES, VOICES) == []


def test_the_small_flow_has_no_problem_to_begin_with() -> None:
    assert problems(SMALL) == []


@pytest.mark.parametrize(
    ("right", "wrong", "line", "reason"),
    [
        ("queue: help", "queue: helpers", 24, "no queue is called `helpers`"),
        ("hours: always", "hours: seldom", 23, "no hours are called `seldom`"),
        ("  bye: {type", "  lost: {type: hangup}\n  bye: {type", 25, "no caller can reach `lost`"),
        ("{1: en, 2: hi}", "{1: en}", 2, "no caller can choose `hi`"),
        ("{1: en, 2: hi}", "{1: en, 2: hi, 3: en}", 13, "key 3 is not told in `en`"),
        ("      2: bye\n", "      2: bye\n      3: help\n", 23, "key 3 is not told in `en`"),
        ("Desk 1. Goodbye 2.", "Desk 10. Goodbye 2.", 21, "key 1 is not told in `en`"),
        ("  bye: {en: Goodbye., hi", "  bye: {en: Goodbye., gu", 29, "`gu` is not one of the languages"),
        ("  bye: {en", "  old: {en: Old., hi: पुराना।}\n  bye: {en", 29, "prompt `old` is never said"),
        ("bye: {en: Goodbye.", f"bye: {{en: {'Bye. ' * 900}", 29, "longer than 4096 characters"),
        ("{en: [desk]}", "{en: ['desk, please']}", 21, "a phrase has a comma or more than 100 characters"),
        ("{en: [desk]}", f"{{en: [{'d' * 101}]}}", 21, "a phrase has a comma or more than 100 characters"),
        ("{en: [desk]}", f"{{en: [{'d,' * 501}]}}", 20, "more than 500 phrases in `en`"),
        ("{en: [desk]}", "{en: [desk], fr: [bureau]}", 21, "`fr` is not one of the languages"),
        ("      2: bye\n", "      2: {next: bye, speech: {en: [Desk!]}}\n", 22, "`Desk!` chooses 1 already"),
        (
            "bye: {en: Goodbye.",
            "bye: {en: {text: Bye., short_audio: /b.wav}",
            29,
            "the short form is recorded but not written",
        ),
        ("      2: bye\n", "      2: bye\n      0: bye\n", 23, "`0` always means a person and cannot be an option"),
        (
            "      2: bye\n",
            '      2: bye\n      "*": bye\n',
            23,
            "`*` always means one step back and cannot be an option",
        ),
        ("usual: 3", "usual: 1", 6, "a caller who presses at once needs 2 s to a line, more than 1"),
        ("worst: 60", "worst: 9", 6, "a caller who gets everything wrong needs 22 s to a line, more than 9"),
    ],
)
def test_a_problem_is_found_at_its_line(right: str, wrong: str, line: int, reason: str) -> None:
    assert right in SMALL
    assert Problem("small.yaml", line, reason) in problems(SMALL.replace(right, wrong, 1))


def test_silence_that_leads_round_in_a_circle_is_found() -> None:
    circle = SMALL.replace("    next: top\n", "    next: top\n    otherwise: top\n").replace(
        "    timeout_s: 3\n", "    timeout_s: 3\n    otherwise: language\n"
    )
    assert problems(circle) == [
        Problem("small.yaml", 8, "a caller who says nothing at `language` is asked for ever"),
        Problem("small.yaml", 16, "a caller who says nothing at `top` is asked for ever"),
    ]


def test_a_menu_that_leads_nowhere_is_a_dead_end() -> None:
    room = "  room: {type: menu, prompt: top, options: {1: room, 2: room}, otherwise: room}\n"
    dead = SMALL.replace("      2: bye\n", "      2: room\n").replace("closed: bye}\n", "closed: bye}\n" + room)
    assert problems(dead) == [
        Problem("small.yaml", 24, "`room` is a dead end: it leads to no line and no goodbye"),
        Problem("small.yaml", 24, "a caller who says nothing at `room` is asked for ever"),
    ]


def test_a_reason_that_the_center_does_not_know_is_found() -> None:
    wanted = load_flow(SMALL.replace("queue: help}", "queue: help, reason: whim}"), "small.yaml", ALWAYS)
    reason = "the center has no contact reason `whim`"
    assert check(wanted, {"help"}, {"en", "hi"}, VOICES, {"refund"}) == [Problem("small.yaml", 24, reason)]
    assert check(wanted, {"help"}, {"en", "hi"}, VOICES, {"whim"}) == []


def test_languages_must_be_those_of_the_center() -> None:
    assert problems(SMALL, languages={"en", "te"}) == [
        Problem("small.yaml", 2, "nobody in the center speaks `hi`"),
        Problem("small.yaml", 2, "the center speaks `te`, this flow does not"),
    ]


def test_a_missing_translation_is_found() -> None:
    assert problems(SMALL.replace("Goodbye., hi: नमस्ते।", "Goodbye.")) == [
        Problem("small.yaml", 29, "prompt `bye` is missing in `hi`")
    ]


def test_voices_must_be_there_and_fit() -> None:
    silent = {"en": VOICES["en"]}
    wrong = {"en": VOICES["en"], "hi": Voice("hi-IN", "Google.gu-IN-Standard-A", VOICES["hi"].fallback)}
    assert problems(SMALL, voices=silent) == [Problem("small.yaml", 2, "`hi` has no voice")]
    assert problems(SMALL, voices=wrong) == [
        Problem("small.yaml", 2, "voice Google.gu-IN-Standard-A does not speak `hi`")
    ]


def test_seconds_to_a_person_are_counted_from_the_texts() -> None:
    """By hand, in English: 2 reactions for the quick one.

    The slow one hears the language menu twice (0.6 + 0.53, 2 s to answer), the top menu twice (1.08, 3 s), one "not one
    of the choices" and, at the end, "we will connect you".
    """
    small = load_flow(SMALL, "small.yaml", ALWAYS)
    english = load_flow(
        SMALL.replace("languages: [en, hi]", "languages: [en]").replace("2: hi}", "2: en}"), "s", ALWAYS
    )
    assert seconds_to_person(small).usual == 2
    ours = (len("Sorry, that is not one of the choices.") + len("We will connect you to a person now.")) * 0.06
    by_hand = 2 * (0.6 + 2) + 2 * (len("Desk 1. Goodbye 2.") * 0.06 + 3) + ours
    assert seconds_to_person(english) == SecondsToPerson(2, round(by_hand))


def test_the_example_flow_keeps_its_callers_within_two_and_a_half_minutes_at_worst(flow: Flow) -> None:
    needed = seconds_to_person(flow)
    # Two keys, one second each: the welcome between them is cut off by the second.
    assert needed.usual == 2 <= flow.file.budget_s.usual
    assert needed.usual < needed.worst <= flow.file.budget_s.worst <= 150


def test_the_example_flow_fits_the_example_center() -> None:
    plan = load_plan((HOUSE / "center.yaml").read_text("utf-8"), "center.yaml")
    main = load_flow((HOUSE / plan.flow).read_text("utf-8"), plan.flow, plan.hours)
    assert check(main, set(plan.queues), set(plan.languages), VOICES, set(plan.reasons)) == []
