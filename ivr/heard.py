"""What a caller did at a place of the menu, and which of its options that is.

A door turns a webhook into one of these; a menu step asks here what was meant.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.nodes import CallerNode, LanguageNode, MenuNode

# Below this a recogniser guesses; a caller is asked again rather than sent somewhere wrong.
LEAST_CONFIDENCE = 0.3


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: `language` is the one we remember, `called` the number that was dialled, `country` an ISO code.

    `importance` is their priority in minutes of waiting time given in advance; `recent` callers called in the last day.
    `withheld`: there is no number to send anything to. `callback_ms` is until when they are promised a call, `case_ms`
    when the first of their open cases is due (UTC ms, 0 for none), `zone` where their number is at home (empty when it
    does not tell, None when nobody asked).
    `given` are the values that this call has brought, by name.
    """

    known: bool = False
    language: str | None = None
    name: str | None = None
    called: str = ""
    country: str | None = None
    importance: float = 0
    recent: bool = False
    withheld: bool = False
    callback_ms: int = 0
    case_ms: int = 0
    zone: str | None = None
    given: Mapping[str, str] = field(default_factory=dict, hash=False)

    def owed_ms(self, node: CallerNode) -> int:
        """Until when they are owed what a node asks about (UTC ms); 0 when nothing is."""
        return {"due_callback": self.callback_ms, "open_case": self.case_ms}.get(node.is_, 0)


@dataclass(frozen=True, slots=True)
class Start:
    """The call has just come in."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys were pressed."""

    digits: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Something was said; `confidence` is 0.0 to 1.0 and may be missing."""

    text: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Nothing:
    """The caller let the time pass."""


@dataclass(frozen=True, slots=True)
class Resume:
    """The caller is back at a place after something else, and hears its question again."""


@dataclass(frozen=True, slots=True)
class NotReached:
    """Nobody answered at the number to which the caller was forwarded."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the company's own service answered, as it came; None when nothing came in time."""

    answer: str | None = None


Heard = Start | Keys | Speech | Nothing | Resume | NotReached | Found


def is_empty(heard: Heard) -> bool:
    """Whether nothing was pressed or said."""
    match heard:
        case Keys(digits=given) | Speech(text=given):
            return not given.strip()
        case _:
            return True


def chosen_key(node: MenuNode | LanguageNode, heard: Heard, language: str) -> str | None:
    """The key of the option that was pressed or said; None when it is none of them."""
    if isinstance(heard, Keys):
        return heard.digits if heard.digits in node.options else None
    if isinstance(heard, Speech) and isinstance(node, MenuNode):
        return _spoken_key(node, heard, language)
    return None


def _spoken_key(node: MenuNode, heard: Speech, language: str) -> str | None:
    """The key whose phrase was said; the longest phrase wins, so `bill payment` is not taken for `bill`."""
    if heard.confidence is not None and heard.confidence < LEAST_CONFIDENCE:
        return None
    said = words(heard.text)
    phrases = [
        (len(phrase), key)
        for key, option in node.options.items()
        for phrase in option.speech.get(language, ())
        if words(phrase) in said
    ]
    return max(phrases, key=lambda phrase: phrase[0])[1] if phrases else None


def hints(node: MenuNode, language: str) -> tuple[str, ...]:
    """The phrases a menu listens for in a language."""
    return tuple(phrase for option in node.options.values() for phrase in option.speech.get(language, ()))


def words(text: str) -> str:
    """What counts of a phrase: lower-case words between single spaces. Marks stay: in Indic scripts they are vowels."""
    folded = unicodedata.normalize("NFC", text).casefold()
    apart = "".join(" " if unicodedata.category(character)[0] == "P" else character for character in folded)
    return f" {' '.join(apart.split())} "
