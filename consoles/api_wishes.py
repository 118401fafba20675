"""What people and programs may ask for: the shapes of bodies and queries, checked before anything is done."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from consoles.api_words import AgentStatus, CallStatus, Outcome


class Asked(BaseModel):
    """Something that comes in: unknown fields are refused, so that a slip of the pen is noticed."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


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
