"""A question as it is put to the caller, for each kind of node that asks one."""

from dataclasses import replace

from ivr import collect
from ivr.heard import hints
from ivr.nodes import Asking, CollectNode, LanguageNode, MenuNode
from ivr.reply import Listen, Reply
from ivr.visit import Visit


def question(visit: Visit, name: str, node: Asking, tries: int, confirm: bool) -> Reply:
    """Ask at a node; `confirm` asks whether the value that was keyed in there is right."""
    place = replace(visit.place(name, tries), confirm=confirm)
    listen = Listen(place, visit.language, node.timeout_s)
    match node:
        case MenuNode():
            return visit.saying(node.prompt).reply(replace(listen, hints=hints(node, visit.language)))
        case LanguageNode():
            # Each language is offered in itself, whatever has been chosen before.
            offers = (visit.prompt(node.prompt, language) for language in dict.fromkeys(node.options.values()))
            return visit.also(*offers).reply(listen)
        case CollectNode() if confirm:
            return collect.read_back(visit, name, node).reply(listen)
        case CollectNode():
            # At least two keys are waited for, so that `*` and `0` can be pressed in one go.
            return visit.saying(node.prompt).reply(replace(listen, max_digits=max(2, node.most)))
