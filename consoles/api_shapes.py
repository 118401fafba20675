"""The shapes that go over the API: what is asked, what is answered, and every word that comes from a list.

The same models check what the pages post. Times are integer UTC milliseconds; what has not happened is null.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

CallStatus = Literal["menu", "waiting", "offered", "talking", "wrap_up", "ended"]
Outcome = Literal[
    "answered",
    "abandoned",
    "called_back",
    "voicemail",
    "moved_on",
    "closed",
    "failed",
    "served_in_menu",
    "left_in_menu",
]
OfferOutcome = Literal["accepted", "declined", "missed", "withdrawn"]
Verdict = Literal["running", "at_risk", "kept", "broken"]
AgentStatus = Literal["available", "break", "offline"]
Activity = Literal["idle", "offered", "talking", "wrap_up", "no_device"]
Target = Literal[
    "picked_up",
    "agent_answers",
    "reach_person",
    "time_to_person",
    "handle_time",
    "callback_kept",
    "request_handled",
]
WeighedVerdict = Literal[
    "taken",
    "could",
    "lacks",
    "other_queues",
    "reserved",
    "another_preferred",
    "break",
    "offline",
    "no_device",
    "offered",
    "talking",
    "wrap_up",
]
AtMs = Annotated[int, Field(description="UTC, milliseconds")]


class Asked(BaseModel):
    """Something that comes in: unknown fields are refused, so that a slip of the pen is noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Answered(BaseModel):
    """Something that goes out."""

    model_config = ConfigDict(extra="allow")


class Error(Answered):
    """What went wrong, for programs and for people."""

    error: str
    message: str


# -- asked ----------------------------------------------------------------------------------------------------------


class StatusWish(Asked):
    """What an agent chooses to be."""

    status: AgentStatus
    reason: str | None = Field(default=None, max_length=40, description="for a break: one of the center's reasons")


class Decline(Asked):
    """Why an offer is declined."""

    reason: str = Field(default="", max_length=80)


class WrapUp(Asked):
    """The agent's notes of one call."""

    call: str = Field(pattern=r"^CA[0-9a-fA-F]{32}$")
    disposition: str = Field(min_length=1, max_length=40, description="how it ended: one of the center's")
    reason: str | None = Field(default=None, max_length=40, description="why they called: one of the center's")
    solved: Literal["yes", "no", ""] | None = None
    note: str | None = Field(default=None, max_length=2000, description="in the caller's words")

    @property
    def facts(self) -> dict[str, str]:
        """What goes into the record beside disposition and reason."""
        return {"note": self.note or "", "solved": self.solved or ""}


class CallFilter(Asked):
    """Which calls; each field narrows the list, newest first."""

    limit: int = Field(default=50, ge=1, le=200)
    before_ms: int | None = Field(default=None, ge=0, description="only calls that began before")
    status: Literal[CallStatus, ""] = ""
    queue: str = Field(default="", max_length=40)
    agent: str = Field(default="", max_length=40)
    outcome: Literal[Outcome, ""] = ""


class Nothing(Asked):
    """No fields."""


# -- answered -------------------------------------------------------------------------------------------------------


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
    """One call: its marks, legs, offers with their reasons, and each target with its verdict."""

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
