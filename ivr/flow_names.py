"""What a flow file mentions must exist: nodes, prompts, languages, and the values that its prompts name.

Part of loading a flow: only when all of it is there can a step walk without looking back.
"""

from collections.abc import Iterator

from ivr.exits import EnqueueNode
from ivr.lined_yaml import LinedYaml, Problem
from ivr.nodes import (
    CallerNode,
    CollectNode,
    FlowFile,
    HoursNode,
    LanguageNode,
    LookUpNode,
    Node,
    prompt_of,
    prompts_of,
)
from ivr.parts import Kind, Listening
from ivr.wording import PLACEHOLDER


def wrong_names(file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    """Every name that leads nowhere, and every walk that would never come to an end."""
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
    yield from _wrong_kinds(file, yaml)


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
    for field in ("next", "otherwise", "open", "closed", "yes", "no", "fallback"):
        if target := getattr(node, field, None):
            yield (field,), target
    if node.type == "look_up":
        for answer, target in node.answers.items():
            yield ("answers", answer), target
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
    told = set(kinds(file))
    for id, by_language in file.prompts.items():
        known = told | ({"opens"} if id in with_opening - without else set())
        for language, spoken in by_language.items():
            for unknown in sorted(set(PLACEHOLDER.findall(f"{spoken.text} {spoken.short}")) - known):
                yield yaml.problem(f"nothing fills in `{{{unknown}}}` here", "prompts", id, language)


def _wrong_kinds(file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    """Values that could not be spoken: a date without a zone to tell what today is, an amount of nothing."""
    for name, node in file.nodes.items():
        for sent in node.send if isinstance(node, LookUpNode) else ():
            if not isinstance(file.nodes.get(sent), CollectNode):
                yield yaml.problem(f"no collect node is called `{sent}`", "nodes", name, "send")
    yield from _two_kinds(file, yaml)
    for name, kind in kinds(file).items():
        if kind in ("date", "time", "due") and not file.zone:
            what = "a time" if kind == "due" else f"a {kind}"
            yield yaml.problem(f"{what} needs the flow's `zone`", "nodes", name)
        if kind == "amount" and not file.currency:
            yield yaml.problem("an amount needs the flow's `currency`", "nodes", name)


def _two_kinds(file: FlowFile, yaml: LinedYaml) -> Iterator[Problem]:
    """A name under which two kinds of value are kept would be spoken by the rules of one of them."""
    known = kinds(file.model_copy(update={"nodes": {n: e for n, e in file.nodes.items() if e.type != "look_up"}}))
    for name, node in file.nodes.items():
        for value, kind in node.says.items() if isinstance(node, LookUpNode) else ():
            if known.setdefault(value, kind) != kind:
                yield yaml.problem(f"`{value}` is kept as {known[value]} elsewhere", "nodes", name, "says", value)


def kinds(file: FlowFile) -> dict[str, Kind]:
    """What prompts may name in braces, and what kind of value that is. A secret is never spoken."""
    keyed = {name: node.kind for name, node in file.nodes.items() if isinstance(node, CollectNode) and not node.secret}
    found = (node.says for node in file.nodes.values() if isinstance(node, LookUpNode))
    owed: dict[str, Kind] = {
        name: "due" for name, node in file.nodes.items() if isinstance(node, CallerNode) and node.is_owed
    }
    return keyed | owed | {name: kind for says in found for name, kind in says.items()}
