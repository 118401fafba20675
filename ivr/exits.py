"""The kinds of node at which a caller leaves the menu: to a line, to a promise, to another number, or goodbye."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StringConstraints

from ivr.parts import Name, Part


class _Leaving(Part):
    """What these kinds share: a prompt that is said on the way out, and no way on in the menu."""

    prompt: Name | None = None

    def ways(self) -> dict[str, str]:
        """No way leads on."""
        return {}


class _Wanted(_Leaving):
    """Who is to help; `skills` asks for more than the queue and the language do."""

    queue: Name
    reason: Name | None = None
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    skills: dict[str, PositiveInt] = Field(default={})


class EnqueueNode(_Wanted):
    """Put the caller in line; a `promised` one stands in the line of the callback that the caller is owed, if any."""

    type: Literal["enqueue"]
    promised: bool = False


class CallbackNode(_Wanted):
    """Promise to call back, and keep the place in line until then."""

    type: Literal["callback"]


class VoicemailNode(_Leaving):
    """Take a message for those who serve `queue`."""

    type: Literal["voicemail"]
    queue: Name
    reason: Name | None = None


class SurveyNode(_Leaving):
    """Ask how it was."""

    type: Literal["survey"]


class ForwardNode(_Leaving):
    """Dial another number (E.164); when nobody answers there, the caller goes `otherwise`."""

    type: Literal["forward"]
    number: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
    # Twilio's own bounds on how long a phone rings.
    timeout_s: Annotated[int, Field(ge=5, le=600)] = 20
    otherwise: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {"otherwise": self.otherwise}


class HangupNode(_Leaving):
    """Say goodbye and end the call."""

    type: Literal["hangup"]
    outcome: Literal["served_in_menu", "closed"] = "served_in_menu"


# Where a caller is helped or told goodbye: a way that comes to one of these is no dead end.
Exit = EnqueueNode | CallbackNode | VoicemailNode | SurveyNode | ForwardNode | HangupNode
# Where a caller comes to a person, or is promised one.
ToPerson = EnqueueNode | CallbackNode | ForwardNode
