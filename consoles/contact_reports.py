"""`/reports/contacts`: was it solved at the first call? What agents noted, and what callers said, did, and marked."""

from typing import Any

from flask import render_template, request
from sqlalchemy.exc import SQLAlchemyError

from cases.first_contact import MOST_CONTACTS, Finding, figures
from consoles import contact_view, report_view, room
from consoles.reports import PAGE, asked_days, blueprint
from queues.days import Span

__all__ = ["blueprint"]  # all reports, these included


@blueprint.get("/contacts")
def contacts() -> Any:
    """Of all contacts, and per reason."""
    center, days = room.center(), _days()
    found = _findings(days)
    if found is None:
        return render_template("contacts.html", rows=None, days=days), 503
    total, groups = figures(found)
    rows = [contact_view.row(center.plan, one) for one in (total, *groups)]
    words = {"sentence": contact_view.sentence(total), "width": report_view.WIDTH, "most": len(found) >= MOST_CONTACTS}
    return render_template("contacts.html", rows=rows if found else [], days=days, **words)


@blueprint.get("/contacts/calls")
def contact_calls() -> Any:
    """The contacts behind a number, newest first; `which` as in `contact_view.WHICH`, `reason` empty is any."""
    center, days, reason = room.center(), _days(), request.args.get("reason", "")
    title, counts = contact_view.WHICH.get(request.args.get("which", ""), contact_view.WHICH[""])
    words = {"title": title, "reason": reason, "days": days}
    found = _findings(days)
    if found is None:
        return render_template("contact_calls.html", rows=None, **words), 503
    wanted = [one for one in found if counts(one) and reason in ("", one.contact.reason)]
    rows = [contact_view.told(center.plan, one, center.plan.zone) for one in wanted[:PAGE]]
    return render_template("contact_calls.html", rows=rows, count=len(wanted), **words)


def _days() -> Span:
    center = room.center()
    if request.args.get("from") or request.args.get("to"):
        return asked_days()
    return contact_view.usual_days(center.now_ms(), center.plan.zone)


def _findings(days: Span) -> list[Finding] | None:
    """What became of the contacts of these days; None when the record is away."""
    center = room.center()
    try:
        return center.history.first_contacts(*days.ms(center.plan.zone), center.now_ms())
    except SQLAlchemyError:
        return None
