"""A menu flow: its nodes, choices and prompts, read from flows/*.yaml and refused with line and reason when wrong.

Read once when the service starts; every step of every caller's menu walks over it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from ivr.exits import CallbackNode, EnqueueNode, VoicemailNode
from ivr.flow_names import kinds, wrong_names
from ivr.hours import Hours
from ivr.lined_yaml import LinedYaml, Problem, WrongFile, read_yaml
from ivr.nodes import CallerNode, FlowFile, Node
from ivr.parts import Kind, Listening
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
    def zone(self) -> ZoneInfo:
        """Where its dates and times are told; only a flow that tells some needs to say."""
        return ZoneInfo(self.file.zone or "UTC")

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """What its prompts may name in braces, and what kind of value that is."""
        return kinds(self.file)

    @cached_property
    def owed(self) -> Mapping[str, CallerNode]:
        """The nodes, by name, that ask what the caller is owed."""
        return {name: node for name, node in self.nodes.items() if isinstance(node, CallerNode) and node.is_owed}

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

    def values_in(self, id: str, language: str) -> set[str]:
        """Which values of the call a prompt names, in its long and in its short form."""
        texts = (self.prompt(id, language, short).text for short in (False, True))
        return {name for text in texts for name in PLACEHOLDER.findall(text) if name in self.kinds}

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
    if problems := list(wrong_names(file, yaml)):
        raise FlowError(problems)
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Flow(file, version, yaml, MappingProxyType(dict(hours or {})))
