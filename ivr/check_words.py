"""What the flow checker has to say about words and keys: told, translated, and within what one document can carry."""

import re
from collections.abc import Iterator

from ivr.flow import Flow
from ivr.heard import words as spoken_words
from ivr.lined_yaml import Problem
from ivr.nodes import LanguageNode, MenuNode, MessageNode, prompt_of, prompts_of
from ivr.parts import BACK_KEY, PERSON_KEY, Listening
from ivr.twiml import DOCUMENT_LIMIT, SAY_LIMIT
from ivr.wording import PLACEHOLDER

# Twilio's limits on the phrases that a Gather listens for.
MOST_HINTS = 500
LONGEST_HINT = 100

# Twilio refuses longer text messages.
MESSAGE_LIMIT = 1600

# A Say with its voice, and the verbs around all of them, in bytes; rather too much than too little.
SAY_BYTES = 120
FRAME_BYTES = 2_000


def check_words(flow: Flow) -> Iterator[Problem]:
    """Every problem of a flow's keys, prompts and phrases."""
    yield from _keys(flow)
    yield from _prompts(flow)
    yield from _speech(flow)
    yield from _documents(flow)


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
    texts = (flow.prompt(prompt, language, short).text for short in (False, True))
    return all(re.search(rf"(?<![0-9]){key}(?![0-9])", text) for text in texts)


def _prompts(flow: Flow) -> Iterator[Problem]:
    said = {prompt for node in flow.nodes.values() for prompt in prompts_of(node)}
    sent = {node.text for node in flow.nodes.values() if isinstance(node, MessageNode)}
    for id, written in flow.file.prompts.items():
        if id not in said:
            yield flow.yaml.problem(f"prompt `{id}` is never said", "prompts", id)
        for language in flow.languages:
            if language not in written:
                yield flow.yaml.problem(f"prompt `{id}` is missing in `{language}`", "prompts", id)
        for language, words in written.items():
            if language not in flow.languages:
                yield flow.yaml.problem(f"`{language}` is not one of the languages", "prompts", id, language)
            limit = MESSAGE_LIMIT if id in sent else SAY_LIMIT
            if max(len(words.text), len(words.short or "")) > limit:
                yield flow.yaml.problem(f"longer than {limit} characters", "prompts", id, language)
            for recorded, spoken in ((words.audio, words.text), (words.short_audio, words.short or "")):
                if recorded and PLACEHOLDER.search(spoken):
                    yield flow.yaml.problem("a recording cannot name a value", "prompts", id, language)
            if words.short_audio and not words.short:
                yield flow.yaml.problem("the short form is recorded but not written", "prompts", id, language)


def _speech(flow: Flow) -> Iterator[Problem]:
    for name, node in flow.nodes.items():
        if not isinstance(node, MenuNode):
            continue
        for language in flow.languages:
            if sum(len(option.speech.get(language, ())) for option in node.options.values()) > MOST_HINTS:
                yield flow.yaml.problem(f"more than {MOST_HINTS} phrases in `{language}`", "nodes", name, "options")
        yield from _twice(flow, name, node)
        for key, option in node.options.items():
            for language in option.speech.keys() - set(flow.languages):
                place = ("nodes", name, "options", key, "speech", language)
                yield flow.yaml.problem(f"`{language}` is not one of the languages", *place)
            phrases = (phrase for spoken in option.speech.values() for phrase in spoken)
            if any("," in phrase or len(phrase) > LONGEST_HINT for phrase in phrases):
                reason = f"a phrase has a comma or more than {LONGEST_HINT} characters"
                yield flow.yaml.problem(reason, "nodes", name, "options", key, "speech")


def _twice(flow: Flow, name: str, node: MenuNode) -> Iterator[Problem]:
    """Phrases that choose two keys: what was meant could not be told."""
    chosen: dict[tuple[str, str], str] = {}
    for key, option in node.options.items():
        for language, phrases in option.speech.items():
            for phrase in phrases:
                first = chosen.setdefault((language, spoken_words(phrase)), key)
                if first != key:
                    place = ("nodes", name, "options", key, "speech", language)
                    yield flow.yaml.problem(f"`{phrase}` chooses {first} already", *place)


def _documents(flow: Flow) -> Iterator[Problem]:
    """What is said between two questions travels in one document."""
    for language in flow.languages:
        known: dict[str, int] = {}
        for name in flow.nodes:
            if FRAME_BYTES + _bytes_from(flow, name, language, known) > DOCUMENT_LIMIT:
                reason = f"what is said from here to the next question is more than {DOCUMENT_LIMIT // 1024} KB"
                yield flow.yaml.problem(f"{reason} in `{language}`", "nodes", name)


def _bytes_from(flow: Flow, name: str, language: str, known: dict[str, int]) -> int:
    """The longest that is said from a node up to a question, in bytes; a loaded flow has no circle in between."""
    if name not in known:
        node = flow.nodes[name]
        prompt = prompt_of(node)
        onward = [] if isinstance(node, Listening) else node.ways().values()
        longest = max((_bytes_from(flow, target, language, known) for target in onward), default=0)
        spoken = node.options.values() if isinstance(node, LanguageNode) else (language,)
        texts = [flow.prompt(prompt, each).text for each in spoken] if prompt else []
        known[name] = longest + sum(len(text.encode()) + SAY_BYTES for text in texts)
    return known[name]
