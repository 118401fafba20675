"""Seconds to a person: how long a flow keeps a caller before the line begins, by estimate from the texts.

Part of the flow checker. `usual` is a caller who presses at once, `worst` one who lets every prompt end, answers
wrongly as often as is allowed, and takes the longest way.
"""

import heapq
from dataclasses import dataclass
from itertools import count

from ivr import wording
from ivr.exits import EnqueueNode, ForwardNode
from ivr.flow import Flow
from ivr.nodes import CollectNode, HoursNode, LanguageNode, LookUpNode, prompt_of
from ivr.parts import Listening

# From hearing to pressing, and from one key of a number to the next.
REACTION_S = 1.0
NEXT_KEY_S = 0.5


@dataclass(frozen=True, slots=True)
class SecondsToPerson:
    """Whole seconds from the first word to the line, in the language in which it takes longest."""

    usual: int
    worst: int


# How long a look-up takes after its filler: one second's pause, or all of them before the fallback.
LOOK_UP_S = SecondsToPerson(1, 3)


def seconds_to_person(flow: Flow) -> SecondsToPerson:
    """Usual and worst seconds from the start of a flow to a line; 0 and 0 when no line can be reached."""
    return SecondsToPerson(
        usual=round(max(_usual(flow, language) for language in flow.languages)),
        worst=round(max(_worst(flow, language, flow.file.start, {}) or 0.0 for language in flow.languages)),
    )


def _usual(flow: Flow, language: str) -> float:
    """The quickest way: a key press cuts off what is being said, but what is said before a line is heard to its end."""
    order = count()
    ahead: list[tuple[float, int, float, str]] = [(0.0, next(order), 0.0, flow.file.start)]
    asked = set[str]()
    while ahead:
        spent, _, said, name = heapq.heappop(ahead)
        if name == "":
            return spent
        node = flow.nodes[name]
        if isinstance(node, EnqueueNode | ForwardNode):
            heapq.heappush(ahead, (spent + said + _said(flow, node.prompt, language), next(order), 0.0, ""))
            continue
        if isinstance(node, Listening):
            if name in asked:
                continue
            asked.add(name)
            spent, said = spent + _pressing(node), 0.0
        elif isinstance(node, LookUpNode):  # no key shortens it
            spent += _said(flow, prompt_of(node), language) + LOOK_UP_S.usual
        elif not isinstance(node, HoursNode):  # an open line says nothing
            said += _said(flow, prompt_of(node), language)
        for target in node.ways().values():
            heapq.heappush(ahead, (spent, next(order), said, target))
    return 0.0


def _worst(flow: Flow, language: str, name: str, known: dict[str, float | None]) -> float | None:
    """The longest way from a node to a line, None without one; ways back to a question on the way are not walked."""
    if name in known:
        return known[name]
    known[name] = None
    node = flow.nodes[name]
    here = _heard(flow, name, language)
    ahead = [_worst(flow, language, target, known) for target in node.ways().values()]
    if isinstance(node, Listening) and not node.otherwise:
        to_person = wording.seconds_to_say(wording.say("to_a_person", language))
        ahead.append(to_person + (_worst(flow, language, flow.file.person, known) or 0.0))
    reached = [seconds for seconds in ahead if seconds is not None]
    longest = 0.0 if isinstance(node, EnqueueNode) else max(reached, default=None)
    known[name] = None if longest is None else here + longest
    return known[name]


def _heard(flow: Flow, name: str, language: str) -> float:
    node = flow.nodes[name]
    if not isinstance(node, Listening):
        # What an hours node says is heard when it is closed, and counted as if it always were.
        ringing_s = node.timeout_s if isinstance(node, ForwardNode) else 0
        looking_s = LOOK_UP_S.worst if isinstance(node, LookUpNode) else 0
        return ringing_s + looking_s + _said(flow, prompt_of(node), language)
    asking, sorry = _said(flow, node.prompt, language), wording.seconds_to_say(wording.say("not_understood", language))
    if isinstance(node, LanguageNode):
        asking, sorry = sum(_said(flow, node.prompt, each) for each in dict.fromkeys(node.options.values())), 0.0
    if isinstance(node, CollectNode) and not node.secret:
        asking += wording.seconds_to_say(wording.say("read_back", language)) + node.timeout_s
    retries = flow.retries(node)
    return (retries + 1) * (asking + node.timeout_s) + retries * sorry


def _pressing(node: Listening) -> float:
    if not isinstance(node, CollectNode):
        return REACTION_S
    return REACTION_S + node.least * NEXT_KEY_S + (0 if node.secret else REACTION_S)


def _said(flow: Flow, prompt: str | None, language: str) -> float:
    return wording.seconds_to_say(flow.prompt(prompt, language).text) if prompt else 0.0
