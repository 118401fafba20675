"""One entry of a flow's text is changed, and nothing else of it: comments, order and spelling of the rest stay.

For the form in the studio, whose every change is a change of the text; a call never comes here.
"""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString, SingleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

from ivr.lined_yaml import Path

# What a prompt consists of besides its words; an entry that has none of it is written as the words alone.
PROMPT, WORDS = 4, "text"

Value = str | int | bool | None


class NotEdited(ValueError):
    """The text cannot be read, or has no such place."""


def edit(text: str, path: Path, value: Value) -> str:
    """The text with one entry set, or taken out when `value` is None or empty. Raises NotEdited."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 1_000_000  # no line is broken that was not
    try:
        tree = yaml.load(text)
    except (YAMLError, ValueError) as error:
        raise NotEdited("The text cannot be read as YAML.") from error
    wanted = None if value == "" else value
    *folders, name = path
    parent = _folder(tree, tuple(folders), make=wanted is not None)
    if parent is None:
        return text
    key = _key(parent, name)
    if wanted is None:
        _take_out(parent, key)
    elif key in parent:
        parent[key] = _written(parent[key], wanted)
    else:
        _add(parent, key, _written(None, wanted))
    if path[0] == "prompts" and len(path) == PROMPT:
        _as_short_as_can_be(tree["prompts"], path)
    whole = StringIO()
    yaml.dump(tree, whole)
    return whole.getvalue()


def _folder(tree: Any, path: Path, make: bool) -> CommentedMap | None:
    """The mapping at a path. Plain words on the way become `{text: words}`; what is missing is made, if wanted."""
    if not isinstance(tree, CommentedMap):
        raise NotEdited("The text is no menu.")
    here = tree
    for depth, part in enumerate(path):
        key = _key(here, part)
        inner = here.get(key)
        if isinstance(inner, str) and depth == PROMPT - 2 and path[0] == "prompts":
            inner = here[key] = _beside(here, {WORDS: inner})
        elif inner is None:
            if not make:
                return None
            inner = here[key] = _beside(here, {})
        if not isinstance(inner, CommentedMap):
            raise NotEdited(f"`{part}` is written in another way; change it in the text.")
        here = inner
    return here


def _beside(parent: CommentedMap, entries: dict[str, Any]) -> CommentedMap:
    """A new mapping, in braces where the one around it is."""
    made = CommentedMap(entries)
    if parent.fa.flow_style():
        made.fa.set_flow_style()
    return made


def _key(parent: CommentedMap, name: str | int) -> Any:
    """The key as it is written: a phone's 1 may stand there as a number."""
    new = int(name) if isinstance(name, str) and name.isdecimal() else name
    return next((key for key in parent if str(key) == str(name)), new)


def _written(before: Any, value: str | int | bool) -> Any:
    """The value in the quotes that it had; lines that are to stay apart in a block."""
    if not isinstance(value, str):
        return value
    value = "\n".join(line.rstrip() for line in value.strip().splitlines())
    if "\n" in value:
        return LiteralScalarString(value)
    if isinstance(before, SingleQuotedScalarString | DoubleQuotedScalarString):
        return type(before)(value)
    return value


def _as_short_as_can_be(prompts: CommentedMap, path: Path) -> None:
    """A prompt in a language that has words alone is written as them; one that has nothing at all is not written."""
    of_prompt = prompts[_key(prompts, path[1])]
    language = _key(of_prompt, path[2])
    written = of_prompt.get(language)
    if isinstance(written, CommentedMap) and not written:
        _take_out(of_prompt, language)
    elif (
        isinstance(written, CommentedMap)
        and set(written) == {WORDS}
        and not written.ca.items
        and not written.ca.comment
    ):
        of_prompt[language] = written[WORDS]


def _add(parent: CommentedMap, key: Any, value: Any) -> None:
    """A new entry behind the last one, before what is remarked below that: it belongs to whatever follows."""
    last = next(reversed(parent), None)
    remark = None if last is None else _remark_below(parent, last)
    if remark:
        holder, deepest = _last(parent, last)
        slots = holder.ca.items[deepest]
        behind = slots[2].value.partition("\n")[0]
        slots[2] = CommentToken(behind + "\n", slots[2].start_mark, None) if behind.strip() else None
        parent.ca.items[key] = [None, None, remark, None]
    parent[key] = value


def _take_out(parent: CommentedMap, key: Any) -> None:
    """Without an entry, but with what is remarked below it: that belongs to whatever follows."""
    if key not in parent:
        return
    remark, before = _remark_below(parent, key), list(parent)[: list(parent).index(key)]
    del parent[key]
    parent.ca.items.pop(key, None)
    if not remark:
        return
    if not before:
        raise NotEdited("There is a remark below this entry; take it out in the text.")
    holder, last = _last(parent, before[-1])
    slots = holder.ca.items.setdefault(last, [None, None, None, None])
    if slots[2] is None:
        slots[2] = remark
    else:
        slots[2].value = slots[2].value.rstrip("\n") + "\n" + remark.value.lstrip("\n")


def _last(parent: CommentedMap, key: Any) -> tuple[CommentedMap, Any]:
    """The entry that is written last at a key, however deep."""
    while isinstance(parent[key], CommentedMap) and parent[key] and not parent[key].fa.flow_style():
        parent, key = parent[key], list(parent[key])[-1]
    return parent, key


def _remark_below(parent: CommentedMap, key: Any) -> Any:
    """The lines of remarks and the empty lines between an entry and the next; a remark behind it goes with it."""
    holder, last = _last(parent, key)
    slots = holder.ca.items.get(last)
    token = slots[2] if slots else None
    if token is None or "\n" not in token.value.rstrip(" "):
        return None
    behind, _, below = token.value.partition("\n")
    return CommentToken("\n" + below, token.start_mark, None) if below or not behind else None
