"""The web process: hangs the doors on Flask. `granian --interface wsgi wsgi:app`, or any WSGI server."""

import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask

import consoles
import webhooks
from center import Center, Running, SettingsError, assemble, read_settings
from logs import start_logging

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def create_app(center: Center) -> Flask:
    """The application over an assembled center; tests hand in their own.

    Webhooks have an application of their own behind it, in its extension `webhooks`: sessions, limits and what browsers
    are told are for people, and would cost a leg that waits a fifth of its request.
    """
    running = Running(center)
    app, network = _plain(), _plain()
    app.secret_key = center.settings.secret_key.get_secret_value()  # webhooks have none, and so no session
    consoles.hang(app, center)
    webhooks.hang(network, center)
    for one in (app, network):
        # The first of all: a request is served by one center from its beginning to its end.
        one.before_request_funcs.setdefault(None, []).insert(0, partial(_serve_newest, one, running))
    app.extensions["webhooks"] = network
    app.wsgi_app = _by_path(network.wsgi_app, app.wsgi_app)  # type: ignore[method-assign, assignment]
    return app


def _plain() -> Flask:
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=256 * 1024)
    return app


def _by_path(network: "WSGIApplication", people: "WSGIApplication") -> "WSGIApplication":
    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return (network if environ["PATH_INFO"].startswith("/voice/") else people)(environ, start_response)

    return serve


def _serve_newest(app: Flask, running: Running) -> None:
    app.extensions["center"] = running.center()


def _start() -> Flask:
    try:
        settings = read_settings()
        start_logging("web", settings.log_level)
        return create_app(assemble(settings))
    except SettingsError as error:
        sys.exit("\n".join(error.lines))


def __getattr__(name: str) -> Flask:
    """`wsgi.app` is made when it is first asked for, so that importing this module needs no environment."""
    if name != "app":
        raise AttributeError(name)
    app = globals()["app"] = _start()
    return app
