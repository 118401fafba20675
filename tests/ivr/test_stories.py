"""The stories that ship with the example flow, and what a story says when it does not come out as written."""

from pathlib import Path

import pytest

from ivr.flow import Flow, load_flow
from ivr.lined_yaml import Problem, WrongFile
from ivr.rehearsal import EXPECTATIONS, VERBS, play
from ivr.stories import Story, load_stories
from queues.plan import load_plan
from tests.ivr.conftest import MAIN
from tests.ivr.test_collect import COLLECT
from tests.ivr.test_exits import EXITS
from tests.ivr.test_look_up import LOOK_UP

OURS = MAIN.with_name("main.stories.yaml")
CENTER = Path(MAIN).parents[2] / "center.yaml"
STORIES = load_stories(OURS.read_text("utf-8"), OURS.name, VERBS)


@pytest.fixture(scope="module")
def example() -> Flow:
    """The example flow with the hours of the example center."""
    plan = load_plan(CENTER.read_text("utf-8"), "center.yaml")
    return load_flow(MAIN.read_text("utf-8"), "main.yaml", plan.hours)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.title)
def test_a_story_of_the_example_flow_comes_out_as_written(example: Flow, story: Story) -> None:
    assert play(example, [story]) == []


def test_the_stories_speak_every_language_and_come_to_every_line(example: Flow) -> None:
    ends = ("waits in", "called back by")
    places = {str(step.value) for story in STORIES for step in story.steps if step.verb in ends}
    assert len(STORIES) >= 25
    assert {place.partition(":")[2] for place in places} == {"en", "hi", "gu", "te"}
    assert {place.partition(":")[0] for place in places} == example.queues()


def _played(flow: str, steps: str, caller: str = "{language: en}") -> list[Problem]:
    text = f"zone: Asia/Kolkata\nstories:\n- story: Ours\n  caller: {caller}\n  steps:\n{steps}"
    return play(load_flow(flow, "flow.yaml"), load_stories(text, "ours.yaml", VERBS))


RIGHT = [
    (EXITS, "  - press 1\n  - called back by desk:en\n  - hears: One moment.\n"),
    (EXITS, "  - press 2\n  - leaves word for desk:en\n"),
    (EXITS, "  - press 3\n  - surveyed in en\n"),
    (EXITS, "  - press 4\n  - forwarded to +919812345009\n  - nobody answers\n  - leaves word for desk:en\n"),
    (EXITS, "  - press 5\n  - is sent: See example.org\n  - ends served_in_menu\n"),
    (EXITS, "  - hears: …3, 4…\n  - hears: 1, 2…\n  - hears: …4 or 5.\n"),
    (LOOK_UP, "  - press 4711 1\n  - looks up bill\n  - finds nothing\n  - waits in desk:en\n"),
    (
        LOOK_UP,
        "  - press 4711 1\n"
        "  - finds: {answer: paid, say: {balance: 0, until: '2026-11-30', who: Maria}}\n"
        '  - hears: ["Paid. Thank you, Maria."]\n'
        "  - ends served_in_menu\n",
    ),
    (COLLECT, "  - press 79927398713 1\n  - has given: {account: 79927398713}\n  - hears: The day, please.\n"),
]


@pytest.mark.parametrize(("flow", "steps"), RIGHT)
def test_every_way_out_can_be_told(flow: str, steps: str) -> None:
    assert _played(flow, steps) == []


WRONG = [
    ("  - press 1\n  - waits in desk:en\n", 7, "called back by desk:en, not waits in desk:en"),
    ("  - hears: Hello.\n", 6, "hears ['1, 2, 3, 4 or 5.'], not 'Hello.'"),
    ("  - hears: 1, 2, 3, 4\n", 6, "hears ['1, 2, 3, 4 or 5.'], not '1, 2, 3, 4'"),
    ("  - hears: [Hello.]\n", 6, "hears ['1, 2, 3, 4 or 5.'], not ['Hello.']"),
    ("  - press 1 1\n  - hears: [x]\n", 6, "nothing is asked here: called back by desk:en"),
    ("  - nobody answers\n  - hears: [x]\n", 6, "nothing is asked here: asked at top"),
    ("  - press 5\n  - is sent: Other.\n", 7, "is sent ['See example.org'], not 'Other.'"),
    ("  - has given: {account: 1}\n", 6, "has given {'account': None}, not {'account': 1}"),
    ("  - press 1\n  - say nothing\n", 7, "nothing is asked here: called back by desk:en"),
    ("  - press 9\n", 6, "nothing is expected, so nothing can fail"),
]


@pytest.mark.parametrize(("steps", "line", "reason"), WRONG)
def test_a_story_that_does_not_come_out_says_where_and_why(steps: str, line: int, reason: str) -> None:
    assert _played(EXITS, steps) == [Problem("ours.yaml", line, f"Ours: {reason}")]


UNREADABLE = [
    ("- press 1", "- shout 1", 4, f"cannot understand `shout 1`; a step is one of: {', '.join(sorted(VERBS))}"),
    ("- press 1", "- {shout: 1}", 4, f"cannot understand `shout`; a step is one of: {', '.join(sorted(VERBS))}"),
    ("steps: ", "at: noon\n  steps: ", 4, "`at`: `noon` is not a time such as 2026-11-23 10:00"),
    ("zone: Asia/Kolkata", "zone: Kolkata", 1, "`zone`: `Kolkata` is not a time zone"),
    ("story: Ours", "strory: Ours", 3, "`story` is missing"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "reason"), UNREADABLE)
def test_a_story_that_cannot_be_read_is_refused(right: str, wrong: str, line: int, reason: str) -> None:
    text = "zone: Asia/Kolkata\nstories:\n- story: Ours\n  steps: [- press 1]".replace("[- press 1]", "\n  - press 1")
    line += wrong.startswith(("- shout", "- {shout"))
    with pytest.raises(WrongFile) as refused:
        load_stories(text.replace(right, wrong), "ours.yaml", VERBS)
    assert Problem("ours.yaml", line, reason) in refused.value.problems


def test_every_expectation_can_fail() -> None:
    told = {verb for steps, _, _ in WRONG for verb in EXPECTATIONS if verb in steps}
    # The rest compare like `waits in`.
    like = {"asked at", "called back by", "leaves word for", "surveyed in", "forwarded to", "looks up", "ends"}
    assert told | like == set(EXPECTATIONS)
