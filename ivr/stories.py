"""Stories of callers in a menu, read from a YAML file beside the flow: who calls when, does what, and must hear what.

A story is a list of steps; `rehearsal.py` plays them. What cannot be understood is refused with line and reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from ivr.heard import Caller
from ivr.hours import zone_name
from ivr.lined_yaml import LinedYaml, Problem, WrongFile, read_yaml
from ivr.parts import Language, Part, Words


def _instant(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"`{text}` is not a time such as 2026-11-23 10:00") from None
    return text


# A time on the clocks of the file's zone.
Instant = Annotated[str, BeforeValidator(str), AfterValidator(_instant)]
# A sentence, or a verb and what it is about.
StepPart = Words | Annotated[dict[Words, Any], Field(min_length=1, max_length=1)]


class CallerPart(Part):
    """Who calls; a caller about whom nothing is said is a stranger.

    `callback` is until when they are promised a call, `case` when the first of their open cases is due.
    """

    known: bool = False
    language: Language | None = None
    name: Words | None = None
    importance: float = 0
    recent: bool = False
    callback: Instant | None = None
    case: Instant | None = None


class StoryPart(Part):
    """One caller's way through the menu. Without `at` it is a Monday at ten in the morning."""

    story: Words
    caller: CallerPart = CallerPart()
    at: Instant = "2026-11-23 10:00"
    steps: tuple[StepPart, ...] = Field(min_length=1)


class StoryFile(Part):
    """A whole file of stories; `zone` is where their times are read."""

    zone: Annotated[str, AfterValidator(zone_name)]
    stories: tuple[StoryPart, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a verb, what it is about, and its line in the file."""

    verb: str
    value: Any
    line: int


@dataclass(frozen=True, slots=True)
class Story:
    """A story ready to be played; `at_ms` is UTC."""

    title: str
    caller: Caller
    at_ms: int
    steps: tuple[Step, ...]
    source: str

    def problem(self, step: Step, reason: str) -> Problem:
        """What is wrong at a step."""
        return Problem(self.source, step.line, f"{self.title}: {reason}")


def load_stories(text: str, source: str, verbs: Mapping[str, Any]) -> list[Story]:
    """Read stories whose steps begin with one of `verbs`. Raises WrongFile with every fault and its line."""
    yaml = read_yaml(text, source)
    try:
        file = StoryFile.model_validate(yaml.data)
    except ValidationError as error:
        raise WrongFile(yaml.problems_of(error)) from None
    problems: list[Problem] = []
    stories = []
    for number, part in enumerate(file.stories):
        steps = tuple(_steps(part, number, yaml, verbs, problems))
        at_ms = _ms(part.at, file.zone)
        stories.append(Story(part.story, _caller(part.caller, file.zone), at_ms, steps, source))
    if problems:
        raise WrongFile(problems)
    return stories


def _caller(part: CallerPart, zone: str) -> Caller:
    return Caller(
        known=part.known,
        language=part.language,
        name=part.name,
        importance=part.importance,
        recent=part.recent,
        callback_ms=_ms(part.callback, zone),
        case_ms=_ms(part.case, zone),
    )


def _ms(instant: str | None, zone: str) -> int:
    return round(datetime.fromisoformat(instant).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000) if instant else 0


def _steps(
    part: StoryPart, number: int, yaml: LinedYaml, verbs: Mapping[str, Any], problems: list[Problem]
) -> Iterator[Step]:
    for index, written in enumerate(part.steps):
        line = yaml.line("stories", number, "steps", index)
        verb, value = _sentence(written, verbs) if isinstance(written, str) else next(iter(written.items()))
        if verb in verbs:
            yield Step(verb, value, line)
        else:
            known = ", ".join(sorted(verbs))
            problems.append(Problem(yaml.source, line, f"cannot understand `{verb}`; a step is one of: {known}"))


def _sentence(text: str, verbs: Mapping[str, Any]) -> tuple[str, str]:
    """`press 2` is the verb `press` about `2`; the longest verb that fits counts."""
    fitting = [verb for verb in verbs if text == verb or text.startswith(f"{verb} ")]
    verb = max(fitting, key=len, default=text)
    return verb, text[len(verb) :].strip().strip('"')
