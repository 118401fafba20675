"""The center file, read and checked: queues, agents, reasons, hours and limits. Pure: text in, `Plan` out.

Every fault is reported at once, each with its line, so that a wrong file is refused before it can be used.
"""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from zoneinfo import available_timezones

import phonenumbers
from pydantic import Field, ValidationError, field_validator

from ivr.hours import Hours
from ivr.lined_yaml import WrongFile, read_yaml
from queues.plan_check import contradictions
from queues.policy import (
    CallbackPlan,
    FlowPlan,
    Importance,
    Level,
    Minutes,
    Name,
    Part,
    QueuePlan,
    RecordingPlan,
    Skill,
    SurveyPlan,
    VoicemailPlan,
)


class PlanError(WrongFile):
    """The center file cannot be used; `problems` lists every fault."""


class AgentPlan(Part):
    """Who answers: on a browser (`client:name`) or on a plain phone (E.164).

    `pin` lets them say their status by calling in from their line; a caller's number alone proves nothing.
    `queues` are those they serve, the first before the second by `limits.queue_order_minutes` of waiting; none is all.
    """

    name: str
    line: str
    country: str = Field(default="", pattern=r"^([A-Z]{2})?$")
    skills: dict[Skill, Level]
    queues: list[Name] = []
    pin: str = Field(default="", pattern=r"^([0-9]{4,8})?$")
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
    """A caller we know by name; `agent` is the one they are used to."""

    name: str
    language: str = ""
    priority_minutes: Minutes = 0
    agent: str = ""


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
    overtaking_minutes: float | None = Field(default=30, ge=0, le=240)
    queue_order_minutes: Minutes = 1


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
    importance: list[Importance] = []
    reasons: dict[Name, ReasonPlan] = {}
    dispositions: dict[Name, str] = {"resolved": "Resolved"}
    break_reasons: list[str] = ["break", "lunch", "training"]
    hours: dict[Name, Hours] = {}
    limits: Limits = Limits()
    callbacks: CallbackPlan = CallbackPlan()
    flows: FlowPlan = FlowPlan()
    voicemail: VoicemailPlan = VoicemailPlan()
    survey: SurveyPlan = SurveyPlan()
    recording: RecordingPlan = RecordingPlan()

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
        plan = self.agents.get(agent)
        return (plan and (plan.country or country_of(plan.line))) or self.country

    def agent_language(self, agent: str) -> str:
        """What an agent is spoken to in; English for one who has left the plan."""
        return self.agents[agent].language if agent in self.agents else "en"

    def agent_on_browser(self, agent: str) -> bool:
        """Whether this agent answers in the desk's page; no for one who has left the plan."""
        return agent in self.agents and self.agents[agent].on_browser

    def needs(self, queue: str, asked: Mapping[str, int]) -> str:
        """The requirement of a call: what its queue needs and what the caller `asked` for, the higher level of each."""
        own = self.queues[queue].needs
        return canonical({skill: max(own.get(skill, 1), asked.get(skill, 1)) for skill in {*own, *asked}})

    def takes(self, agent: str, queue: str, needs: str) -> bool:
        """True when this agent serves this queue and has every skill of `needs` at its level."""
        plan = self.agents[agent]
        if plan.queues and queue not in plan.queues:
            return False
        parts = (part.partition("=") for part in needs.split("&")) if needs != "anyone" else ()
        return all(plan.skills.get(skill, 0) >= int(level) for skill, _, level in parts)

    def credit_ms(self, queue: str, caller: str, minutes: float = 0) -> int:
        """Priority as waiting time given in advance, never more than the bound on overtaking allows."""
        minutes += self.queues[queue].priority_minutes + self.importance_minutes(caller)
        bound = self.limits.overtaking_minutes
        return round((minutes if bound is None else max(0, min(minutes, bound - self.order_minutes))) * 60_000)

    def importance_minutes(self, caller: str) -> float:
        """A caller's own priority, whatever they call about, in minutes of waiting time given in advance."""
        known = self.callers.get(caller)
        own = known.priority_minutes if known else 0
        return own + sum(rule.minutes for rule in self.importance if caller.startswith(rule.caller))

    @cached_property
    def order_minutes(self) -> float:
        """The most that an agent's order of queues can hold a call back."""
        return self.limits.queue_order_minutes * max(max(0, len(agent.queues) - 1) for agent in self.agents.values())


def canonical(needs: Mapping[str, int]) -> str:
    """One text for one requirement: `lang:hi=1&support=2`, skills in order. It names the line in Redis."""
    return "&".join(f"{skill}={level}" for skill, level in sorted(needs.items())) or "anyone"


@lru_cache(maxsize=4096)
def country_of(number: str) -> str:
    """ISO country of an E.164 number, or empty for anything else (`anonymous`, `sip:`, `911` are real callers).

    Asked at every key press, and of the few who call now again and again.
    """
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
    if problems := contradictions(plan, yaml):
        raise PlanError(problems)
    return plan
