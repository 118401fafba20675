"""One step of the menu: the flow, where the caller is, what was heard, and now → what to say and where to go.

Runs on every key press between the first webhook and the line. Pure and without memory: the same place and the same
input give the same reply, so a webhook delivered twice changes nothing.
"""

from dataclasses import dataclass, replace

from ivr import wording
from ivr.flow import Flow
from ivr.heard import Caller, Heard, Keys, Nothing, Resume, Speech, Start, chosen_key, hints, is_empty
from ivr.nodes import (
    BACK_KEY,
    PERSON_KEY,
    EnqueueNode,
    HangupNode,
    HoursNode,
    LanguageNode,
    MenuNode,
    SayNode,
)
from ivr.reply import MAX_TRAIL, Choice, Enqueue, HangUp, Listen, Place, Prompt, Reply

__all__ = [
    "Caller",
    "Choice",
    "Enqueue",
    "HangUp",
    "Heard",
    "Keys",
    "Listen",
    "Nothing",
    "Place",
    "Prompt",
    "Reply",
    "Resume",
    "Speech",
    "Start",
    "start",
    "step",
]

# Whoever has been asked this often, going back and forth, wants a person.
MAX_TURNS = 20


@dataclass(frozen=True, slots=True)
class _Visit:
    """What has come together on the way through one step."""

    flow: Flow
    now_ms: int
    chosen: str | None = None
    trail: tuple[str, ...] = ()
    turns: int = 0
    say: tuple[Prompt, ...] = ()
    choices: tuple[Choice, ...] = ()
    remember: bool = False

    @property
    def language(self) -> str:
        return self.chosen or self.flow.file.default_language

    def saying(self, prompt: str | None) -> "_Visit":
        return replace(self, say=(*self.say, self.flow.prompt(prompt, self.language))) if prompt else self

    def saying_ours(self, sentence: str) -> "_Visit":
        prompt = Prompt(wording.say(sentence, self.language), self.language)
        return replace(self, say=(*self.say, prompt))

    def choosing(self, node: str, choice: str) -> "_Visit":
        return replace(self, choices=(*self.choices, Choice(node, choice)))

    def leaving(self, node: str) -> "_Visit":
        return replace(self, trail=(*self.trail, node)[-MAX_TRAIL:])

    def reply(self, then: Listen | Enqueue | HangUp) -> Reply:
        return Reply(self.say, then, self.language, self.choices, self.remember)


def start(flow: Flow, caller: Caller, now_ms: int) -> Reply:
    """The first thing a caller hears; a caller whose language we remember is not asked for it."""
    return _begin(_Visit(flow, now_ms, flow.speaks(caller.language)))


def step(flow: Flow, place: Place, heard: Heard, caller: Caller, now_ms: int) -> Reply:
    """What follows on something heard at a place. A place that this flow does not have begins the menu again."""
    node = flow.nodes.get(place.node)
    chosen = flow.speaks(place.language)
    if not isinstance(node, MenuNode | LanguageNode):
        return _begin(_Visit(flow, now_ms, chosen or flow.speaks(caller.language), turns=place.turns))
    visit = _Visit(flow, now_ms, chosen, tuple(name for name in place.trail if name in flow.nodes), place.turns)
    match heard:
        case Start() | Resume():
            return _ask(visit, place.node, node, place.tries)
        case Keys(digits=digits) if digits == PERSON_KEY:
            return _to_person(_known(visit, caller).choosing(place.node, "person"))
        case Keys(digits=digits) if digits == BACK_KEY:
            return _back(visit.choosing(place.node, "back"), place.node)
    key = chosen_key(node, heard, visit.language)
    if key is None:
        return _ask_again(visit, node, place, heard, caller)
    if isinstance(node, LanguageNode):
        visit = replace(visit, chosen=node.options[key], remember=True)
        return _enter(visit.choosing(place.node, node.options[key]).leaving(place.node), node.next)
    target = node.options[key].next
    return _enter(visit.choosing(place.node, target).leaving(place.node), target)


def _begin(visit: _Visit) -> Reply:
    return _enter(visit, visit.flow.file.start, skip_language=visit.chosen is not None)


def _enter(visit: _Visit, name: str, skip_language: bool = False) -> Reply:
    """Walk on until the flow asks something or ends; a loaded flow has no circle without a question."""
    while True:
        node = visit.flow.nodes[name]
        match node:
            case SayNode():
                visit, name = visit.saying(node.prompt), node.next
            case HoursNode():
                visit, name = _branch_on_hours(visit, node)
            case LanguageNode() if skip_language:
                name = node.next
            case LanguageNode() | MenuNode():
                return _ask(visit, name, node, tries=0)
            case EnqueueNode():
                return _enqueue(visit, node)
            case HangupNode():
                return visit.saying(node.prompt).reply(HangUp(node.outcome))


def _branch_on_hours(visit: _Visit, node: HoursNode) -> tuple[_Visit, str]:
    hours = visit.flow.hours.get(node.hours)
    opening_ms = hours.next_opening_ms(visit.now_ms) if hours else visit.now_ms
    if hours is None or opening_ms == visit.now_ms:
        return visit, node.open
    if node.prompt:
        prompt = visit.flow.prompt(node.prompt, visit.language)
        opens = wording.opens(opening_ms, visit.now_ms, hours.tz, prompt.language)
        visit = replace(visit, say=(*visit.say, replace(prompt, text=wording.fill(prompt.text, {"opens": opens}))))
    return visit, node.closed


def _ask(visit: _Visit, name: str, node: MenuNode | LanguageNode, tries: int) -> Reply:
    if visit.turns >= MAX_TURNS:
        return _to_person(visit.saying_ours("to_a_person"))
    place = Place(name, tries, visit.chosen, visit.trail, visit.turns + 1)
    if isinstance(node, MenuNode):
        listen = Listen(place, visit.language, node.timeout_s, hints=hints(node, visit.language))
        return visit.saying(node.prompt).reply(listen)
    # Each language is offered in itself, whatever has been chosen before.
    offers = tuple(visit.flow.prompt(node.prompt, language) for language in dict.fromkeys(node.options.values()))
    return replace(visit, say=visit.say + offers).reply(Listen(place, visit.language, node.timeout_s))


def _ask_again(visit: _Visit, node: MenuNode | LanguageNode, place: Place, heard: Heard, caller: Caller) -> Reply:
    if place.tries < visit.flow.retries(node):
        # Before a language is chosen, an apology in any of them would be in the wrong one for most.
        visit = visit.saying_ours("nothing_heard" if is_empty(heard) else "not_understood") if visit.chosen else visit
        return _ask(visit, place.node, node, place.tries + 1)
    if node.otherwise:
        return _enter(visit.leaving(place.node), node.otherwise)
    return _to_person(_known(visit, caller).saying_ours("to_a_person"))


def _back(visit: _Visit, here: str) -> Reply:
    """One question back; from the first question of a menu to the language, and from there nowhere further."""
    if visit.trail:
        return _enter(replace(visit, trail=visit.trail[:-1]), visit.trail[-1])
    languages = (name for name, node in visit.flow.nodes.items() if isinstance(node, LanguageNode))
    return _enter(visit, next(languages, here))


def _to_person(visit: _Visit) -> Reply:
    return _enter(visit, visit.flow.file.person)


def _known(visit: _Visit, caller: Caller) -> _Visit:
    """A person is asked for before a language is chosen: take the one that we remember."""
    return replace(visit, chosen=visit.chosen or visit.flow.speaks(caller.language))


def _enqueue(visit: _Visit, node: EnqueueNode) -> Reply:
    skills = {**node.skills, f"lang:{visit.language}": max(1, node.skills.get(f"lang:{visit.language}", 1))}
    return visit.saying(node.prompt).reply(Enqueue(node.queue, visit.language, skills, node.priority, node.reason))
