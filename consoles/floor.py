"""`/floor`: the supervisor's wall. What will break first, then queues, callers and agents, live."""

from typing import Any

from flask import Blueprint, abort, render_template

from consoles import room, snapshot
from consoles.signin import who

blueprint = Blueprint("floor", __name__, url_prefix="/floor")


@blueprint.before_request
def check_supervisor() -> None:
    """The floor shows everyone; an agent's own page is the desk."""
    if not who().watches:
        abort(403, "The floor is for supervisors. Your page is the desk.")


@blueprint.get("")
def page() -> str:
    """What will break first?"""
    return render_template("floor.html", given=snapshot.floor(room.center()), live=True)


@blueprint.get("/frame")
def frame() -> Any:
    """The floor now, for a page whose live updates stopped."""
    return snapshot.floor(room.center())
