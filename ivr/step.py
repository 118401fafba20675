"""One step of the menu: the flow, where the caller is, what was heard, and now → what to say and where to go.

Runs on every key press between the first webhook and the line. Pure and without memory: the same place and the same
input give the same reply, so a webhook delivered twice changes nothing.
"""

from dataclasses import replace

from ivr import collect, look_up
from ivr.asking import question
from ivr.branches import by_caller, by_hours
from ivr.exits import CallbackNode, ForwardNode, VoicemailNode
from ivr.flow import Flow
from ivr.heard import (
    Caller,
    Found,
    Heard,
    Keys,
    Nothing,
    NotReached,
    Resume,
    Speech,
    Start,
    chosen_key,
    is_empty,
)
from ivr.leaving import leave
from ivr.nodes import (
    Asking,
    CallerNode,
    CollectNode,
    HoursNode,
    LanguageNode,
    LookUpNode,
    MenuNode,
    MessageNode,
    SayNode,
)
from ivr.parts import BACK_KEY, PERSON_KEY
from ivr.reply import (
    Callback,
    Choice,
    Enqueue,
    Forward,
    HangUp,
    Listen,
    LookUp,
    Place,
    Prompt,
    Reply,
    Survey,
    Voicemail,
)
from ivr.visit import Visit

__all__ = [
    "Callback",
    "Caller",
    "Choice",
    "Enqueue",
    "Forward",
    "Found",
    "HangUp",
    "Heard",
    "Keys",
    "Listen",
    "LookUp",
    "NotReached",
    "Nothing",
    "Place",
    "Prompt",
    "Reply",
    "Resume",
    "Speech",
    "Start",
    "Survey",
    "Voicemail",
    "start",
    "step",
]

# Whoever has been asked this often, going back and forth, wants a person.
MAX_TURNS = 20


def start(flow: Flow, caller: Caller, now_ms: int) -> Reply:
    """The first thing a caller hears; a caller whose language we remember is not asked for it."""
    return _begin(Visit(flow, caller, now_ms, flow.speaks(caller.language)))


def step(flow: Flow, place: Place, heard: Heard, caller: Caller, now_ms: int) -> Reply:
    """What follows on something heard at a place. A place that this flow does not have begins the menu again."""
    node, chosen = flow.nodes.get(place.node), flow.speaks(place.language)
    trail = tuple(name for name in place.trail if name in flow.nodes)
    visit = Visit(flow, caller, now_ms, chosen, trail, place.turns)
    if isinstance(node, ForwardNode) and isinstance(heard, NotReached):
        return _enter(visit.choosing(place.node, "not_reached"), node.otherwise)
    if isinstance(node, LookUpNode) and isinstance(heard, Found):
        return _enter(*look_up.answered(visit, place.node, node, heard.answer))
    if isinstance(node, CallbackNode | VoicemailNode) and heard == Keys(PERSON_KEY):
        return _to_person(visit.remembered().choosing(place.node, "person"))
    if isinstance(node, CallbackNode | VoicemailNode) and heard == Keys(BACK_KEY):
        return _back(visit.choosing(place.node, "back"), place)
    if isinstance(node, Asking):
        return _answered(visit, place, node, heard)
    return _begin(Visit(flow, caller, now_ms, chosen or flow.speaks(caller.language), turns=place.turns))


def _answered(visit: Visit, place: Place, node: Asking, heard: Heard) -> Reply:
    match heard:
        case Start() | Resume() | NotReached() | Found():
            return _ask(visit, place.node, node, place.tries)
        case Keys(digits=digits) if digits == PERSON_KEY and not _takes_digits(node, place):
            return _to_person(visit.remembered().choosing(place.node, "person"))
        case Keys(digits=digits) if digits.endswith(collect.TO_PERSON):
            return _to_person(visit.remembered().choosing(place.node, "person"))
        case Keys(digits=digits) if BACK_KEY in digits:
            return _back(visit.choosing(place.node, "back"), place)
    if isinstance(node, CollectNode):
        return _collected(visit, place, node, heard)
    key = chosen_key(node, heard, visit.language)
    if key is None:
        return _ask_again(visit, node, place, "nothing_heard" if is_empty(heard) else "not_understood")
    if isinstance(node, LanguageNode):
        visit = replace(visit, chosen=node.options[key], remember=True)
        return _enter(visit.choosing(place.node, node.options[key]).leaving(place.node), node.next)
    target = node.options[key].next
    return _enter(visit.choosing(place.node, target).leaving(place.node), target)


def _takes_digits(node: Asking, place: Place) -> bool:
    return isinstance(node, CollectNode) and not place.confirm


def _collected(visit: Visit, place: Place, node: CollectNode, heard: Heard) -> Reply:
    judged = collect.judge(visit, place, node, heard)
    match judged.then:
        case "on":
            return _enter(judged.visit.choosing(place.node, "given").leaving(place.node), node.next)
        case "ask":
            return _ask(judged.visit, place.node, node, place.tries, judged.confirm)
        case "again":
            return _ask_again(judged.visit, node, replace(place, confirm=judged.confirm), judged.sorry)


def _begin(visit: Visit) -> Reply:
    return _enter(visit, visit.flow.file.start, skip_language=visit.chosen is not None)


def _enter(visit: Visit, name: str, skip_language: bool = False) -> Reply:
    """Walk on until the flow asks something or ends; a loaded flow has no circle without a question."""
    while True:
        node = visit.flow.nodes[name]
        match node:
            case SayNode():
                visit, name = visit.saying(node.prompt), node.next
            case MessageNode():
                # Whoever cannot be sent anything is not told that it was.
                sent = visit if visit.caller.withheld else visit.sending(node.text).saying(node.prompt)
                visit, name = sent, node.next
            case HoursNode():
                visit, name = by_hours(visit, node)
            case LookUpNode():
                return look_up.ask(visit, name, node)
            case CallerNode():
                name = by_caller(visit, node)
            case LanguageNode() if skip_language:
                name = node.next
            case LanguageNode() | MenuNode() | CollectNode():
                return _ask(visit, name, node, tries=0)
            case _:
                return leave(visit.saying(node.prompt), name, node)


def _ask(visit: Visit, name: str, node: Asking, tries: int, confirm: bool = False) -> Reply:
    if visit.turns >= MAX_TURNS:
        return _to_person(visit.saying_ours("to_a_person"))
    return question(visit, name, node, tries, confirm)


def _ask_again(visit: Visit, node: Asking, place: Place, sorry: str) -> Reply:
    if place.tries < visit.flow.retries(node):
        # Before a language is chosen, an apology in any of them would be in the wrong one for most.
        visit = visit.saying_ours(sorry) if visit.chosen and sorry else visit
        return _ask(visit, place.node, node, place.tries + 1, place.confirm)
    if node.otherwise:
        return _enter(visit.leaving(place.node), node.otherwise)
    return _to_person(visit.remembered().saying_ours("to_a_person"))


def _back(visit: Visit, place: Place) -> Reply:
    """One question back; from the first question of a menu to the language, and from there nowhere further."""
    if place.confirm:
        return _enter(visit, place.node)
    if visit.trail:
        return _enter(replace(visit, trail=visit.trail[:-1]), visit.trail[-1])
    languages = (name for name, node in visit.flow.nodes.items() if isinstance(node, LanguageNode))
    return _enter(visit, next(languages, place.node))


def _to_person(visit: Visit) -> Reply:
    return _enter(visit, visit.flow.file.person)
