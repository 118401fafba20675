"""`/studio`: the menu as a picture, as a form and as YAML, checked and kept while it is written, tried, published.

The text is the one truth: a change in the form is a change of the text, which comes back with the next answer.
"""

from typing import Annotated, Any

from flask import Blueprint, abort, redirect, render_template, request
from pydantic import Field, StringConstraints
from sqlalchemy.exc import SQLAlchemyError

from consoles import asked, draft_view, flow_view, phrases, room
from consoles.api_wishes import Asked
from consoles.refusals import Refusal
from consoles.signin import who
from ivr.flow_edit import NotEdited, edit
from queues import flow_versions
from queues.flow_trial import FlowDraft

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
SHARES = (5, 10, 25, 50)
Name = Annotated[str, StringConstraints(max_length=32)]


class Entry(Asked):
    """One entry of the text, changed in the form; no value takes it out."""

    path: tuple[Name, ...] = Field(min_length=3, max_length=5)
    value: bool | int | Annotated[str, StringConstraints(strip_whitespace=False, max_length=5_000)] | None = None


class Written(Asked):
    """A text while it is being written, as this page last saw it kept, and the node whose form is open."""

    text: Annotated[str, StringConstraints(strip_whitespace=False, max_length=200_000)]
    node: Name = ""
    onto: Annotated[str, StringConstraints(max_length=12)] = ""
    number: int = Field(default=0, ge=0)
    edits: tuple[Entry, ...] = Field(default=(), max_length=200)


@blueprint.before_request
def check_supervisor() -> None:
    """What callers hear is for supervisors and the operator to change."""
    if not who().watches:
        abort(403, "The studio is for supervisors.")


@blueprint.get("")
def page() -> Any:
    """What do callers meet? One's own draft, else the version in force; or a version that is named, to look at."""
    version = request.args.get("version", "")
    draft = draft_view.begun(room.center(), who().id)
    return _shown(draft, version)


@blueprint.get("/difference")
def difference() -> Any:
    """Line by line, from one version to another."""
    old, new = request.args.get("from", ""), request.args.get("to", "")
    try:
        rows = flow_view.differences(room.center(), old, new)
    except Refusal as refusal:
        abort(refusal.status, refusal.message)
    return render_template("flow_difference.html", rows=rows, old=old, new=new)


@blueprint.post("/check")
def check() -> Any:
    """What a text is, with the form of a node; nothing is kept."""
    wish = asked.body(Written)
    return _answer(FlowDraft(who().id, wish.text, wish.onto, wish.number), wish.node)


@blueprint.post("/keep")
def keep() -> Any:
    """The same for a draft that is written on: what was changed in the form goes into the text, and it is kept."""
    wish, text = asked.body(Written), ""
    try:
        text = wish.text
        for entry in wish.edits:
            text = edit(text, entry.path, entry.value)
    except NotEdited as refused:
        raise Refusal(422, "not_edited", str(refused)) from None
    return _answer(draft_view.keep(room.center(), FlowDraft(who().id, text, wish.onto, wish.number)), wish.node)


@blueprint.post("/discard")
def discard() -> Any:
    """The draft is not wanted; to begin again from the version in force, or from another."""
    draft_view.drop(room.center(), who().id)
    version = request.form.get("version", "")
    return redirect(f"/studio?version={version}" if version.isalnum() else "/studio")


@blueprint.post("/bring-in")
def bring_in() -> Any:
    """What somebody else has published since joins the draft."""
    center = room.center()
    try:
        both = draft_view.bring_in(center, draft_view.begun(center, who().id))
    except (Refusal, SQLAlchemyError):
        abort(409, "That cannot be done just now. Your draft is kept as it is; look again in a moment.")
    return redirect("/studio?both=" + ",".join(map(str, both)) if both else "/studio")


@blueprint.post("/try")
def try_draft() -> Any:
    """The next call on the simulated phone has this draft; nobody else does."""
    center, text = room.center(), asked.body(Written).text
    if not center.settings.simulated:
        raise Refusal(409, "not_here", "A draft can be tried on the simulated phone only. Give it to a share instead.")
    if flow_view.read(center, text).problems:
        raise Refusal(422, "invalid", "This draft has problems; the first is told beside the text.")
    center.live.flow_shelf.try_next(flow_versions.version_of(text), text)
    return {"url": "/phone"}


@blueprint.post("/publish")
def publish() -> Any:
    """To everybody, or to `share` percent of the new callers."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    percent = request.form.get("share", "100")
    share = int(percent) / 100 if percent in {"100", *map(str, SHARES)} else abort(422, "That is no share.")
    note, onto = request.form.get("note", "")[:200].strip(), request.form.get("onto", "")
    number = request.form.get("number", "0")
    try:
        flow_view.publish(room.center(), text, who().id, note, share, onto)
    except Refusal as refusal:
        draft = FlowDraft(who().id, text, onto, int(number) if number.isdecimal() else 0)
        return _shown(draft, "", refusal.message), refusal.status
    draft_view.drop(room.center(), who().id, int(number) if number.isdecimal() else 0)
    return redirect("/studio")


@blueprint.post("/rollback")
def roll_back() -> Any:
    """To a version, or without the candidate."""
    try:
        flow_view.roll_back(room.center(), who().id, "", request.form.get("version", ""))
    except Refusal as refusal:
        abort(refusal.status, refusal.message)
    return redirect("/studio")


def _shown(draft: FlowDraft, version: str, trouble: str = "") -> str:
    center = room.center()
    try:
        known: dict[str, Any] | None = flow_view.listed(center)
    except SQLAlchemyError:
        known = None
    own = draft
    if version:
        draft = FlowDraft(draft.by, _text(version), draft.onto)
    words = {"known": known, "draft": draft, "own": own, "named": version, "trouble": trouble, "shares": SHARES}
    both = [line for line in request.args.get("both", "").split(",") if line.isdecimal()][:20]
    told = draft_view.judged(center, draft, request.args.get("node", ""), version)
    news = draft_view.news(center, draft)
    return render_template("studio.html", **words, **told, news=news, both=both, deeds=flow_view.DEEDS)


def _answer(draft: FlowDraft, node: str) -> dict[str, Any]:
    """For the page's script: what stands still as it is, the rest as the templates write it."""
    center = room.center()
    told = draft_view.judged(center, draft, node)
    parts = {
        "picture": render_template("flow_picture.html", **told) if told["picture"] else None,
        "form": render_template("flow_form.html", **told),
        "changes": render_template("flow_changes.html", rows=told["changes"]),
        "news": render_template("flow_news.html", news=draft_view.news(center, draft), draft=draft, both=[]),
    }
    at = phrases.clock_time(draft.at_ms, center.plan.zone) if draft.at_ms else ""
    kept = {"text": draft.text, "number": draft.number, "onto": draft.onto, "at": at}
    plain = {name: told[name] for name in ("version", "problems", "seconds", "node")}
    return plain | parts | {"draft": kept, "changed": bool(told["changes"])}


def _text(version: str) -> str:
    try:
        return flow_view.text_of(room.center(), version)
    except Refusal as refusal:
        return abort(refusal.status, refusal.message)
