"""Every word of the API that comes from a list; the description shows them as enums."""

from typing import Annotated, Literal

from pydantic import Field

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
