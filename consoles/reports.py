"""`/reports`: are we keeping our promises, and where not? The waits that callers were told, and those they had."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from consoles import report_view, room
from consoles.signin import who
from queues.calibration import Said, calibrate

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
PAGE = 200


@blueprint.before_request
def check_supervisor() -> None:
    """Reports are about everyone."""
    if not who().watches:
        abort(403, "The reports are for supervisors. Your own calls are under Calls.")


@blueprint.get("")
def page() -> Any:
    """Were the waits that we told the waits that came?"""
    center, days = room.center(), _days()
    said = _said(days)
    if said is None:
        return render_template("reports.html", rows=None, days=days), 503
    total, groups = calibrate(said, center.now_ms())
    rows = [report_view.row(center.plan, found) for found in groups]
    words = {"total": total, "sentence": report_view.sentence(total), "bands": report_view.bands()}
    return render_template("reports.html", rows=rows, days=days, width=report_view.WIDTH, **words)


@blueprint.get("/estimates")
def listed() -> Any:
    """The estimates behind a number, newest first; `late=1` are those after which a person came too late."""
    center, days = room.center(), _days()
    chosen = {name: request.args.get(name, "") for name in ("queue", "method")}
    said = _said(days, **chosen)
    found = [one for one in said or () if not request.args.get("late") or report_view.is_late(one)]
    rows = [report_view.told(center.plan, one, center.plan.zone) for one in found[:PAGE]]
    method = report_view.METHODS.get(chosen["method"], "")
    words = {"rows": None if said is None else rows, "count": len(found), "late": bool(request.args.get("late"))}
    page = render_template("estimates.html", days=days, queue=chosen["queue"], method=method, **words)
    return page, 200 if said is not None else 503


def _days() -> report_view.Span:
    center = room.center()
    try:
        first, last = request.args.get("from", ""), request.args.get("to", "")
        return report_view.span(first, last, center.now_ms(), center.plan.zone)
    except ValueError as error:
        abort(422, f"{error}.".capitalize())


def _said(days: report_view.Span, queue: str = "", method: str = "") -> list[Said] | None:
    """What was told on these days; None when the record is away."""
    center = room.center()
    try:
        return center.history.estimates(*days.ms(center.plan.zone), queue, method)
    except SQLAlchemyError:
        return None
