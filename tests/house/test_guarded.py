"""Every route stands behind a guard: the phone network's signature, the API's token or a person's sign-in."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.routing import Rule

from center import Settings, assemble
from wsgi import create_app

# Asked by machines and browsers before anybody can be known; none of them tells anything about a call.
OPEN = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/sign-in",
    "/static/<path:filename>",
    "/voice/music.wav",
    "/api/v1/openapi.json",
    "/phone",  # sends to the simulated network's own page, and only when there is one
}
SAMPLE = {
    "sid": "CA" + "0" * 32,
    "call": "CA" + "0" * 32,
    "agent": "asha",
    "offer": "7",
    "name": "floor",
    "filename": "x.css",
    "id": "CB" + "0" * 32,
    "deed": "first",
    "token": "x",
}


@pytest.fixture
def app(redis_url: str, sqlite_url: str) -> Flask:
    settings = Settings(
        _env_file=None,
        redis_url=redis_url,
        database_url=sqlite_url,
        secret_key=SecretStr("s" * 32),
        api_token=SecretStr("t" * 32),
        public_url="https://calls.example.org",
        twilio_account_sid="AC" + "1" * 32,
        twilio_auth_token=SecretStr("a" * 32),
        twilio_caller_id="+18005550100",
        twilio_api_base_url="http://127.0.0.1:1",
    )
    return create_app(assemble(settings))


def rules(app: Flask) -> list[Rule]:
    """Of the pages and the API, and of the webhooks behind them."""
    return [*app.url_map.iter_rules(), *app.extensions["webhooks"].url_map.iter_rules()]


def routes(app: Flask) -> Iterator[tuple[str, Rule, str]]:
    for rule in rules(app):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule, re.sub(r"<(?:\w+:)?(\w+)>", lambda found: SAMPLE[found[1]], rule.rule)


def refused(client: FlaskClient, method: str, rule: Rule, path: str) -> bool:
    """True when a stranger is told to go: each kind of door in its own way."""
    answer = client.open(path, method=method)
    if rule.rule.startswith("/voice/"):
        return answer.status_code == 403
    if rule.rule.startswith("/api/"):
        return answer.status_code == 401
    if rule.rule.startswith("/c/"):  # a caller's page: the signature is in the link, and another leads to nothing
        return answer.status_code == 404
    # A page sends to the sign-in; what a page posts lacks the session's token first of all.
    return answer.status_code in (400, 401, 403) or (
        answer.status_code in (302, 303) and answer.headers["Location"].startswith("/sign-in")
    )


def test_a_stranger_is_refused_at_every_route_but_the_open_ones(app: Flask) -> None:
    client = app.test_client()
    let_in = [
        f"{method} {rule.rule}"
        for method, rule, path in routes(app)
        if rule.rule not in OPEN and not refused(client, method, rule, path)
    ]
    assert let_in == []


def test_the_open_routes_are_all_there(app: Flask) -> None:
    assert OPEN - {rule.rule for rule in rules(app)} == set()


def test_every_webhook_is_a_post_so_that_its_signature_covers_what_it_says(app: Flask) -> None:
    webhooks = [(method, rule.rule) for method, rule, _path in routes(app) if rule.rule.startswith("/voice/")]
    assert [rule for method, rule in webhooks if method != "POST" and rule not in OPEN] == []


def test_what_is_for_browsers_is_told_to_browsers_alone(app: Flask) -> None:
    client = app.test_client()
    assert "Content-Security-Policy" in client.get("/sign-in").headers
    webhook = client.post("/voice/incoming")
    assert (webhook.status_code, webhook.get_data(as_text=True)) == (403, "Forbidden\n")
    assert "Content-Security-Policy" not in webhook.headers
    assert client.post("/voice/nowhere").status_code == 404
