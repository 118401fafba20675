"""The flow checker: what a caller could run into that a well-formed flow still allows.

Run on a loaded flow before it goes live, never during a call. Each problem stands at its line.
"""

from collections.abc import Iterator, Mapping, Set

from ivr.check_words import check_words
from ivr.exits import CallbackNode, EnqueueNode, Exit, ToPerson, VoicemailNode
from ivr.flow import Flow
from ivr.lined_yaml import Problem
from ivr.nodes import CallerNode, CollectNode, HoursNode, LanguageNode, LookUpNode, Node, prompts_of
from ivr.parts import FALLBACK, Listening
from ivr.seconds import seconds_to_person
from ivr.voices import Voice, fits

# Card numbers have 13 to 19 digits and the same check digit as many other numbers.
SHORTEST_CARD = 13


def check(
    flow: Flow,
    queues: Set[str],
    languages: Set[str],
    voices: Mapping[str, Voice],
    reasons: Set[str] | None = None,
) -> list[Problem]:
    """Every problem of a flow in a center with these queues, languages and voices by language; by line.

    `reasons` are the center's contact reasons; None leaves them unchecked.
    """
    found = [
        *_languages(flow, languages, voices),
        *_names(flow, queues, reasons),
        *_ways(flow),
        *_values(flow),
        *check_words(flow),
        *_budget(flow),
    ]
    return sorted(set(found))


def ways(flow: Flow, name: str) -> dict[str, str]:
    """Choice → next node for every way out of a node, with the person to whom silence leads where none is named."""
    node = flow.nodes[name]
    silent = isinstance(node, Listening) and not node.otherwise
    return node.ways() | ({"otherwise": flow.file.person} if silent else {})


def _languages(flow: Flow, languages: Set[str], voices: Mapping[str, Voice]) -> Iterator[Problem]:
    for language in sorted(languages - set(flow.languages)):
        yield flow.yaml.problem(f"the center speaks `{language}`, this flow does not", "languages")
    menus = [node for node in flow.nodes.values() if isinstance(node, LanguageNode)]
    offered = {language for menu in menus for language in menu.options.values()} or {flow.file.default_language}
    for index, language in enumerate(flow.languages):
        if language not in languages:
            yield flow.yaml.problem(f"nobody in the center speaks `{language}`", "languages", index)
        if language not in offered:
            yield flow.yaml.problem(f"no caller can choose `{language}`", "languages", index)
        if language not in voices:
            yield flow.yaml.problem(f"`{language}` has no voice", "languages", index)
            continue
        voice = voices[language]
        for name in (voice.voice, voice.fallback):
            if not fits(name, voice.locale) or not voice.locale.startswith(f"{language}-"):
                yield flow.yaml.problem(f"voice {name} does not speak `{language}`", "languages", index)


def _names(flow: Flow, queues: Set[str], reasons: Set[str] | None) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if isinstance(node, EnqueueNode | CallbackNode | VoicemailNode):
            if node.reason and reasons is not None and node.reason not in reasons:
                yield flow.yaml.problem(f"the center has no contact reason `{node.reason}`", "nodes", name, "reason")
            if node.queue not in queues:
                yield flow.yaml.problem(f"no queue is called `{node.queue}`", "nodes", name, "queue")
        if isinstance(node, HoursNode) and node.hours not in flow.hours:
            yield flow.yaml.problem(f"no hours are called `{node.hours}`", "nodes", name, "hours")


def _ways(flow: Flow) -> Iterator[Problem]:
    reached = _reached(flow, flow.file.start, flow.file.person)
    for name, node in flow.nodes.items():
        if name not in reached:
            yield flow.yaml.problem(f"no caller can reach `{name}`", "nodes", name)
        ahead = (flow.nodes[end] for end in _reached(flow, name))
        if not any(isinstance(end, Exit) for end in ahead):
            yield flow.yaml.problem(f"`{name}` is a dead end: it leads to no line and no goodbye", "nodes", name)
        if isinstance(node, Listening) and _silence_returns(flow, name):
            yield flow.yaml.problem(f"a caller who says nothing at `{name}` is asked for ever", "nodes", name)


def _values(flow: Flow) -> Iterator[Problem]:
    known = _surely_given(flow)
    for name, node in flow.nodes.items():
        if isinstance(node, CollectNode):
            if node.checksum and node.most >= SHORTEST_CARD and not node.secret:
                yield flow.yaml.problem(f"`{name}` may be the number of a card and must be secret", "nodes", name)
            if not any(isinstance(flow.nodes[end], ToPerson) for end in _reached(flow, ways(flow, name)["otherwise"])):
                reason = f"whoever cannot enter `{name}` comes to no person, because 0 is a digit here"
                yield flow.yaml.problem(reason, "nodes", name, "otherwise")
        for sent in node.send if isinstance(node, LookUpNode) else ():
            if sent not in known.get(name, {sent}):
                yield flow.yaml.problem(f"`{sent}` may not be known here", "nodes", name, "send")
        for prompt in prompts_of(node):
            named = {value for language in flow.languages for value in flow.values_in(prompt, language)}
            for value in sorted(named - known.get(name, named)):
                yield flow.yaml.problem(f"`{{{value}}}` in prompt `{prompt}` may not be known here", "nodes", name)


def _surely_given(flow: Flow) -> dict[str, frozenset[str]]:
    """For each node that can be reached, the values that are known on every way to it."""
    known: dict[str, frozenset[str]] = {flow.file.start: frozenset(), flow.file.person: frozenset()}
    ahead = list(known)
    while ahead:
        name = ahead.pop()
        node = flow.nodes[name]
        for choice, target in ways(flow, name).items():
            brought = _brought(name, node, choice)
            both = (known[name] | brought) & known.get(target, known[name] | brought)
            if both != known.get(target):
                known[target] = both
                ahead.append(target)
    return known


def _brought(name: str, node: Node, choice: str) -> Set[str]:
    if isinstance(node, CollectNode) and choice == "next":
        return {name}
    if isinstance(node, CallerNode) and node.is_owed and choice == "yes":
        return {name}
    return set(node.says) if isinstance(node, LookUpNode) and choice != FALLBACK else set()


def _reached(flow: Flow, *starts: str) -> set[str]:
    reached, ahead = set[str](), list(starts)
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            ahead.extend(ways(flow, name).values())
    return reached


def _silence_returns(flow: Flow, name: str) -> bool:
    """Whether silence alone leads back to the same question."""
    seen, ahead = set[str](), [name]
    while ahead:
        here = ahead.pop()
        out = ways(flow, here)
        onward = {out["otherwise"]} if isinstance(flow.nodes[here], Listening) else set(out.values())
        if name in onward:
            return True
        ahead.extend(onward - seen)
        seen |= onward
    return False


def _budget(flow: Flow) -> Iterator[Problem]:
    needed, budget = seconds_to_person(flow), flow.file.budget_s
    if needed.usual > budget.usual:
        reason = f"a caller who presses at once needs {needed.usual} s to a line, more than {budget.usual}"
        yield flow.yaml.problem(reason, "budget_s", "usual")
    if needed.worst > budget.worst:
        reason = f"a caller who gets everything wrong needs {needed.worst} s to a line, more than {budget.worst}"
        yield flow.yaml.problem(reason, "budget_s", "worst")
