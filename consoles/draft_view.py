"""A menu that is being written: what it is so far, who else writes, and what becomes of it when others publish.

Everybody has one draft, kept while they write (`adapters/history_drafts.py`). It is begun from the version in force;
when another is published meanwhile, its writer is told and can bring the two together.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from center import Center
from consoles import flow_view
from consoles.refusals import Refusal
from ivr import flow_merge
from ivr.flow_form import Form, form_of, nodes_of
from ivr.lined_yaml import Problem
from queues import flow_versions
from queues.flow_trial import FlowDraft


@dataclass(frozen=True)
class News:
    """What a writer should know: what was published since they began, and who else has a draft."""

    overtaken: dict[str, Any] | None
    others: list[FlowDraft]


def begun(center: Center, by: str) -> FlowDraft:
    """This person's draft, or an empty one on the version in force. Without the record: the version that Redis has."""
    try:
        if draft := center.history.drafts.of(by):
            return draft
        current = flow_view.state_of(center).current
    except SQLAlchemyError:
        state = center.live.flow_shelf.state()
        current = state.current if state else ""
    return FlowDraft(by, text_of(center, current), current)


def text_of(center: Center, version: str) -> str:
    """A version's text, from Redis if it has it; of the file while nobody can tell. Raises Refusal (404)."""
    try:
        return (version and center.live.flow_shelf.text(version)) or flow_view.text_of(center, version)
    except SQLAlchemyError:
        return flow_view.text_of(center, "")


def keep(center: Center, draft: FlowDraft) -> FlowDraft:
    """Keep it, and forget one that changes nothing any more. Raises Refusal (409, 503)."""
    book, now_ms = center.history.drafts, center.now_ms()
    try:
        if draft.text == text_of(center, draft.onto):
            if not draft.number or book.drop(draft.by, draft.number):
                return replace(draft, number=0, at_ms=0)
            kept = None
        else:
            kept = book.keep(replace(draft, at_ms=now_ms))
    except SQLAlchemyError:
        raise Refusal(503, "away", "The record cannot be reached just now. Leave this page open.") from None
    if kept is None:
        words = "A newer draft of yours was kept in another window. Copy what you need from here, then reload."
        raise Refusal(409, "stale", words)
    return kept


def drop(center: Center, by: str, number: int = 0) -> None:
    """Forget it. While the record is away it stays, which does no harm."""
    try:
        center.history.drafts.drop(by, number)
    except SQLAlchemyError:
        return


def news(center: Center, draft: FlowDraft) -> News:
    """What happened beside this draft."""
    try:
        state, others = flow_view.state_of(center), center.history.drafts.others(draft.by)
    except SQLAlchemyError:
        return News(None, [])
    if not state.current or state.current == draft.onto:
        return News(None, others)
    by = flow_view.BY.get(state.by, state.by)
    return News({"version": state.current, "by": by, "at_ms": state.at_ms, "note": state.note}, others)


def bring_in(center: Center, draft: FlowDraft) -> list[int]:
    """What was published since joins the draft. Returns the lines that both have changed, where the draft's stand.

    Raises Refusal (404, 409, 503).
    """
    current = flow_view.state_of(center).current
    texts = [text_of(center, draft.onto), draft.text, text_of(center, current)]
    text, both = flow_merge.merge(*texts)
    keep(center, replace(draft, text=text, onto=current))
    return both


def judged(center: Center, draft: FlowDraft, node: str, version: str = "") -> dict[str, Any]:
    """All that the page shows of a text; `node` is the one whose form is open."""
    found = flow_view.read(center, draft.text)
    names = nodes_of(found.yaml) if found.yaml else ()
    node = node if node in names else next(filter(None, (_node_of(found, one) for one in found.problems)), "")
    node = node if node in names else _first(found, names)
    changes = flow_view.changes(text_of(center, draft.onto), draft.text)
    return {
        "version": flow_versions.version_of(draft.text),
        "problems": [{"line": one.line, "reason": one.reason, "node": _node_of(found, one)} for one in found.problems],
        "seconds": found.seconds,
        "picture": flow_view.picture_of(center, found.flow, version) if found.flow else None,
        "node": node,
        "nodes": names,
        "form": _form(center, found, node),
        "changes": changes,
    }


def _first(found: flow_view.Reading, names: tuple[str, ...]) -> str:
    data = found.yaml.data if found.yaml else None
    start = str(data.get("start")) if isinstance(data, dict) else ""
    return start if start in names else next(iter(names), "")


def _form(center: Center, found: flow_view.Reading, node: str) -> Form | None:
    plan = center.plan
    known: dict[str, Iterable[str]] = {"queue": plan.queues, "reason": plan.reasons, "hours": plan.hours}
    return form_of(found.yaml, node, known, found.problems) if found.yaml else None


def _node_of(found: flow_view.Reading, problem: Problem) -> str:
    """The node in whose form a problem stands; empty when it is in none."""
    kind, name = (*map(str, problem.path[:2]), "", "")[:2]
    if kind == "nodes" or not found.yaml:
        return name if kind == "nodes" else ""
    if kind != "prompts":
        return ""
    rows = {node: found.yaml.data["nodes"][node] for node in nodes_of(found.yaml)}
    prompts = {node: (row.get("prompt"), row.get("text")) for node, row in rows.items() if isinstance(row, dict)}
    saying = (node for node, said in prompts.items() if name in said)
    return next(saying, "")
