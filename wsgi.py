"""The web process: hangs the doors on Flask. `granian --interface wsgi wsgi:app`, or any WSGI server."""

import sys

from flask import Flask

import consoles
import webhooks
from center import Center, Running, SettingsError, assemble, read_settings
from logs import start_logging


def create_app(center: Center) -> Flask:
    """The application over an assembled center; tests hand in their own."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config.update(SECRET_KEY=center.settings.secret_key.get_secret_value(), MAX_CONTENT_LENGTH=256 * 1024)
    webhooks.hang(app, center)
    consoles.hang(app, center)
    running = Running(center)
    # The first of all: a request is served by one center from its beginning to its end.
    app.before_request_funcs.setdefault(None, []).insert(0, lambda: _serve_newest(app, running))
    return app


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
