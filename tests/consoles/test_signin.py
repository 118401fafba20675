"""Who gets in, who does not, and what a session survives."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

from dataclasses import replace

import pytest
import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry

import wsgi
from adapters.live import Live
from consoles import accounts
from tests.consoles.visitor import PASSWORD, Visitor, let_in, signed_in
from tests.stories.world import World


def test_agent_who_signs_in_comes_to_the_desk(world: World, app: Flask) -> None:
    let_in(world.center, "asha", "agent", "asha")
    visitor = Visitor(app)
    answer = visitor.sign_in("asha")
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert visitor.get("/desk").status_code == 200


def test_supervisor_comes_to_the_floor_and_has_no_desk(world: World, app: Flask) -> None:
    visitor = signed_in(world, app, "leela", "supervisor")
    assert visitor.get("/").location == "/floor"
    assert visitor.get("/desk").status_code == 403


def test_agent_does_not_see_the_floor(world: World, app: Flask) -> None:
    visitor = signed_in(world, app, "asha")
    assert [visitor.get(path).status_code for path in ("/floor", "/floor/frame")] == [403, 403]
    assert visitor.post("/feed-ticket/floor").status_code == 403


def test_wrong_password_and_wrong_name_are_told_in_the_same_words(world: World, app: Flask) -> None:
    let_in(world.center, "asha", "agent", "asha")
    wrong, stranger = Visitor(app).sign_in("asha", "not-it"), Visitor(app).sign_in("nobody")
    assert (wrong.status_code, stranger.status_code) == (401, 401)
    words = "This name and password do not go together"
    assert words in wrong.text
    assert words in stranger.text


@pytest.mark.parametrize("path", ["/", "/desk", "/floor", "/calls", "/calls/CA1"])
def test_stranger_is_sent_to_the_sign_in(app: Flask, path: str) -> None:
    answer = Visitor(app).get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("path", ["/desk/status", "/desk/wrap-up", "/feed-ticket/desk"])
def test_strangers_post_changes_nothing(app: Flask, path: str) -> None:
    visitor = Visitor(app)
    answer = visitor.post(path, {"status": "available"}, proof=visitor.proof("/sign-in"))
    assert (answer.status_code, answer.json["error"]) == (401, "signed_out")


def test_post_without_the_pages_proof_is_refused(world: World, app: Flask) -> None:
    visitor = signed_in(world, app, "asha")
    answer = visitor.post("/desk/status", {"status": "available"}, proof="")
    assert answer.status_code == 400
    assert world.center.live.agent("asha").status == "offline"


@pytest.mark.parametrize("goal", ["//evil.test", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"])
def test_sign_in_never_leads_to_another_site(world: World, app: Flask, goal: str) -> None:
    let_in(world.center, "asha", "agent", "asha")
    assert Visitor(app).sign_in("asha", path=f"/sign-in?next={goal}").location == "/desk"


def test_sign_in_leads_on_to_the_page_that_was_asked_for(world: World, app: Flask) -> None:
    let_in(world.center, "asha", "agent", "asha")
    assert Visitor(app).sign_in("asha", path="/sign-in?next=/calls").location == "/calls"


def test_guessing_is_slowed_down(world: World, app: Flask) -> None:
    let_in(world.center, "asha", "agent", "asha")
    answers = [Visitor(app).sign_in("asha", "guess").status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_new_password_ends_older_sessions(world: World, app: Flask) -> None:
    visitor = signed_in(world, app, "asha")
    assert visitor.get("/desk").status_code == 200
    world.center.history.add_user("asha", "agent", accounts.hashed("another-one-2"), "asha")
    assert visitor.get("/desk").status_code == 200
    world.net.advance_to(world.net.now_ms + 61_000)
    assert visitor.get("/desk").status_code == 302


def test_those_at_work_stay_at_work_without_sql(world: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = signed_in(world, app, "asha")
    world.net.advance_to(world.net.now_ms + 61_000)
    monkeypatch.setattr(world.center.history, "user", _sql_is_down)
    assert visitor.get("/desk").status_code == 200
    assert Visitor(app).sign_in("asha").status_code == 503


def test_without_redis_people_still_get_in_and_are_told_what_is_missing(world: World) -> None:
    gone = redis.Redis(port=1, socket_connect_timeout=0.1, retry=Retry(NoBackoff(), 0))
    settings = world.center.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    center = replace(world.center, settings=settings, live=Live(gone, world.center.plan, lambda: None))
    let_in(center, "asha", "agent", "asha")
    visitor = Visitor(wsgi.create_app(center))
    assert visitor.sign_in("asha").status_code == 303
    page, frame = visitor.get("/desk"), visitor.get("/desk/frame")
    assert (page.status_code, frame.status_code) == (503, 503)
    assert "The live state cannot be reached just now" in page.text
    assert frame.json["error"] == "failed"


def test_signing_out_takes_the_agent_off_the_line(world: World, app: Flask) -> None:
    visitor = signed_in(world, app, "asha")
    visitor.post("/desk/status", {"status": "available"})
    assert world.center.live.agent("asha").status == "available"
    answer = visitor.client.post("/sign-out", data={"csrf_token": visitor.proof("/desk")}, base_url=visitor.base_url)
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert world.center.live.agent("asha").status == "offline"
    assert visitor.get("/desk").status_code == 302


def test_cookie_is_for_this_site_and_not_for_scripts(world: World, app: Flask) -> None:
    let_in(world.center, "asha", "agent", "asha")
    cookie = Visitor(app).sign_in("asha").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert PASSWORD not in cookie


def _sql_is_down(_name: str) -> None:
    from sqlalchemy.exc import OperationalError

    raise OperationalError("select", {}, Exception("down"))
