"""`/reports`: are we keeping our promises, and where not? The waits that callers were told, and those they had."""

from typing import Any

from flask import Blueprint, abort, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from consoles import report_view, room
from consoles.signin import who
from queues.calibration import MOST_ESTIMATES, calibrate
from queues.days import Span, span

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
    center, days = room.center(), asked_days()
    try:
        said = center.history.estimates(*days.ms(center.plan.zone))
        nights = center.history.nights.between(str(days.first), str(days.last))
    except SQLAlchemyError:
        return render_template("reports.html", rows=None, days=days), 503
    total, groups = calibrate(said, center.now_ms())
    rows = [report_view.row(center.plan, found) for found in groups]
    words = {"total": total, "sentence": report_view.sentence(total), "bands": report_view.bands()}
    words |= {"nights": report_view.nights(nights), "width": report_view.WIDTH, "most": len(said) >= MOST_ESTIMATES}
    return render_template("reports.html", rows=rows, days=days, **words)


@blueprint.get("/estimates")
def listed() -> Any:
    """The estimates behind a number, newest first; `which` as in `report_view.WHICH`."""
    center, days = room.center(), asked_days()
    queue, method = (request.args.get(name, "") for name in ("queue", "method"))
    title, counts = report_view.WHICH.get(request.args.get("which", ""), report_view.WHICH[""])
    words = {"title": title, "queue": queue, "method": report_view.METHODS.get(method, ""), "days": days}
    try:
        said = center.history.estimates(*days.ms(center.plan.zone), queue, method)
    except SQLAlchemyError:
        return render_template("estimates.html", rows=None, **words), 503
    found = [one for one in said if counts(one)]
    rows = [report_view.told(center.plan, one, center.plan.zone) for one in found[:PAGE]]
    return render_template("estimates.html", rows=rows, count=len(found), **words)


def asked_days() -> Span:
    """The days that the address names. Answers 422 to others."""
    center = room.center()
    try:
        first, last = request.args.get("from", ""), request.args.get("to", "")
        return span(first, last, center.now_ms(), center.plan.zone)
    except ValueError as error:
        abort(422, f"{error}.".capitalize())
