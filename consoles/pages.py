"""The pages as one: behind the sign-in, posted to only with a proof of origin, and with words for every failure."""

from typing import Any

from flask import Blueprint, Flask, Response, redirect, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from consoles import (
    callbacks,
    calls,
    cases,
    contact_reports,
    desk,
    floor,
    phrases,
    recordings,
    room,
    signin,
    studio,
    tickets,
)
from consoles.refusals import Refusal
from consoles.signin import who

blueprint = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
for part in (
    signin.blueprint,
    desk.blueprint,
    floor.blueprint,
    calls.blueprint,
    callbacks.blueprint,
    cases.blueprint,
    recordings.blueprint,
    contact_reports.blueprint,
    studio.blueprint,
):
    blueprint.register_blueprint(part)

OPEN = frozenset({"pages.static", "pages.signin.sign_in", "pages.signin.enter", "pages.signin.leave", "pages.phone"})
csrf = CSRFProtect()


@blueprint.before_request
def check() -> Any:
    """Nothing but the sign-in is shown to a stranger; nothing is changed by another site's page."""
    csrf.protect()
    if request.endpoint in OPEN or who().is_authenticated:
        return None
    return signin.login.unauthorized()


@blueprint.get("/")
def home() -> Any:
    """Everyone's own page."""
    return redirect(who().home)


@blueprint.get("/phone")
def phone() -> Any:
    """The simulated network's phone; there is none on a real one."""
    settings = room.center().settings
    if not settings.simulator_url:
        return _failed("There is no simulated phone here: calls come from a real network.", 404)
    return redirect(f"{settings.simulator_url}/phone")


@blueprint.post("/feed-ticket/<name>")
def feed_ticket(name: str) -> Any:
    """Where to open the live stream of `floor` or of one's own `desk`."""
    allowed = {tickets.FLOOR: who().watches, "desk": who().agent in room.center().plan.agents}
    if not allowed.get(name):
        raise Refusal(403, "not_yours", "This sign-in may not see that.")
    stream = tickets.FLOOR if name == tickets.FLOOR else f"desk/{who().agent}"
    return {"url": tickets.address(room.center().settings, stream)}


# -- failures, in words -----------------------------------------------------------------------------------------------


@blueprint.errorhandler(Refusal)
def refused(refusal: Refusal) -> Any:
    """For the page's own requests."""
    return refusal.answer


@blueprint.errorhandler(CSRFError)
def not_from_here(_error: CSRFError) -> Any:
    """An old page, or another site's."""
    return _failed("This page is from an earlier sign-in. Reload it, then try again.", 400)


@blueprint.errorhandler(RedisError)
def away(_error: RedisError) -> Any:
    """The live state cannot be reached."""
    return _failed("The live state cannot be reached just now. Calls are kept; this page comes back by itself.", 503)


@blueprint.errorhandler(HTTPException)
def failed(error: HTTPException) -> Any:
    """4xx of our own."""
    return _failed(error.description or "Something went wrong.", error.code or 500)


def nowhere(_error: Exception) -> Any:
    """An address that leads to nothing, told in the shape of its side."""
    if request.path.startswith("/api/"):
        return Refusal(404, "not_found", "There is nothing at this address.").answer
    return _failed("There is nothing at this address.", 404)


def _failed(message: str, status: int) -> Any:
    if (request.method == "POST" and request.is_json) or request.path.endswith("/frame"):
        return {"error": "failed", "message": message}, status
    return Response(render_template("message.html", message=message, status=status), status)


# -- what templates may say -------------------------------------------------------------------------------------------


def set_up(app: Flask) -> None:
    """Hang the pages on the app."""
    csrf.init_app(app)
    app.register_blueprint(blueprint)
    app.register_error_handler(404, nowhere)

    @app.context_processor
    def words() -> dict[str, Any]:
        center = room.center()
        return {
            "plan": center.plan,
            "simulated": center.settings.simulated,
            "csrf_token": generate_csrf,
            "say": phrases,
            "now_ms": center.now_ms(),
            "zone": center.plan.zone,
        }
