"""`/callbacks`: what we owe to callers who hung up, those due first; moved, called off or called next by hand."""

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from consoles import callback_view, room
from consoles.refusals import Refusal, stale, unknown
from consoles.signin import who
from queues import call_windows, calling_back
from queues.callback import HALF_HOUR_MS, Promise, Window

blueprint = Blueprint("callbacks", __name__, url_prefix="/callbacks")


@blueprint.before_request
def check() -> Any:
    """Only for those who watch the floor."""
    return None if who().watches else abort(403, "The callbacks are for supervisors.")


@blueprint.get("")
def listed() -> Any:
    """Open promises, or those of another status."""
    status = request.args.get("status", "open")
    if status not in callback_view.STATUSES:
        abort(422, "status must be one of " + ", ".join(callback_view.STATUSES))
    try:
        rows: list[dict[str, Any]] | None = rows_of(status)
    except SQLAlchemyError:
        rows = None
    words = {"rows": rows, "status": status, "statuses": callback_view.STATUSES, "half_hour_ms": HALF_HOUR_MS}
    return render_template("callbacks.html", **words, slots=_slots(rows)), 200 if rows is not None else 503


@blueprint.post("/<id>/<deed>")
def change(id: str, deed: str) -> Any:
    """Call it next, cancel it, or give it another half hour (`from_ms`)."""
    made = known(id)
    match deed:
        case "first":
            first(made)
        case "cancel":
            cancel(made, "supervisor")
        case "move":
            later(made, _whole(request.form.get("from_ms", "")))
        case _:
            abort(404)
    return redirect("/callbacks")


# -- what the API does too --------------------------------------------------------------------------------------------


def rows_of(status: str) -> list[dict[str, Any]]:
    """The promises of a status (empty: all). Raises SQLAlchemyError when the record is away."""
    center = room.center()
    promises = center.history.callbacks.list("" if status == "all" else status)
    return callback_view.listed(center.plan, promises, center.live.calls(), center.now_ms())


def known(id: str) -> Promise:
    """The promise of that id. Raises Refusal (404)."""
    made = room.center().history.callbacks.find(id)
    if made is None:
        raise unknown("callback", id)
    return made


def first(made: Promise) -> None:
    """Nobody else's turn comes before. Raises Refusal (409) when the promise has moved on."""
    if not calling_back.call_next(room.center(), made.call):
        raise stale()


def cancel(made: Promise, by: str) -> None:
    """It is not wanted any more. Raises Refusal (409) when it is too late."""
    if not calling_back.end(room.center(), made.call, "cancelled", by):
        raise stale()


def later(made: Promise, from_ms: int) -> None:
    """Within the half hour that begins then, and not before. Raises Refusal (409, 422)."""
    center = room.center()
    if not center.now_ms() < from_ms < center.now_ms() + 14 * 86_400_000:
        raise Refusal(422, "invalid", "from_ms must be a time within the next two weeks, in UTC milliseconds.")
    if not calling_back.move(center, made.call, Window(from_ms, from_ms + HALF_HOUR_MS), "supervisor"):
        raise stale()


def _slots(rows: list[dict[str, Any]] | None) -> dict[str, list[tuple[int, str]]]:
    """When each queue has room for a callback: when it begins, and in words."""
    center = room.center()
    queues = {row["queue"] for row in rows or () if row["queue"] in center.plan.queues}
    return {
        queue: [_choice(center, slot) for slot in call_windows.slots(center, queue, "", most=8)] for queue in queues
    }


def _choice(center: Center, slot: Window) -> tuple[int, str]:
    return slot.from_ms, callback_view.when(center.plan, slot.from_ms, slot.to_ms, center.now_ms())


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
