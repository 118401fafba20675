"""The center file, read and checked: queues, agents, reasons, hours and limits. Pure: text in, `Plan` out.

Every fault is reported at once, each with its line, so that a wrong file is refused before it can be used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from typing import Annotated, Any
from zoneinfo import available_timezones

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

Level = Annotated[int, Field(ge=1, le=10)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(:[a-z0-9_-]+)?$")]


@dataclass(frozen=True)
class Problem:
    """One fault in a file, with the line a person should look at."""

    source: str
    line: int
    reason: str


class PlanError(Exception):
    """The center file cannot be used; `problems` lists every fault."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(f"{row.source}:{row.line}: {row.reason}" for row in problems))
        self.problems = problems


class Part(BaseModel):
    """A part of the center file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QueuePlan(Part):
    """Callers waiting for one kind of help. Limits in seconds, as people write them."""

    title: str
    needs: dict[Skill, Level] = {}
    priority_minutes: float = Field(default=0, ge=-60, le=60)
    service_level_s: int = Field(default=20, ge=1, le=3600)
    time_to_person_s: int = Field(default=90, ge=1, le=3600)
    wrap_up_s: int = Field(default=60, ge=5, le=1800)
    hours: str = "always"


class AgentPlan(Part):
    """Who answers: on a browser (`client:name`) or on a plain phone (E.164)."""

    name: str
    line: str
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    skills: dict[Skill, Level]
    language: str = "en"

    @field_validator("line")
    @classmethod
    def _is_line(cls, value: str) -> str:
        if value.startswith("client:") and value.removeprefix("client:").replace("_", "").isalnum():
            return value
        if country_of(value):
            return value
        raise ValueError("must be client:name or a phone number such as +919812345678")

    @property
    def on_browser(self) -> bool:
        """True when this agent answers in the desk's page and so needs a live device."""
        return self.line.startswith("client:")


class SupervisorPlan(Part):
    """Who watches the floor."""

    name: str


class CallerPlan(Part):
    """A caller we know by name."""

    name: str
    language: str = ""


class ReasonPlan(Part):
    """Why people call, with the handle time we aim at."""

    title: str
    handle_time_s: int = Field(default=300, ge=30, le=7200)


class Limits(Part):
    """What the account and the people can bear."""

    calls_per_second: float = Field(default=1, gt=0, le=1000)
    missed_before_break: int = Field(default=2, ge=1, le=20)
    rings: int = Field(default=3, ge=1, le=10)
    call_s: int = Field(default=14400, ge=60, le=86400)
    waiting: int = Field(default=1000, ge=1, le=5000)


class Plan(Part):
    """The whole center."""

    name: str
    zone: str
    country: str = Field(pattern=r"^[A-Z]{2}$")
    flow: str
    languages: list[str] = ["en", "hi", "gu", "te"]
    queues: dict[Name, QueuePlan] = Field(min_length=1)
    agents: dict[Name, AgentPlan] = Field(min_length=1)
    supervisors: dict[Name, SupervisorPlan] = {}
    callers: dict[str, CallerPlan] = {}
    reasons: dict[Name, ReasonPlan] = {}
    dispositions: dict[Name, str] = {"resolved": "Resolved"}
    break_reasons: list[str] = ["break", "lunch", "training"]
    hours: dict[str, dict[str, Any]] = {}
    limits: Limits = Limits()

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("is not a time zone such as Asia/Kolkata")
        return value

    @cached_property
    def lines(self) -> Mapping[str, str]:
        """Phone line → agent id, to know an agent who calls in."""
        return {agent.line: name for name, agent in self.agents.items()}

    def agent_country(self, agent: str) -> str:
        """Whose ring counts for this agent: the line's prefix, for a browser its `country`, else the center's."""
        plan = self.agents[agent]
        return plan.country or country_of(plan.line) or self.country

    def needs(self, queue: str, language: str) -> str:
        """The requirement of a call for `queue` spoken in `language`, in its one canonical form."""
        wanted = dict(self.queues[queue].needs)
        if language:
            wanted[f"lang:{language}"] = max(1, wanted.get(f"lang:{language}", 1))
        return canonical(wanted)


def canonical(needs: Mapping[str, int]) -> str:
    """One text for one requirement: `lang:hi=1&support=2`, skills in order. It names the line in Redis."""
    return "&".join(f"{skill}={level}" for skill, level in sorted(needs.items())) or "anyone"


def country_of(number: str) -> str:
    """ISO country of an E.164 number, or empty for anything else (`anonymous`, `sip:`, `911` are real callers)."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or "" if number.startswith("+") else ""


def load_plan(text: str, source: str) -> Plan:
    """Read a center file. Raises PlanError with every fault and its line."""
    try:
        tree = YAML(typ="rt").load(StringIO(text))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PlanError([Problem(source, line, f"not readable as YAML: {error.problem}")]) from None
    try:
        plan = Plan.model_validate(tree)
    except ValidationError as error:
        raise PlanError(
            [Problem(source, line_of(tree, row["loc"]), _sentence(row)) for row in error.errors()]
        ) from None
    problems = [Problem(source, line_of(tree, where), reason) for where, reason in _contradictions(plan)]
    if problems:
        raise PlanError(problems)
    return plan


def line_of(tree: Any, where: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest part of `where` that stands in the file."""
    line = 1
    for step in where:
        try:
            line = (tree.lc.key(step) if isinstance(tree, dict) else tree.lc.item(step))[0] + 1
            tree = tree[step]
        except (AttributeError, KeyError, IndexError, TypeError):
            break
    return line


def _sentence(row: Any) -> str:
    where = ".".join(str(step) for step in row["loc"])
    return f"{where}: {row['msg'].removeprefix('Value error, ')}"


def _contradictions(plan: Plan) -> list[tuple[tuple[int | str, ...], str]]:
    """Faults that need more than one part of the file to see."""
    held = {skill for agent in plan.agents.values() for skill in agent.skills}
    found: list[tuple[tuple[int | str, ...], str]] = []
    for name, queue in plan.queues.items():
        for skill in queue.needs:
            if skill not in held:
                found.append((("queues", name, "needs", skill), f"queues.{name}: no agent has the skill {skill}"))
        if queue.hours != "always" and queue.hours not in plan.hours:
            found.append((("queues", name, "hours"), f"queues.{name}: no hours named {queue.hours}"))
    seen: dict[str, str] = {}
    for name, agent in plan.agents.items():
        if agent.line in seen:
            found.append((("agents", name, "line"), f"agents.{name}: {seen[agent.line]} has the same line"))
        seen[agent.line] = name
    return found
