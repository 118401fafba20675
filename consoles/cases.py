"""`/cases`: what we owe to callers, those due first, for the desk; taken and resolved there and through the API."""

from typing import Any

from flask import Blueprint, abort, redirect, request
from pydantic import Field
from sqlalchemy.exc import SQLAlchemyError

from cases.case import Case
from consoles import api_wishes as wishes
from consoles import asked, case_view, room
from consoles.refusals import Refusal, stale, unknown
from consoles.signin import who
from queues import owed

blueprint = Blueprint("cases", __name__, url_prefix="/cases")


class Resolved(wishes.Asked):
    """What came of it."""

    note: str = Field(min_length=1, max_length=2000)


@blueprint.before_request
def check() -> None:
    """For agents and for those who watch the floor."""
    if not (who().watches or who().agent in room.center().plan.agents):
        abort(403, "The cases are for agents and supervisors.")


@blueprint.get("")
def listed() -> Any:
    """Open cases."""
    try:
        return {"now_ms": room.center().now_ms(), "cases": rows_of("open", asker=who().name)}
    except SQLAlchemyError:
        raise Refusal(503, "away", "The cases cannot be read just now. None is lost.") from None


@blueprint.post("/<id>/take")
def take_case(id: str) -> Any:
    """I take it."""
    case = known(id)
    take(case, who().name)
    return _after(case)


@blueprint.post("/<id>/resolve")
def resolve_case(id: str) -> Any:
    """It is done, with a note of what came of it."""
    case = known(id)
    note = asked.body(Resolved).note if request.is_json else request.form.get("note", "").strip()[:2000]
    if not note:
        raise Refusal(422, "invalid", "note is missing: what came of it?")
    resolve(case, who().name, note)
    return _after(case)


def _after(case: Case) -> Any:
    """The desk's script gets the list; whoever used a form of the call's page is back there."""
    return listed() if request.is_json else redirect(f"/calls/{case.call}", 303)


# -- what the API does too --------------------------------------------------------------------------------------------


def rows_of(status: str, kind: str = "", call: str = "", asker: str = "") -> list[dict[str, Any]]:
    """The cases of a status (`all` for any). Raises SQLAlchemyError when the record is away."""
    center = room.center()
    found = center.history.cases.listed("" if status == "all" else status, kind, call)
    recordings = center.history.cases.recordings({case.call for case in found})
    return case_view.listed(center.plan, found, recordings, center.now_ms(), asker)


def known(id: str) -> Case:
    """The case of that id. Raises Refusal (404)."""
    found = room.center().history.cases.find(id)
    if found is None:
        raise unknown("case", id)
    return found


def take(case: Case, name: str) -> None:
    """Somebody takes it. Raises Refusal (409) when another has it."""
    if not owed.take(room.center(), case, name):
        raise Refusal(409, "stale", "Somebody else has this case, or it is resolved. Nothing was changed.")


def resolve(case: Case, name: str, note: str) -> None:
    """It is done. Raises Refusal (409) when it was before."""
    if not owed.resolve(room.center(), case, name, note):
        raise stale()
