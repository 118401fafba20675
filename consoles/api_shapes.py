"""The shapes that the API answers in. Times are integer UTC milliseconds; what has not happened is null."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from consoles.api_words import (
    Activity,
    AgentStatus,
    AtMs,
    CallStatus,
    OfferOutcome,
    Outcome,
    Target,
    Verdict,
    WeighedVerdict,
)


class Answered(BaseModel):
    """Something that goes out."""

    model_config = ConfigDict(extra="allow")


class Error(Answered):
    """What went wrong, for programs and for people."""

    error: str
    message: str


class AgentShape(Answered):
    """One agent: who they are and what they are doing."""

    id: str
    name: str
    skills: dict[str, int]
    line: str = Field(description="`client:name` or a phone number")
    status: AgentStatus
    reason: str | None
    activity: Activity
    since_ms: AtMs | None
    call: str | None
    offer: int | None


class AgentList(Answered):
    """Every agent, in the center file's order."""

    agents: list[AgentShape]


class StatusShape(Answered):
    """What an agent chose, and what the system sees."""

    status: AgentStatus
    reason: str | None
    activity: Activity


class OfferEnd(Answered):
    """How an offer ended."""

    offer: int
    outcome: OfferOutcome


class WrapUpShape(Answered):
    """A call whose wrap-up is done."""

    call: str
    status: CallStatus
    disposition: str
    reason: str | None


class QueueShape(Answered):
    """One queue now."""

    queue: str
    title: str
    needs: dict[str, int]
    waiting: int
    longest_wait_ms: int | None
    agents: dict[Literal["ready", "talking", "wrap_up", "away"], int] = Field(description="of those who could take it")


class QueueList(Answered):
    """Every queue, in the center file's order."""

    queues: list[QueueShape]


class Clock(Answered):
    """A clock that runs: where it began, what it may take, one ring (0: not counted in rings)."""

    target: str
    from_ms: AtMs
    limit_ms: int
    ring_ms: int
    to_ms: AtMs | None


class WaitingCaller(Answered):
    """Someone waiting, numbers masked."""

    call: str
    name: str
    number: str
    language: str
    queue: str
    status: CallStatus
    callback: bool = Field(description="left, and is to be called back: then `reach_person` is that promise's clock")
    reach_person: Clock
    time_to_person: Clock


class AgentOnFloor(Answered):
    """An agent as the wall shows them."""

    agent: str
    name: str
    status: AgentStatus
    reason: str
    activity: Activity
    since_ms: AtMs
    call: str
    clock: Clock | None


class FloorShape(Answered):
    """All agents and all waiting callers at one moment."""

    now_ms: AtMs
    counts: dict[str, int]
    pace: dict[str, float] = Field(
        description="`per_second` phones may be rung by the account; a leg created now waits `wait_ms` for its turn"
    )
    first: list[dict[str, Any]] = Field(description="clocks that run, soonest to break first")
    queues: list[dict[str, Any]]
    callers: list[WaitingCaller]
    agents: list[AgentOnFloor]


class CallSummary(Answered):
    """One call in a list."""

    call: str
    status: CallStatus
    outcome: Outcome | None
    queue: str | None
    language: str | None
    agent: str | None


class CallList(Answered):
    """Calls, newest first."""

    calls: list[CallSummary]


class Mark(Answered):
    """A stamped moment, with its facts beside."""

    name: str
    at_ms: AtMs


class LegShape(Answered):
    """One phone connection of the call."""

    leg: str
    role: Literal["caller", "agent"] | None
    status: str | None


class OfferShape(Answered):
    """One call rung to one agent, with the reasons of the choice."""

    offer: int
    agent: str
    outcome: OfferOutcome | None
    offered_at_ms: AtMs | None
    ringing_at_ms: AtMs | None
    ended_at_ms: AtMs | None
    reason: dict[str, Any]


class TargetShape(Answered):
    """One clock against its limit."""

    target: Target
    offer: int | None
    limit_ms: int
    actual_ms: int
    rings: int | None
    verdict: Verdict
    estimated: bool
    rule_version: str


class CallShape(CallSummary):
    """One call: its marks, legs, offers with their reasons, and each target with its verdict.

    Whether it was solved is told twice, by the agent (`solved`) and by the caller (`solved_said`).
    """

    case_id: str | None = Field(default=None, description="what we owe after it")
    satisfied: int | None = Field(default=None, description="what the caller answered: 1, not at all, to 5, very")
    solved_said: Literal["yes", "no"] | None = None
    comment: str | None = Field(default=None, description="the recording of what the caller said of it")
    recordings: list[dict[str, Any]] = Field(
        default=[], description="`recording`, `kind`, `status`, `seconds`, `words`"
    )
    consent: dict[str, Any] | None = Field(
        default=None, description="whether it may be recorded: `answer`, `prompt`, `key`"
    )

    marks: list[Mark]
    legs: list[LegShape]
    offers: list[OfferShape]
    targets: list[TargetShape]


class WeighedShape(Answered):
    """One agent weighed at a decision."""

    agent: str
    verdict: WeighedVerdict
    detail: str
    sentence: str


class DecisionShape(Answered):
    """One decision: who was taken, by which rule, and what would have changed it."""

    offer: int
    agent: str
    at_ms: AtMs | None
    outcome: OfferOutcome | None
    rule: str | None
    sentence: str | None
    weighed: list[WeighedShape]


class CallWhy(Answered):
    """Why a call went to whom it went; `now` while it waits."""

    call: str
    now: str | None
    decisions: list[DecisionShape]


class AgentWhy(Answered):
    """Why an agent is not getting calls."""

    agent: str
    reasons: list[str]
