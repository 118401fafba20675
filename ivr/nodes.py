"""The kinds of node that keep a caller in the menu, and the whole flow file, as they are written in YAML.

A new kind is one class here or in `exits.py`, one branch where a step enters nodes, and its seconds in the checker.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveInt, StringConstraints, model_validator

from ivr.exits import CallbackNode, EnqueueNode, ForwardNode, HangupNode, SurveyNode, VoicemailNode
from ivr.hours import zone_name
from ivr.parts import FALLBACK, Key, Kind, Language, Listening, Name, Option, Part, Retries, Spoken


class SayNode(Part):
    """Say something and go on."""

    type: Literal["say"]
    prompt: Name
    next: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node, for every way out of this node that the flow names."""
        return {"next": self.next}


class MessageNode(Part):
    """Send the caller a text message, whose words are the prompt `text`; say `prompt` and go on."""

    type: Literal["message"]
    text: Name
    prompt: Name | None = None
    next: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {"next": self.next}


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


class CollectNode(Listening):
    """Ask for a value by keys, `least` to `most` of them, ended by # or silence; the call keeps it by the node's name.

    `digits` are told one by one; a `date` is keyed as day, month and year; an `amount` in whole units. `from` and `to`
    bound a number, or a date by days from today. What is not `secret` is read back and confirmed by key.
    """

    type: Literal["collect"]
    kind: Literal["digits", "date", "amount"] = "digits"
    least: Annotated[int, Field(ge=1, le=20)] = 1
    most: Annotated[int, Field(ge=1, le=20)]
    from_: int | None = Field(default=None, alias="from")
    to: int | None = None
    checksum: Literal["luhn"] | None = None
    secret: bool = False
    next: Name

    @model_validator(mode="before")
    @classmethod
    def _date_has_eight_keys(cls, data: object) -> object:
        return {"least": 8, "most": 8} | data if isinstance(data, dict) and data.get("kind") == "date" else data

    @model_validator(mode="after")
    def _has_room(self) -> "CollectNode":
        if self.least > self.most:
            raise ValueError("`least` is more than `most`")
        if self.from_ is not None and self.to is not None and self.from_ > self.to:
            raise ValueError("`from` is more than `to`")
        return self

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


class CallerNode(Part):
    """Branch on who calls.

    `known`: the center has a name for the number. `important`: their priority is `least_minutes` or more.
    `recent`: they called in the last day. `due_callback`: they were promised a call that has not come yet. `open_case`:
    they left a message, or could not be reached, and nobody has settled it yet. Until when they are owed that can be
    told in prompts from there on, by the node's name.
    """

    type: Literal["caller"]
    is_: Literal["known", "important", "recent", "due_callback", "open_case"] = Field(alias="is")
    least_minutes: PositiveInt = 1
    yes: Name
    no: Name

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {"yes": self.yes, "no": self.no}

    @property
    def is_owed(self) -> bool:
        """Whether it asks about something that the caller is owed until some time."""
        return self.is_ in ("due_callback", "open_case")


class LookUpNode(Part):
    """Ask the company's own service about this caller, by a signed request to `url`, while `prompt` is heard.

    `send` are the values it is told, `answers` its possible answers with the node that each leads to, `says` the values
    it answers with, which prompts may name from there on. No such answer in time leads to `fallback`.
    """

    type: Literal["look_up"]
    url: Annotated[str, StringConstraints(pattern=r"^(https://|http://(localhost|127\.0\.0\.1)[:/])\S+$")]
    send: tuple[Name, ...] = ()
    answers: dict[Name, Name] = Field(min_length=1)
    says: dict[Name, Kind] = Field(default={})
    fallback: Name
    prompt: Name | None = None

    def ways(self) -> dict[str, str]:
        """Choice → next node."""
        return {**self.answers, FALLBACK: self.fallback}


# Where a caller is asked something.
Asking = MenuNode | LanguageNode | CollectNode

Node = Annotated[
    SayNode
    | MessageNode
    | MenuNode
    | LanguageNode
    | CollectNode
    | HoursNode
    | CallerNode
    | LookUpNode
    | EnqueueNode
    | CallbackNode
    | VoicemailNode
    | SurveyNode
    | ForwardNode
    | HangupNode,
    Field(discriminator="type"),
]


class Budget(Part):
    """The most seconds to a line: `usual` for one who presses at once, `worst` for one who gets everything wrong."""

    usual: PositiveInt
    worst: PositiveInt


class FlowFile(Part):
    """A whole flow file; who points to whom is checked afterwards.

    `zone` is where its dates and times are told, `currency` (ISO 4217) that of its amounts.
    """

    name: Name
    languages: tuple[Language, ...] = Field(min_length=1)
    default_language: Language
    zone: Annotated[str, AfterValidator(zone_name)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    start: Name
    person: Name
    retries: Retries = 2
    budget_s: Budget
    nodes: dict[Name, Node] = Field(min_length=1)
    prompts: dict[Name, Annotated[dict[Language, Spoken], Field(min_length=1)]]


def prompt_of(node: Node) -> str | None:
    """The prompt that is said at a node; None at one that says nothing."""
    return None if isinstance(node, CallerNode) else node.prompt


def prompts_of(node: Node) -> set[str]:
    """Every prompt that a node says or sends."""
    texts = {prompt_of(node), node.text if isinstance(node, MessageNode) else None}
    return {prompt for prompt in texts if prompt}
