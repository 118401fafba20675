"""`/studio`: the menu as a picture and as YAML, checked while it is written, tried, published and rolled back."""

from typing import Annotated, Any

from flask import Blueprint, abort, redirect, render_template, request
from pydantic import StringConstraints
from sqlalchemy.exc import SQLAlchemyError

from consoles import asked, flow_view, room
from consoles.api_wishes import Asked
from consoles.refusals import Refusal
from consoles.signin import who
from queues import flow_versions

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
SHARES = (5, 10, 25, 50)


class Draft(Asked):
    """A text while it is being written."""

    text: Annotated[str, StringConstraints(strip_whitespace=False, max_length=200_000)]


@blueprint.before_request
def check_supervisor() -> None:
    """What callers hear is for supervisors and the operator to change."""
    if not who().watches:
        abort(403, "The studio is for supervisors.")


@blueprint.get("")
def page() -> Any:
    """What do callers meet? A version that is named, or the current one."""
    center = room.center()
    try:
        known: dict[str, Any] | None = flow_view.listed(center)
    except SQLAlchemyError:
        known = None
    version = request.args.get("version", "")
    text = _text(version) if version else center.live.flow_shelf.text(known["current"] if known else "")
    return _shown(known, text or flow_view.text_of(center, ""), version)


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
    """Problems by line, seconds and picture of a draft, for the page while somebody types."""
    return _judged(asked.body(Draft).text)


@blueprint.post("/try")
def try_draft() -> Any:
    """The next call on the simulated phone has this draft; nobody else does."""
    center, text = room.center(), asked.body(Draft).text
    if not center.settings.simulated:
        raise Refusal(409, "not_here", "A draft can be tried on the simulated phone only. Give it to a share instead.")
    if flow_view.checked(center, text)["problems"]:
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
    try:
        flow_view.publish(room.center(), text, who().id, note, share, onto)
    except Refusal as refusal:
        known = flow_view.listed(room.center()) if refusal.status != 503 else None
        return _shown(known, text, "", refusal.message), refusal.status
    return redirect("/studio")


@blueprint.post("/rollback")
def roll_back() -> Any:
    """To a version, or without the candidate."""
    try:
        flow_view.roll_back(room.center(), who().id, "", request.form.get("version", ""))
    except Refusal as refusal:
        abort(refusal.status, refusal.message)
    return redirect("/studio")


def _shown(known: dict[str, Any] | None, text: str, version: str, trouble: str = "") -> str:
    words = {"known": known, "text": text, "named": version, "trouble": trouble, "shares": SHARES}
    return render_template("studio.html", **words, **_judged(text), deeds=flow_view.DEEDS)


def _judged(text: str) -> dict[str, Any]:
    center = room.center()
    found = flow_view.checked(center, text)
    picture = flow_view.picture_of(center, text)
    return found | {"picture": render_template("flow_picture.html", picture=picture) if picture else None}


def _text(version: str) -> str:
    try:
        return flow_view.text_of(room.center(), version)
    except Refusal as refusal:
        return abort(refusal.status, refusal.message)
