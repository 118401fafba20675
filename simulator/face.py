"""The network as a WSGI application: Twilio's REST interface and the control interface, behind the network's lock; the
phones in the browser, which take it themselves where they need it.
"""

from collections.abc import Callable, Iterable
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from simulator.browser_phones import client_door
from simulator.control import control
from simulator.network import Request
from simulator.phone_page import phone_door
from simulator.rest import calls, conferences, messages, numbers, participants, queues, recordings, transcriptions
from simulator.rest.door import BASE, RestFailure, check_faults, check_sender, refusal
from simulator.sessions import Sessions

if TYPE_CHECKING:
    from simulator.network import Network

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]
LOCKED = (BASE, "/control")


class LostAnswer(TimeoutError):
    """A REST request was carried out, but its answer never arrives (a fault switch)."""


class Threshold:
    """Wraps the application: one request at a time, slow or lost answers as the fault switches say."""

    def __init__(self, net: "Network", inner: Wsgi) -> None:
        self._net, self._inner = net, inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: D102
        path = environ.get("PATH_INFO", "")
        if not path.startswith(LOCKED):
            return self._inner(environ, start_response)
        with self._net.turn():
            answer = self._inner(environ, start_response)
        if path.startswith(BASE):
            self._delay(environ)
        return answer

    def _delay(self, environ: dict[str, Any]) -> None:
        faults = self._net.faults
        if faults.rest_slow_ms:
            self._net.pass_time(faults.rest_slow_ms)
        if faults.rest_lost_answers and environ["REQUEST_METHOD"] == "POST":
            faults.rest_lost_answers -= 1
            if connection := environ.get("werkzeug.socket"):
                connection.shutdown(SHUT_RDWR)
            raise LostAnswer(f"the answer to {environ['REQUEST_METHOD']} {environ['PATH_INFO']} is lost")


def face(net: "Network") -> Flask:
    """Build the application of a network."""
    app = Flask(__name__, static_folder=None)
    for part in (calls, queues, conferences, participants, recordings, transcriptions, messages, numbers):
        app.register_blueprint(part.routes(net), url_prefix=f"{BASE}/<account>")
    app.register_blueprint(control(net), url_prefix="/control")
    sessions = Sessions(net)
    app.register_blueprint(client_door(net, sessions), url_prefix="/client")
    app.register_blueprint(phone_door(net, sessions), url_prefix="/phone")

    @app.before_request
    def look() -> None:
        if request.path.startswith(BASE):
            net.requests.append(_noted(net))
            account = request.path.removeprefix(f"{BASE}/").split("/")[0].removesuffix(".json")
            check_sender(net, account)
            check_faults(net)

    @app.after_request
    def write_status(answer: Response) -> Response:
        if request.path.startswith(BASE) and net.requests:
            net.requests[-1].status = answer.status_code
        return answer

    @app.errorhandler(RestFailure)
    def refuse(failure: RestFailure) -> tuple[dict[str, Any], int]:
        return refusal(failure)

    @app.errorhandler(HTTPException)
    def unknown(wrong: HTTPException) -> tuple[dict[str, Any], int]:
        if request.path.startswith(BASE) and wrong.code in (404, 405):
            return refusal(RestFailure(20404, request.path))
        return {
            "error": (wrong.name or "error").lower().replace(" ", "_"),
            "message": wrong.description or "",
        }, wrong.code or 500

    app.wsgi_app = Threshold(net, app.wsgi_app)  # type: ignore[method-assign]
    return app


def _noted(net: "Network") -> Request:
    repeated = request.form.to_dict(flat=False)
    return Request(net.now_ms, request.method, request.path, request.form.to_dict(), repeated=repeated)
