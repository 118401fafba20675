"""What comes together on the way through one step of the menu: what to say, what was chosen, in which language.

A step begins with a visit, adds to it node by node, and makes one reply of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ivr import wording
from ivr.flow import Flow
from ivr.heard import Caller
from ivr.reply import MAX_TRAIL, Choice, Given, Place, Prompt, Reply, Then
from ivr.spoken import Here, speak
from ivr.wording import PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Visit:
    """One step so far; each method gives a visit that knows one thing more. `chosen` is the language, once known."""

    flow: Flow
    caller: Caller
    now_ms: int
    chosen: str | None = None
    trail: tuple[str, ...] = ()
    turns: int = 0
    say: tuple[Prompt, ...] = ()
    choices: tuple[Choice, ...] = ()
    remember: bool = False
    messages: tuple[str, ...] = ()
    given: tuple[Given, ...] = ()

    @property
    def language(self) -> str:
        """The language in force."""
        return self.chosen or self.flow.file.default_language

    @property
    def here(self) -> Here:
        """When and where this is."""
        return Here(self.now_ms, self.flow.zone, self.flow.file.currency or "", self.caller.zone)

    @property
    def values(self) -> Mapping[str, str]:
        """What the call has brought, by name, this step's own included, and what the caller is owed."""
        owed = {name: str(self.caller.owed_ms(node)) for name, node in self.flow.owed.items()}
        return {**owed, **self.caller.given, **{given.name: given.value for given in self.given}}

    def prompt(self, id: str, language: str = "", **ours: str) -> Prompt:
        """A prompt of the flow as this caller hears it, with its values filled in."""
        prompt = self.flow.prompt(id, language or self.language, short=self.caller.recent)
        told = {
            name: speak(self.flow.kinds[name], self.values.get(name, ""), prompt.language, self.here)
            for name in PLACEHOLDER.findall(prompt.text)
            if name in self.flow.kinds
        }
        return replace(prompt, text=wording.fill(prompt.text, told | ours))

    def saying(self, id: str | None) -> "Visit":
        """A prompt of the flow, if there is one."""
        return self.also(self.prompt(id)) if id else self

    def saying_ours(self, sentence: str, **values: str | int) -> "Visit":
        """One of our own sentences."""
        return self.also(Prompt(wording.say(sentence, self.language, **values), self.language))

    def also(self, *prompts: Prompt) -> "Visit":
        """More to say."""
        return replace(self, say=(*self.say, *prompts))

    def sending(self, id: str) -> "Visit":
        """A prompt of the flow as a text message."""
        return replace(self, messages=(*self.messages, self.prompt(id).text))

    def giving(self, *given: Given) -> "Visit":
        """Values to be kept with the call."""
        return replace(self, given=(*self.given, *given))

    def choosing(self, node: str, choice: str) -> "Visit":
        """What the caller chose at a node."""
        return replace(self, choices=(*self.choices, Choice(node, choice)))

    def leaving(self, node: str) -> "Visit":
        """The question at a node is answered; `*` leads back to it."""
        return replace(self, trail=(*self.trail, node)[-MAX_TRAIL:])

    def remembered(self) -> "Visit":
        """A person is asked for before a language is chosen: take the one that we remember."""
        return replace(self, chosen=self.chosen or self.flow.speaks(self.caller.language))

    def place(self, node: str, tries: int = 0) -> Place:
        """The place at a node, one turn further."""
        return Place(node, tries, self.chosen, self.trail, self.turns + 1)

    def reply(self, then: Then) -> Reply:
        """The end of this step."""
        return Reply(self.say, then, self.language, self.choices, self.remember, self.messages, self.given)
