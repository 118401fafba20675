"""The flow checker: what a caller could run into that a well-formed flow still allows.

Run on a loaded flow before it goes live, never during a call. Each problem stands at its line.
"""

import re
from collections.abc import Iterator, Mapping, Set

from ivr.flow import Flow
from ivr.lined_yaml import Problem
from ivr.nodes import BACK_KEY, PERSON_KEY, EnqueueNode, HangupNode, HoursNode, LanguageNode, Listening, MenuNode
from ivr.seconds import seconds_to_person
from ivr.twiml import SAY_LIMIT
from ivr.voices import Voice, fits

# Twilio's limits on the phrases that a Gather listens for.
MOST_HINTS = 500
LONGEST_HINT = 100


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
        *_keys(flow),
        *_prompts(flow),
        *_speech(flow),
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
        if isinstance(node, EnqueueNode) and node.reason and reasons is not None and node.reason not in reasons:
            yield flow.yaml.problem(f"the center has no contact reason `{node.reason}`", "nodes", name, "reason")
        if isinstance(node, EnqueueNode) and node.queue not in queues:
            yield flow.yaml.problem(f"no queue is called `{node.queue}`", "nodes", name, "queue")
        if isinstance(node, HoursNode) and node.hours not in flow.hours:
            yield flow.yaml.problem(f"no hours are called `{node.hours}`", "nodes", name, "hours")


def _ways(flow: Flow) -> Iterator[Problem]:
    reached = _reached(flow, flow.file.start, flow.file.person)
    for name, node in flow.nodes.items():
        if name not in reached:
            yield flow.yaml.problem(f"no caller can reach `{name}`", "nodes", name)
        ahead = (flow.nodes[end] for end in _reached(flow, name))
        if not any(isinstance(end, EnqueueNode | HangupNode) for end in ahead):
            yield flow.yaml.problem(f"`{name}` is a dead end: it leads to no line and no goodbye", "nodes", name)
        if isinstance(node, Listening) and _silence_returns(flow, name):
            yield flow.yaml.problem(f"a caller who says nothing at `{name}` is asked for ever", "nodes", name)


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


def _keys(flow: Flow) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if not isinstance(node, MenuNode | LanguageNode):
            continue
        for key, option in node.options.items():
            place = ("nodes", name, "options", key)
            if key in (PERSON_KEY, BACK_KEY):
                meaning = "a person" if key == PERSON_KEY else "one step back"
                yield flow.yaml.problem(f"`{key}` always means {meaning} and cannot be an option", *place)
            # A language is offered in itself; every other option must be told in all of them.
            told_in = (option,) if isinstance(option, str) else flow.languages
            for language in told_in:
                if key.isdigit() and not _tells(flow, node.prompt, language, key):
                    yield flow.yaml.problem(f"key {key} is not told in `{language}`", *place)


def _tells(flow: Flow, prompt: str, language: str, key: str) -> bool:
    return re.search(rf"(?<![0-9]){key}(?![0-9])", flow.prompt(prompt, language).text) is not None


def _prompts(flow: Flow) -> Iterator[Problem]:
    said = {node.prompt for node in flow.nodes.values()}
    for id, written in flow.file.prompts.items():
        if id not in said:
            yield flow.yaml.problem(f"prompt `{id}` is never said", "prompts", id)
        for language in flow.languages:
            if language not in written:
                yield flow.yaml.problem(f"prompt `{id}` is missing in `{language}`", "prompts", id)
        for language in written:
            if language not in flow.languages:
                yield flow.yaml.problem(f"`{language}` is not one of the languages", "prompts", id, language)
            if len(flow.prompt(id, language).text) > SAY_LIMIT:
                yield flow.yaml.problem(f"longer than {SAY_LIMIT} characters", "prompts", id, language)


def _speech(flow: Flow) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if not isinstance(node, MenuNode):
            continue
        for language in flow.languages:
            if sum(len(option.speech.get(language, ())) for option in node.options.values()) > MOST_HINTS:
                yield flow.yaml.problem(f"more than {MOST_HINTS} phrases in `{language}`", "nodes", name, "options")
        for key, option in node.options.items():
            phrases = (phrase for spoken in option.speech.values() for phrase in spoken)
            if any("," in phrase or len(phrase) > LONGEST_HINT for phrase in phrases):
                reason = f"a phrase has a comma or more than {LONGEST_HINT} characters"
                yield flow.yaml.problem(reason, "nodes", name, "options", key, "speech")


def _budget(flow: Flow) -> Iterator[Problem]:
    needed, budget = seconds_to_person(flow), flow.file.budget_s
    if needed.usual > budget.usual:
        reason = f"a caller who presses at once needs {needed.usual} s to a line, more than {budget.usual}"
        yield flow.yaml.problem(reason, "budget_s", "usual")
    if needed.worst > budget.worst:
        reason = f"a caller who gets everything wrong needs {needed.worst} s to a line, more than {budget.worst}"
        yield flow.yaml.problem(reason, "budget_s", "worst")
