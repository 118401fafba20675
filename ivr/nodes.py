"""The kinds of node a menu flow is made of, as they are written in YAML.

A new kind is one class here, one branch where a step enters nodes, and its seconds in the checker.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Seconds = Annotated[int, Field(ge=1, le=30)]
Retries = Annotated[int, Field(ge=0, le=5)]

PERSON_KEY = "0"
BACK_KEY = "*"


class Part(BaseModel):
    """A piece of a flow file: read once, never changed, no unknown entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spoken(Part):
    """A prompt in one language: its words and, if there is one, the URL of a recording of them."""

    text: Words
    audio: Words | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_words(cls, data: object) -> object:
        return {"text": data} if isinstance(data, str) else data


class Option(Part):
    """What one key leads to; `speech` are the phrases per language that choose it too."""

    next: Name
    speech: dict[Language, tuple[Words, ...]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, data: object) -> object:
        return {"next": data} if isinstance(data, str) else data


class SayNode(Part):
    """Say something and go on."""

    type: Literal["say"]
    prompt: Name
    next: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node, for every way out of this node that the flow names."""
        return {"next": self.next}


class Listening(Part):
    """What the kinds share that ask the caller: silence and wrong keys are asked again `retries` times.

    After that the caller goes `otherwise`, which is the flow's person unless the node names another node.
    """

    prompt: Name
    timeout_s: Seconds = 5
    retries: Retries | None = None
    otherwise: Name | None = None


class MenuNode(Listening):
    """Ask for one of several choices by key or by word."""

    type: Literal["menu"]
    options: dict[Key, Option] = Field(min_length=1)

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        chosen = {option.next: option.next for option in self.options.values()}
        return chosen | ({"otherwise": self.otherwise} if self.otherwise else {})


class LanguageNode(Listening):
    """Ask for the language, each option in its own; callers whose language we remember pass through."""

    type: Literal["language"]
    options: dict[Key, Language] = Field(min_length=1)
    next: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {"next": self.next} | ({"otherwise": self.otherwise} if self.otherwise else {})


class HoursNode(Part):
    """Branch on the opening hours called `hours`; `prompt` is said when they are closed and may name `{opens}`."""

    type: Literal["hours"]
    hours: Name
    open: Name
    closed: Name
    prompt: Name | None = None

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {"open": self.open, "closed": self.closed}


class EnqueueNode(Part):
    """Put the caller in line; `skills` asks for more than the queue and the language do."""

    type: Literal["enqueue"]
    queue: Name
    reason: Name | None = None
    priority: Annotated[int, Field(ge=0, le=9)] = 0
    skills: dict[str, PositiveInt] = {}
    prompt: Name | None = None

    def ways(self) -> dict[str, str]:
        """No way leads on: a person comes next."""
        return {}


class HangupNode(Part):
    """Say goodbye and end the call."""

    type: Literal["hangup"]
    outcome: Literal["served_in_menu", "closed"] = "served_in_menu"
    prompt: Name | None = None

    def ways(self) -> dict[str, str]:
        """No way leads on."""
        return {}


Node = Annotated[
    SayNode | MenuNode | LanguageNode | HoursNode | EnqueueNode | HangupNode,
    Field(discriminator="type"),
]


class Budget(Part):
    """The most seconds to a line: `usual` for one who presses at once, `worst` for one who gets everything wrong."""

    usual: PositiveInt
    worst: PositiveInt


class FlowFile(Part):
    """A whole flow file; who points to whom is checked afterwards."""

    name: Name
    languages: tuple[Language, ...] = Field(min_length=1)
    default_language: Language
    start: Name
    person: Name
    retries: Retries = 2
    budget_s: Budget
    nodes: dict[Name, Node] = Field(min_length=1)
    prompts: dict[Name, Annotated[dict[Language, Spoken], Field(min_length=1)]]
