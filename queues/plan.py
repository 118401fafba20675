"""The center file, read and checked: queues, agents, reasons, hours and limits. Pure: text in, `Plan` out.

Every fault is reported at once, each with its line, so that a wrong file is refused before it can be used.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated
from zoneinfo import available_timezones

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ivr.hours import Hours
from ivr.lined_yaml import LinedYaml, Problem, WrongFile, read_yaml

Level = Annotated[int, Field(ge=1, le=10)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Skill = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(:[a-z0-9_-]+)?$")]


class PlanError(WrongFile):
    """The center file cannot be used; `problems` lists every fault."""


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
    hours: dict[Name, Hours] = {}
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

    def needs(self, queue: str, asked: Mapping[str, int]) -> str:
        """The requirement of a call: what its queue needs and what the caller `asked` for, the higher level of each."""
        own = self.queues[queue].needs
        return canonical({skill: max(own.get(skill, 1), asked.get(skill, 1)) for skill in {*own, *asked}})


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
        yaml = read_yaml(text, source)
        plan = Plan.model_validate(yaml.data)
    except ValidationError as error:
        raise PlanError(yaml.problems_of(error)) from None
    except WrongFile as error:
        raise PlanError(error.problems) from None
    if problems := [*_skills_nobody_has(plan, yaml), *_unknown_hours(plan, yaml), *_shared_lines(plan, yaml)]:
        raise PlanError(problems)
    return plan


def _skills_nobody_has(plan: Plan, yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        for skill, level in queue.needs.items():
            if not any(agent.skills.get(skill, 0) >= level for agent in plan.agents.values()):
                reason = f"queue `{name}` needs {skill} at level {level}, which no agent has"
                yield yaml.problem(reason, "queues", name, "needs", skill)


def _unknown_hours(plan: Plan, yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        if queue.hours != "always" and queue.hours not in plan.hours:
            yield yaml.problem(f"no hours are named `{queue.hours}`", "queues", name, "hours")


def _shared_lines(plan: Plan, yaml: LinedYaml) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, agent in plan.agents.items():
        if agent.line in seen:
            yield yaml.problem(f"agent `{seen[agent.line]}` has the same line", "agents", name, "line")
        seen[agent.line] = name
