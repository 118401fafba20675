"""What the kinds of node say of their own entries: which there are, what may stand there, and how people call it.

Read from the classes in `nodes.py` and `exits.py`, so that a new kind has its form in the studio as it is written.
"""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo

from ivr.nodes import Node

KINDS = {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(Node)[0])}
LABELS = {
    "next": "Then",
    "otherwise": "After silence or wrong keys",
    "open": "When it is open",
    "closed": "When it is closed",
    "yes": "If so",
    "no": "If not",
    "fallback": "Without an answer",
    "is": "The caller is",
    "text": "Message",
    "reason": "Contact reason",
    "hours": "Opening hours",
    "timeout_s": "Seconds to wait",
    "retries": "How often it is asked again",
    "least": "Fewest keys",
    "most": "Most keys",
    "from": "From",
    "to": "Up to",
    "least_minutes": "Least minutes of priority",
    "number": "Number (+ and country code)",
    "url": "Address (URL)",
    "promised": "In the place of a callback that is owed",
}


def entries(kind: str) -> list[tuple[str, FieldInfo]]:
    """The entries of a kind of node, as they are written, without its `type`; none for a kind that is not known."""
    fields = KINDS[kind].model_fields.items() if kind in KINDS else ()
    return [(info.alias or name, info) for name, info in fields if name != "type"]


def plain(annotation: Any) -> Any:
    """`int`, `str`, `bool`, the words of a Literal, or None for what no field can hold."""
    if get_origin(annotation) is Annotated:
        return plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return plain(kinds[0]) if len(kinds) == 1 else None
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return annotation if annotation in (int, str, bool) else None


def bounds(info: FieldInfo) -> tuple[int | None, int | None]:
    """The least and the most that a number may be; None where there is no bound."""
    found = [*info.metadata, *_metadata(info.annotation)]
    least = next((rule.ge for rule in found if isinstance(rule, Ge)), None)
    above = next((rule.gt for rule in found if isinstance(rule, Gt)), None)
    most = next((rule.le for rule in found if isinstance(rule, Le)), None)
    least = above + 1 if least is None and isinstance(above, int) else least
    return least, most  # type: ignore[return-value]


def _metadata(annotation: Any) -> Iterator[Any]:
    """The rules of an annotation, of those inside it too; pydantic keeps some of them in a FieldInfo."""
    for part in get_args(annotation):
        yield from part.metadata if isinstance(part, FieldInfo) else [part]
        yield from _metadata(part)


def label(name: str) -> str:
    """What people call an entry."""
    return LABELS.get(name, name.replace("_", " ").capitalize())
