"""`/calls`: the calls behind every number, and one call with its evidence: what happened, and was it kept?"""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from consoles import api_wishes as wishes
from consoles import call_strip, call_view, cases, lookups, phrases, room
from consoles.refusals import wrong_fields
from consoles.signin import who

blueprint = Blueprint("calls", __name__, url_prefix="/calls")
PAGE = 50
FILTERS = ("status", "queue", "agent", "outcome")


@blueprint.get("")
def listed() -> Any:
    """Calls, newest first; an agent sees their own."""
    chosen = {name: request.args.get(name, "") for name in (*FILTERS, "before_ms") if request.args.get(name)}
    if not who().watches:
        chosen["agent"] = who().agent or "nobody"
    try:
        wish = wishes.CallFilter.model_validate(chosen | {"limit": PAGE})
    except ValidationError as error:
        abort(422, wrong_fields(error).message)
    try:
        calls: list[dict[str, Any]] | None = room.center().history.calls(**wish.model_dump())
    except SQLAlchemyError:
        calls = None
    older = f"?{urlencode(chosen | {'before_ms': calls[-1]['began_ms']})}" if calls and len(calls) == PAGE else ""
    page = render_template("calls.html", calls=calls, chosen=chosen, older=older)
    return page, 200 if calls is not None else 503


@blueprint.get("/<sid>")
def one(sid: str) -> Any:
    """One call, by the sid of any of its legs."""
    center = room.center()
    call = lookups.call(center, sid)
    if call is None or not may_see(call):
        abort(404, "There is no such call, or it is not one of yours.")
    strips = call_strip.strips(center.plan, call, center.now_ms())
    told = call_view.told(center.plan, call)
    name = phrases.caller_name(call.get("caller_name") or "", call.get("caller") or "")
    owed = {"cases": cases.rows_of("all", call=call["call"], asker=who().name)} if call.get("case_id") else {}
    words = {"strips": strips, "told": told, "name": name, "width": call_strip.WIDTH}
    return render_template("call.html", call=call, **words, **owed)


def may_see(call: dict[str, Any]) -> bool:
    """Whether whoever asks watches the floor or took part."""
    took_part = {call.get("agent"), *(offer["agent"] for offer in call["offers"])}
    return who().watches or (who().agent != "" and who().agent in took_part)
