"""What machines ask, and what every answer forbids."""

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
from consoles import headers
from queues.answers import Unavailable
from tests.consoles.visitor import Visitor, signed_in
from tests.stories.world import World

PROCESSES = ("worker_dispatch", "worker_errands", "ticker", "recorder", "feed")


def test_alive_needs_nothing(app: Flask) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}


def test_ready_names_every_part_and_a_silent_one_is_degraded(world: World, app: Flask) -> None:
    for process in PROCESSES:
        world.center.live.beat(process, world.net.now_ms)
    whole = app.test_client().get("/readyz")
    assert whole.status_code == 200
    assert whole.json == {
        "status": "ok",
        "redis": "ok",
        "sql": "ok",
        "workers": {"dispatch": "ok", "errands": "ok"},
        "ticker": "ok",
        "recorder": "ok",
        "feed": "ok",
        "carrier": "ok",
    }
    world.center.live.client.hset("tr:beats", "ticker", world.net.now_ms - 16_000)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert [answer.json[name] for name in ("status", "ticker", "feed")] == ["degraded", "degraded", "ok"]


def test_without_redis_it_is_not_ready_and_says_so(world: World) -> None:
    gone = redis.Redis(port=1, socket_connect_timeout=0.1, retry=Retry(NoBackoff(), 0))
    center = replace(world.center, live=Live(gone, world.center.plan, lambda: None))
    client = wsgi.create_app(center).test_client()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["redis"], answer.json["sql"]) == (503, "degraded", "ok")
    assert client.get("/healthz").status_code == 200
    assert client.get("/metrics").status_code == 200


def test_silent_phone_network_is_degraded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent() -> None:
        raise Unavailable("no answer")

    monkeypatch.setattr(world.center.carrier, "check", silent)
    client = wsgi.create_app(world.center).test_client()
    world.net.advance_to(world.net.now_ms + 11_000)
    assert client.get("/readyz").json["carrier"] == "degraded"


def test_metrics_count_who_waits(world: World, app: Flask) -> None:
    leg = world.call()
    world.run(30, lambda: world.status(leg) == "waiting")
    text = app.test_client().get("/metrics").text
    assert 'queue_waiting_callers{queue="sales"} 1.0' in text
    assert 'queue_waiting_callers{queue="billing"} 0.0' in text
    assert 'agents{activity="idle",status="offline"} 3.0' in text
    assert "oldest_stuck_state_seconds 0.0" in text


def test_pages_may_load_and_reach_only_what_is_ours(world: World, app: Flask) -> None:
    asha = signed_in(world, app, "asha")
    policy = asha.get("/desk").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' http://network.test;" in policy
    assert "http://network.test" not in asha.get("/calls").headers["Content-Security-Policy"]
    answer = asha.get("/desk")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in answer.headers


def test_twilios_hosts_are_allowed_only_on_the_desk_of_a_real_account(world: World) -> None:
    real = world.center.settings.model_copy(update={"simulator_url": "", "public_url": "https://center.test"})
    assert "wss://voice-js.roaming.twilio.com" in headers.policy(real, softphone=True)
    assert "twilio" not in headers.policy(real)
    answer = wsgi.create_app(replace(world.center, settings=real)).test_client().get("/sign-in")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_unknown_address_is_told_in_the_shape_of_its_side(app: Flask) -> None:
    visitor = Visitor(app)
    page, program = visitor.get("/nowhere"), visitor.get("/api/v1/nowhere")
    assert (page.status_code, program.status_code) == (404, 404)
    assert "<!doctype html>" in page.text
    assert program.json["error"] == "not_found"


def test_simulated_pages_say_so_and_lead_to_the_phone(world: World, app: Flask) -> None:
    assert "Simulation" in Visitor(app).get("/sign-in").text
    assert Visitor(app).get("/phone").location == "http://network.test/phone"
    real = world.center.settings.model_copy(update={"simulator_url": ""})
    other = Visitor(wsgi.create_app(replace(world.center, settings=real)))
    assert "Simulation" not in other.get("/sign-in").text
    assert other.get("/phone").status_code == 404
