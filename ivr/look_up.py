"""The company's own service is asked about a caller: what it is told, and what its answer means.

What comes back was written elsewhere: only a declared answer counts, and only with every declared value as its kind.
"""

import json
from typing import Any

from ivr import spoken
from ivr.nodes import LookUpNode
from ivr.parts import FALLBACK
from ivr.reply import Given, LookUp, Reply
from ivr.visit import Visit


def ask(visit: Visit, name: str, node: LookUpNode) -> Reply:
    """Say what fills the time, and ask."""
    values = {sent: visit.values[sent] for sent in node.send if sent in visit.values}
    return visit.saying(node.prompt).reply(LookUp(node.url, values, visit.place(name)))


def answered(visit: Visit, name: str, node: LookUpNode, text: str | None) -> tuple[Visit, str]:
    """The visit with what was found, and the node that follows."""
    answer, values = read(node, text or "")
    # Not what the caller said: kept with the call, but no event of it.
    found = (Given(value, said, sure=False, secret=False) for value, said in values.items())
    return visit.giving(*found).choosing(name, answer), node.ways()[answer]


def read(node: LookUpNode, text: str) -> tuple[str, dict[str, str]]:
    """An answer and its values from JSON such as `{"answer": "due", "say": {"balance": 1250}}`; else the fallback."""
    try:
        found = json.loads(text)
        answer, said = found["answer"], found.get("say") or {}
        values = {name: _text(said[name]) for name in node.says}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return FALLBACK, {}
    fitting = all(spoken.fits(kind, values[name]) for name, kind in node.says.items())
    return (answer, values) if isinstance(answer, str) and answer in node.answers and fitting else (FALLBACK, {})


def _text(value: Any) -> str:
    """A text or a number as it was written; anything else, truth values too, as what fits no kind."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
