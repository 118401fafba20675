"""The doors people use: desk, floor, calls, sign-in, the API, and what machines ask. The feed is another process."""

from datetime import timedelta

from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry

from center import Center
from consoles import (
    accounts,
    api_flows,
    caller_page,
    center_commands,
    flow_commands,
    headers,
    health,
    pages,
    room,
    signin,
)

SHIFT = timedelta(hours=14)


def hang(app: Flask, center: Center) -> None:
    """Register every page, route and command of this room on the web process's app."""
    room.furnish(app, center)
    settings = center.settings
    app.config.update(
        SESSION_COOKIE_NAME="third_ring",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=SHIFT,
        # Pages check their own posts; webhooks have their signature and the API its token.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A desk stays open for a whole shift.
        WTF_CSRF_TIME_LIMIT=None,
        # Without Redis each process counts for itself, at once.
        RATELIMIT_STORAGE_URI=settings.redis_url or "redis://127.0.0.1:6379/0",
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1, "retry": Retry(NoBackoff(), 0)},
        RATELIMIT_KEY_PREFIX="tr:limit",
    )
    signin.set_up(app)
    pages.set_up(app)
    app.register_blueprint(api_flows.blueprint)
    app.register_blueprint(caller_page.blueprint)
    app.register_blueprint(health.blueprint)
    app.after_request(lambda response: headers.protect(settings, response))
    app.cli.add_command(accounts.seed_people)
    app.cli.add_command(accounts.users_commands)
    app.cli.add_command(flow_commands.flow_commands)
    app.cli.add_command(center_commands.center_commands)
