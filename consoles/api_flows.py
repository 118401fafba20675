"""`/api/v1/flows`: the versions of the menu, for programs."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from consoles import flow_view, room
from consoles.api import route
from consoles.api_cases import blueprint
from consoles.api_shapes import Answered
from consoles.api_wishes import Asked
from consoles.api_words import AtMs
from consoles.openapi import Operation

__all__ = ["blueprint"]  # the whole API, these routes included


class FlowVersionShape(Answered):
    """A version that was published once."""

    version: str
    published_ms: AtMs
    by: str
    note: str


class FlowChangeShape(Answered):
    """What was done, and who got which version from then on."""

    number: int
    at_ms: AtMs
    deed: str
    current: str
    candidate: str | None
    share: float
    by: str
    note: str


class FlowList(Answered):
    """Who gets which version; `share` (0 to 1) of the callers get the candidate."""

    current: str
    candidate: str | None
    share: float
    since_ms: AtMs | None
    versions: list[FlowVersionShape]
    changes: list[FlowChangeShape]


class FlowProblem(Answered):
    """One fault of a text."""

    line: int
    reason: str


class FlowSeconds(Answered):
    """Seconds from the first word to a line."""

    usual: int
    worst: int


class FlowChecked(Answered):
    """What the checker says of a text; `seconds` only when nothing is wrong."""

    version: str
    problems: list[FlowProblem]
    seconds: FlowSeconds | None


class FlowText(Asked):
    """A menu as YAML."""

    text: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=200_000)]


class FlowWish(FlowText):
    """What is to be published; `onto` is the current version as last seen, to be told when it is another by now."""

    share: float = Field(default=1, gt=0, le=1, description="of the new callers; less than 1 makes it a candidate")
    note: str = Field(default="", max_length=200)
    onto: str = Field(default="", max_length=12)


class FlowReturn(Asked):
    """Back to `version`; without one the candidate is withdrawn, or the version before is current again."""

    version: str = Field(default="", max_length=12)
    note: str = Field(default="", max_length=200)


@route(Operation("GET", "/flows", "The versions of the menu", FlowList))
def flow_list() -> Any:
    """What is in force, and what was."""
    return flow_view.listed(room.center())


@route(Operation("POST", "/flows/check", "What is wrong with a menu", FlowChecked, FlowText, errors=(401, 422)))
def flow_check(body: FlowText) -> Any:
    """Every problem with its line; nothing is changed."""
    return flow_view.checked(room.center(), body.text)


@route(Operation("POST", "/flows/publish", "Give callers a new menu", FlowList, FlowWish, errors=(401, 409, 422)))
def flow_publish(body: FlowWish) -> Any:
    """New callers get it; those in the menu stay on the version they began with."""
    flow_view.publish(room.center(), body.text, "(api)", body.note, body.share, body.onto)
    return flow_view.listed(room.center())


LATE = (401, 404, 409, 422)


@route(Operation("POST", "/flows/rollback", "Back to an earlier menu", FlowList, FlowReturn, errors=LATE))
def flow_roll_back(body: FlowReturn) -> Any:
    """New callers get it; those in the menu stay on the version they began with."""
    flow_view.roll_back(room.center(), "(api)", body.note, body.version)
    return flow_view.listed(room.center())
