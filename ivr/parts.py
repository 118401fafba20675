"""What the nodes of a menu flow are written with: names, words, and what all kinds have in common.

The kinds themselves stand in `nodes.py` (those that keep a caller in the menu) and `exits.py` (those that let one go).
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9*#]$")]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Seconds = Annotated[int, Field(ge=1, le=30)]
Retries = Annotated[int, Field(ge=0, le=5)]

# How a value is spoken: digit by digit, as a day, as money, as a number, as a time to come, as until when something
# is done, or as the text it is.
Kind = Literal["digits", "date", "amount", "number", "time", "due", "text"]

PERSON_KEY = "0"
BACK_KEY = "*"

# What is chosen when a look-up brings nothing; no name of an answer can be this.
FALLBACK = "no answer"


def _address(text: str) -> str:
    if not re.fullmatch(r"(https?://|/)\S+", text):
        raise ValueError(f"`{text}` is not an address such as https://… or /audio/…")
    return text


# Where a recording is, at an address or a path of the service itself.
Recorded = Annotated[Words, AfterValidator(_address)]


class Part(BaseModel):
    """A piece of a flow file: read once, never changed, no unknown entries."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Spoken(Part):
    """A prompt in one language: its words and, if there is one, the URL of a recording of them.

    `short` is for a caller who called in the last day and knows the rest; `short_audio` a recording of it.
    """

    text: Words
    audio: Recorded | None = None
    short: Words | None = None
    short_audio: Recorded | None = None

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


class Listening(Part):
    """What the kinds share that ask the caller: silence and wrong keys are asked again `retries` times.

    After that the caller goes `otherwise`, which is the flow's person unless the node names another node.
    """

    prompt: Name
    timeout_s: Seconds = 5
    retries: Retries | None = None
    otherwise: Name | None = None
