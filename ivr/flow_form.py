"""A node of a flow as a form: its entries, the ways on, and what it says in each language. Pure.

For the studio. The form is read from the text, and each of its fields names the entry that it stands for, so that
`flow_edit.py` can change that one; what is too rich for a field is told by its line. A text with faults has a form too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic.fields import FieldInfo

from ivr import node_entries, wording
from ivr.lined_yaml import LinedYaml, Path, Problem
from ivr.parts import BACK_KEY, PERSON_KEY

TARGETS = ("next", "otherwise", "open", "closed", "yes", "no", "fallback")
KEYS = tuple(key for key in "123456789#" if key not in (PERSON_KEY, BACK_KEY))
WORDS = (("text", "Words"), ("short", "Short form, for who called in the last day"))
RECORDINGS = (("audio", "Recording (URL)"), ("short_audio", "Recording of the short form (URL)"))


@dataclass(frozen=True)
class Field:
    """One entry: where it stands, what may be put there, and what is wrong with what does.

    `usual` is what holds where nothing is written.
    """

    path: Path
    label: str
    kind: Literal["choice", "number", "line", "lines", "tick"]
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False
    least: int | None = None
    most: int | None = None
    problems: tuple[str, ...] = ()
    usual: str = ""

    @property
    def id(self) -> str:
        """Its name in the page."""
        return "f-" + "-".join(map(str, self.path))


@dataclass(frozen=True)
class Spoken:
    """A prompt in one language; `seconds` is about how long its words take."""

    language: str
    words: tuple[Field, ...]
    recordings: tuple[Field, ...]
    seconds: int

    @property
    def recorded(self) -> bool:
        """Whether there is a recording to play."""
        return any(field.value for field in self.recordings)


@dataclass(frozen=True)
class Said:
    """A prompt of this node: said or sent, and at which other nodes too."""

    id: str
    sent: bool
    line: int
    also: tuple[str, ...]
    spoken: tuple[Spoken, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Form:
    """One node; `elsewhere` are entries that are changed in the text, each with its line."""

    node: str
    kind: str
    line: int
    fields: tuple[Field, ...]
    options: tuple[Field, ...]
    free_keys: tuple[str, ...]
    targets: tuple[str, ...]
    said: tuple[Said, ...]
    elsewhere: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]


def nodes_of(yaml: LinedYaml) -> tuple[str, ...]:
    """The names of all nodes that are written so far, in their order."""
    return tuple(_mapping(yaml.data, "nodes"))


def form_of(
    yaml: LinedYaml, node: str, center: Mapping[str, Iterable[str]], problems: Sequence[Problem] = ()
) -> Form | None:
    """The form of a node; None when there is none such. `center` are the names of its queues, reasons and hours."""
    written = _mapping(yaml.data, "nodes", node)
    if not written:
        return None
    reader = _Reader(yaml, node, written, {name: tuple(names) for name, names in center.items()}, problems)
    kind = str(written.get("type", ""))
    targets = reader.targets
    options = tuple(reader.options())
    return Form(
        node=node,
        kind=kind,
        line=yaml.line("nodes", node),
        fields=tuple(reader.fields(kind)),
        options=options,
        free_keys=tuple(key for key in KEYS if key not in _mapping(written, "options")) if options else (),
        targets=targets,
        said=tuple(reader.said()),
        elsewhere=tuple(reader.elsewhere(kind)),
        problems=reader.rest(),
    )


class _Reader:
    """What is written of one node, with the problems that no field has taken yet."""

    def __init__(
        self,
        yaml: LinedYaml,
        node: str,
        written: Mapping[str, Any],
        center: Mapping[str, tuple[str, ...]],
        problems: Sequence[Problem],
    ) -> None:
        self.yaml, self.node, self.written, self.center = yaml, node, written, center
        self.problems = list(problems)
        languages = yaml.data.get("languages") if isinstance(yaml.data, dict) else None
        self.languages = tuple(map(str, languages)) if isinstance(languages, list) else ()

    @property
    def targets(self) -> tuple[str, ...]:
        """Where an option may lead."""
        return self.languages if self.written.get("type") == "language" else nodes_of(self.yaml)

    def fields(self, kind: str) -> Iterator[Field]:
        for name, info in node_entries.entries(kind):
            if field := self._field(name, info):
                yield field

    def _field(self, name: str, info: FieldInfo) -> Field | None:
        path, value = ("nodes", self.node, name), self.written.get(name)
        about = Field(path, node_entries.label(name), "line", _text(value), needed=info.is_required())
        about = replace(about, problems=self._about(path))
        if names := self._names(name):
            return replace(about, kind="choice", choices=self._choices(name, names, value, info))
        match node_entries.plain(info.annotation):
            case type() as kind if kind is bool:
                return replace(about, kind="tick", value="true" if value is True else "")
            case type() as kind if kind is int:
                least, most = node_entries.bounds(info)
                usual = self.yaml.data.get(name, 2) if name == "retries" else info.default
                return replace(
                    about, kind="number", least=least, most=most, usual="" if info.is_required() else _text(usual)
                )
            case type() as kind if kind is str:
                return about
            case tuple() as words:
                return replace(about, kind="choice", choices=_listed(words, info))
        return None

    def _names(self, name: str) -> tuple[str, ...]:
        if name in TARGETS:
            return nodes_of(self.yaml)
        if name == "prompt" or (name == "text" and self.written.get("type") == "message"):
            return tuple(_mapping(self.yaml.data, "prompts"))
        return self.center.get(name, ())

    def _choices(self, name: str, names: tuple[str, ...], value: Any, info: FieldInfo) -> tuple[tuple[str, str], ...]:
        none = "a person" if name == "otherwise" else "none"
        empty = () if info.is_required() and value else (("", "choose one" if info.is_required() else none),)
        unknown = ((_text(value), f"{_text(value)} (unknown)"),) if value and _text(value) not in names else ()
        return (*empty, *unknown, *((one, one) for one in names))

    def options(self) -> Iterator[Field]:
        """A key and where it leads, or which language it chooses."""
        for key, option in _mapping(self.written, "options").items():
            path: Path = ("nodes", self.node, "options", key)
            if isinstance(option, dict):
                path, option = (*path, "next"), option.get("next")
            targets = self.targets
            unknown = () if _text(option) in targets else ((_text(option), f"{_text(option)} (unknown)"),)
            choices = (*unknown, *((one, one) for one in targets))
            yield Field(path, key, "choice", _text(option), choices, needed=True, problems=self._about(path))

    def said(self) -> Iterator[Said]:
        """Its prompts, each in every language of the flow."""
        for name in ("prompt", "text"):
            id = self.written.get(name)
            if isinstance(id, str) and id and (name == "prompt" or self.written.get("type") == "message"):
                yield self._said(id, sent=name == "text")

    def _said(self, id: str, sent: bool) -> Said:
        prompt = _mapping(self.yaml.data, "prompts", id)
        others = ((name, _mapping(self.yaml.data, "nodes", name)) for name in nodes_of(self.yaml) if name != self.node)
        also = tuple(name for name, other in others if id in (other.get("prompt"), other.get("text")))
        spoken = tuple(self._spoken(id, language, prompt.get(language)) for language in self.languages)
        return Said(id, sent, self.yaml.line("prompts", id), also, spoken, self._about(("prompts", id)))

    def _spoken(self, id: str, language: str, written: Any) -> Spoken:
        parts = written if isinstance(written, dict) else {"text": written}
        path = ("prompts", id, language)

        def field(name: str, label: str) -> Field:
            problems = (*self._about((*path, name)), *(self._about(path) if name == "text" else ()))
            kind: Literal["line", "lines"] = "lines" if name in ("text", "short") else "line"
            return Field((*path, name), label, kind, _text(parts.get(name)), needed=name == "text", problems=problems)

        words, recordings = (tuple(field(*row) for row in rows) for rows in (WORDS, RECORDINGS))
        return Spoken(language, words, recordings, round(wording.seconds_to_say(words[0].value)))

    def elsewhere(self, kind: str) -> Iterator[tuple[str, int]]:
        """What no field can hold and is written: skills, answers, phrases."""
        for name, _info in node_entries.entries(kind):
            if name != "options" and isinstance(self.written.get(name), dict | list):
                yield name, self.yaml.line("nodes", self.node, name)
        for key, option in _mapping(self.written, "options").items():
            if isinstance(option, dict) and "speech" in option:
                yield f"phrases for {key}", self.yaml.line("nodes", self.node, "options", key, "speech")

    def _about(self, path: Path) -> tuple[str, ...]:
        mine = [problem for problem in self.problems if problem.path == path]
        self.problems = [problem for problem in self.problems if problem.path != path]
        return tuple(problem.reason for problem in mine)

    def rest(self) -> tuple[str, ...]:
        """Problems of the node that belong to no field."""
        return tuple(problem.reason for problem in self.problems if problem.path[:2] == ("nodes", self.node))


def _listed(words: tuple[Any, ...], info: FieldInfo) -> tuple[tuple[str, str], ...]:
    """The words of a list, behind what holds when none is written."""
    listed = tuple((str(word), str(word).replace("_", " ")) for word in words)
    return listed if info.is_required() else (("", f"({_text(info.default) or 'none'})".replace("_", " ")), *listed)


def _mapping(data: Any, *path: str) -> Mapping[str, Any]:
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
