"""Stories of callers played against a flow: each step pressed, said or compared, by `start` and `step` alone.

Part of looking after a flow, never of a call: milliseconds for a whole file, and each failure at its line.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ivr.flow import Flow
from ivr.heard import Found, Heard, Keys, Nothing, NotReached, Speech
from ivr.lined_yaml import Problem
from ivr.reply import Callback, Enqueue, Forward, HangUp, Listen, LookUp, Survey, Voicemail
from ivr.step import start, step
from ivr.stories import Step, Story


class Failed(Exception):
    """A step that could not be played, or did not come out as it is written."""


class Rehearsal:
    """One story's caller on the way through a flow."""

    def __init__(self, flow: Flow, story: Story) -> None:
        self.flow, self.now_ms, self.caller = flow, story.at_ms, story.caller
        self.reply = start(flow, self.caller, self.now_ms)

    def hear(self, heard: Heard) -> None:
        """The caller does something where they are. Raises Failed when nothing is asked any more."""
        then = self.reply.then
        expected = {NotReached: Forward, Found: LookUp}.get(type(heard), Listen)
        if not isinstance(then, expected) or not isinstance(then, Listen | Forward | LookUp):
            raise Failed(f"nothing is asked here: {self.end()}")
        self.reply = step(self.flow, then.place, heard, self.caller, self.now_ms)
        given = {each.name: each.value for each in self.reply.given}
        self.caller = replace(self.caller, given={**self.caller.given, **given})

    def end(self) -> str:
        """Where the caller is now, in the words of a story."""
        match self.reply.then:
            case Listen(place=place):
                return f"asked at {place.node}"
            case Enqueue(promised=True) if self.caller.callback_ms:
                return "waits in the promised place"
            case Enqueue(queue=queue, language=language):
                return f"waits in {queue}:{language}"
            case Callback(queue=queue, language=language):
                return f"called back by {queue}:{language}"
            case Voicemail(queue=queue, language=language):
                return f"leaves word for {queue}:{language}"
            case Survey(language=language):
                return f"surveyed in {language}"
            case Forward(number=number):
                return f"forwarded to {number}"
            case LookUp(place=place):
                return f"looks up {place.node}"
            case HangUp(outcome=outcome):
                return f"ends {outcome}"


def play(flow: Flow, stories: Iterable[Story]) -> list[Problem]:
    """The first failure of every story that fails."""
    return [problem for story in stories if (problem := _play(flow, story))]


def _play(flow: Flow, story: Story) -> Problem | None:
    rehearsal = Rehearsal(flow, story)
    for one in story.steps:
        try:
            VERBS[one.verb](rehearsal, one.value)
        except Failed as failed:
            return story.problem(one, str(failed))
    return None if any(one.verb in EXPECTATIONS for one in story.steps) else _empty(story, story.steps[-1])


def _empty(story: Story, last: Step) -> Problem:
    return story.problem(last, "nothing is expected, so nothing can fail")


# -- what a caller does -------------------------------------------------------------------------------------------


def _press(rehearsal: Rehearsal, keys: Any) -> None:
    for each in str(keys).split():
        rehearsal.hear(Keys(each))


def _say_nothing(rehearsal: Rehearsal, _nothing: Any) -> None:
    rehearsal.hear(Nothing())


def _say(rehearsal: Rehearsal, words: Any) -> None:
    rehearsal.hear(Speech(str(words)))


def _nobody_answers(rehearsal: Rehearsal, _nothing: Any) -> None:
    rehearsal.hear(NotReached())


def _finds(rehearsal: Rehearsal, answer: Any) -> None:
    rehearsal.hear(Found(json.dumps(answer)))


def _finds_nothing(rehearsal: Rehearsal, _nothing: Any) -> None:
    rehearsal.hear(Found(None))


# -- what must come of it -----------------------------------------------------------------------------------------


def _hears(rehearsal: Rehearsal, expected: Any) -> None:
    """A list is all that is said, in order; a text is one of them, going on where it has an ellipsis."""
    said = [prompt.text for prompt in rehearsal.reply.say]
    right = said == expected if isinstance(expected, list) else any(_is(text, str(expected)) for text in said)
    if not right:
        raise Failed(f"hears {said}, not {expected!r}")


def _is(text: str, expected: str) -> bool:
    words = expected.strip("…").strip()
    match expected.startswith("…"), expected.endswith("…"):
        case True, True:
            return words in text
        case True, False:
            return text.endswith(words)
        case False, True:
            return text.startswith(words)
    return text == expected


def _is_sent(rehearsal: Rehearsal, text: Any) -> None:
    if text not in rehearsal.reply.messages:
        raise Failed(f"is sent {list(rehearsal.reply.messages)}, not {text!r}")


def _has_given(rehearsal: Rehearsal, values: Any) -> None:
    given = {name: rehearsal.caller.given.get(name) for name in values}
    if given != {name: str(value) for name, value in values.items()}:
        raise Failed(f"has given {given}, not {values}")


def _comes_to(words: str) -> Callable[[Rehearsal, Any], None]:
    def compare(rehearsal: Rehearsal, where: Any) -> None:
        expected = f"{words} {where}"
        if rehearsal.end() != expected:
            raise Failed(f"{rehearsal.end()}, not {expected}")

    return compare


ACTIONS: Mapping[str, Callable[[Rehearsal, Any], None]] = {
    "press": _press,
    "say nothing": _say_nothing,
    "says": _say,
    "nobody answers": _nobody_answers,
    "finds": _finds,
    "finds nothing": _finds_nothing,
}
EXPECTATIONS: Mapping[str, Callable[[Rehearsal, Any], None]] = {
    "hears": _hears,
    "is sent": _is_sent,
    "has given": _has_given,
    **{
        words: _comes_to(words)
        for words in (
            *("asked at", "waits in", "called back by", "leaves word for"),
            *("surveyed in", "forwarded to", "looks up", "ends"),
        )
    },
}
VERBS: Mapping[str, Callable[[Rehearsal, Any], None]] = {**ACTIONS, **EXPECTATIONS}
