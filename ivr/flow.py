"""A menu flow: its nodes, choices and prompts, read from flows/*.yaml and refused with line and reason when wrong.

Read once when the service starts; every step of every caller's menu walks over it.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import ValidationError

from ivr.exits import CallbackNode, EnqueueNode, VoicemailNode
from ivr.hours import Hours
from ivr.lined_yaml import LinedYaml, Problem, WrongFile, read_yaml
from ivr.nodes import FlowFile, HoursNode, LanguageNode, Node, prompt_of, prompts_of
from ivr.parts import Listening
from ivr.reply import Prompt
from ivr.wording import PLACEHOLDER

__all__ = ["Flow", "FlowError", "Problem", "load_flow"]


class FlowError(WrongFile):
    """A flow file is refused; `problems` holds every fault with its line."""


@dataclass(frozen=True)
class Flow:
    """A flow ready to be walked: every name it mentions exists, and every walk comes to a question or an end.

    `version` is a short hash of the text. `hours` are the opening hours known by name; a line whose hours are not
    known counts as open, because no caller may be turned away over a missing entry (the checker reports it).
    """

    file: FlowFile
    version: str
    yaml: LinedYaml
    hours: Mapping[str, Hours]

    @property
    def nodes(self) -> Mapping[str, Node]:
        """Nodes by name."""
        return self.file.nodes

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages in which callers are spoken to."""
        return self.file.languages

    def queues(self) -> set[str]:
        """The names of all queues that this flow sends callers to."""
        wanting = (EnqueueNode, CallbackNode, VoicemailNode)
        return {node.queue for node in self.nodes.values() if isinstance(node, wanting)}

    def prompt(self, id: str, language: str, short: bool = False) -> Prompt:
        """A prompt in a language, or in the default language where it was not written; its short form if it has one."""
        written = self.file.prompts[id]
        spoken = language if language in written else self.file.default_language
        if spoken not in written:
            spoken = next(iter(written))
        words = written[spoken]
        if short and words.short:
            return Prompt(words.short, spoken, words.short_audio)
        return Prompt(words.text, spoken, words.audio)

    def speaks(self, language: str | None) -> str | None:
        """The language if this flow speaks it, else None."""
        return language if language in self.languages else None

    def retries(self, node: Listening) -> int:
        """How often a node asks again."""
        return self.file.retries if node.retries is None else node.retries


def load_flow(text: str, source: str, hours: Mapping[str, Hours] | None = None) -> Flow:
    """Read a flow; `source` names the file in messages, `hours` are the center's opening hours by name.

    Raises FlowError with every problem at once: those of the form, or, when the form is right, those of the names.
    """
    try:
        yaml = read_yaml(text, source)
        file = FlowFile.model_validate(yaml.data)
    except ValidationError as error:
        raise FlowError(yaml.problems_of(error)) from error
    except WrongFile as error:
        raise FlowError(error.problems) from error
    if problems := list(_wrong_names(file, yaml)):
        raise FlowError(problems)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Flow(file, version, yaml, MappingProxyType(dict(hours or {})))


def _wrong_names(file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    if file.default_language not in file.languages:
        yield yaml.problem(f"`{file.default_language}` is not one of the languages", "default_language")
    if file.start not in file.nodes:
        yield yaml.problem(f"no node is called `{file.start}`", "start")
    if not isinstance(file.nodes.get(file.person), EnqueueNode):
        yield yaml.problem(f"`{file.person}` is not a node of type enqueue", "person")
    for name, node in file.nodes.items():
        yield from _wrong_names_of(name, node, file, yaml)
        if _runs_in_a_circle(name, file):
            yield yaml.problem(f"`{name}` leads back to itself without asking the caller anything", "nodes", name)
    yield from _wrong_placeholders(file, yaml)


def _wrong_names_of(name: str, node: Node, file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    for where, target in _targets(node):
        if target not in file.nodes:
            yield yaml.problem(f"no node is called `{target}`", "nodes", name, *where)
    for prompt in prompts_of(node) - set(file.prompts):
        field = "prompt" if prompt == prompt_of(node) else "text"
        yield yaml.problem(f"no prompt is called `{prompt}`", "nodes", name, field)
    if isinstance(node, LanguageNode):
        for key, language in node.options.items():
            if language not in file.languages:
                yield yaml.problem(f"`{language}` is not one of the languages", "nodes", name, "options", key)


def _targets(node: Node) -> Iterator[tuple[tuple[str, ...], str]]:
    for field in ("next", "otherwise", "open", "closed", "yes", "no"):
        if target := getattr(node, field, None):
            yield (field,), target
    if node.type == "menu":
        for key, option in node.options.items():
            yield ("options", key, "next"), option.next


def _runs_in_a_circle(name: str, file: FlowFile) -> bool:
    """Whether a walk from a node that asks nothing can come back to it without a question in between."""
    ahead, seen = [name], set[str]()
    while ahead:
        node = file.nodes.get(ahead.pop())
        if node is None or isinstance(node, Listening):
            continue
        if name in (targets := set(node.ways().values())):
            return True
        ahead.extend(targets - seen)
        seen |= targets
    return False


def _wrong_placeholders(file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    with_opening = {node.prompt for node in file.nodes.values() if isinstance(node, HoursNode)}
    without = {prompt for node in file.nodes.values() if not isinstance(node, HoursNode) for prompt in prompts_of(node)}
    for id, by_language in file.prompts.items():
        known = {"opens"} if id in with_opening - without else set()
        for language, spoken in by_language.items():
            for unknown in sorted(set(PLACEHOLDER.findall(f"{spoken.text} {spoken.short}")) - known):
                yield yaml.problem(f"nothing fills in `{{{unknown}}}` here", "prompts", id, language)
