"""YAML text with the line of every entry, so that a wrong file is refused by file, line and reason.

Used before any call: a flow or center file is read here, and only a file without problems reaches a caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

Path = tuple[str | int, ...]

# An alias that contains itself would otherwise be followed for ever.
MAX_DEPTH = 40


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one file; `line` counts from 1, `path` is the entry's, for a form that shows it."""

    source: str
    line: int
    reason: str
    path: Path = field(default=(), compare=False)

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.reason}"


class WrongFile(ValueError):
    """A file is refused; `problems` names every fault at once, in the order of lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class LinedYaml:
    """The plain data of a YAML text (mapping keys are strings) and where each entry stands."""

    source: str
    data: Any
    lines: Mapping[Path, int]

    def known(self, path: Path) -> Path:
        """The part of `path` that stands in the file; pydantic's own words in a path (union tags) are passed over."""
        found: Path = ()
        for part in path:
            if (*found, part) in self.lines:
                found = (*found, part)
        return found

    def line(self, *path: str | int) -> int:
        """The line of an entry, or of the nearest entry around it when it is missing."""
        return self.lines[self.known(path)]

    def problem(self, reason: str, *path: str | int) -> Problem:
        """A problem placed at the line of `path`."""
        return Problem(self.source, self.line(*path), reason, self.known(path))

    def problems_of(self, error: ValidationError) -> list[Problem]:
        """Every fault that pydantic found, each at its own line and in plain words."""
        return [self.problem(_reason(fault, self.known(fault["loc"])), *fault["loc"]) for fault in error.errors()]


def read_yaml(text: str, source: str) -> LinedYaml:
    """Read YAML 1.2, in which `no` and `on` are words. Raises WrongFile when it is not YAML or names a key twice."""
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongFile([Problem(source, line, (error.problem or "not YAML").splitlines()[0])]) from error
    except (YAMLError, ValueError) as error:
        raise WrongFile([Problem(source, 1, str(error).splitlines()[0])]) from error
    lines: dict[Path, int] = {(): 1}
    problems: list[Problem] = []
    data = _plain(tree, (), source, lines, problems)
    if problems:
        raise WrongFile(problems)
    return LinedYaml(source, data, lines)


def _plain(tree: Any, path: Path, source: str, lines: dict[Path, int], problems: list[Problem]) -> Any:
    if len(path) > MAX_DEPTH:
        problems.append(Problem(source, lines[path], f"nested deeper than {MAX_DEPTH} levels"))
        return None
    if isinstance(tree, Mapping):
        return _plain_mapping(tree, path, source, lines, problems)
    if isinstance(tree, Sequence) and not isinstance(tree, str):
        for index in range(len(tree)):
            lines[(*path, index)] = _line(tree, index, lines[path])
        return [_plain(item, (*path, index), source, lines, problems) for index, item in enumerate(tree)]
    return tree


def _plain_mapping(
    tree: Mapping[Any, Any], path: Path, source: str, lines: dict[Path, int], problems: list[Problem]
) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in tree.items():
        # Menu keys are written 1, 2, 3 and must not become numbers: 1 and "1" are the same key of a phone.
        name = str(key)
        line = _line(tree, key, lines[path])
        if name in plain:
            problems.append(Problem(source, line, f"`{name}` stands here twice"))
        lines[(*path, name)] = line
        plain[name] = _plain(value, (*path, name), source, lines, problems)
    return plain


def _line(tree: Any, key: Any, otherwise: int) -> int:
    place = (tree.lc.data or {}).get(key)
    return int(place[0]) + 1 if place else otherwise


def _reason(fault: Any, known: Path) -> str:
    kind, field = fault["type"], fault["loc"][-1] if fault["loc"] else "file"
    if kind == "missing":
        return f"`{field}` is missing"
    if kind == "extra_forbidden":
        return f"`{field}` is not known here"
    if kind == "union_tag_not_found":
        return "`type` is missing"
    if kind == "union_tag_invalid":
        return f"type `{fault['ctx']['tag']}` is not known; known are {fault['ctx']['expected_tags']}"
    words = str(fault["ctx"]["error"]) if kind == "value_error" else fault["msg"]
    return f"`{known[-1] if known else 'file'}`: {words[0].lower()}{words[1:]}"
