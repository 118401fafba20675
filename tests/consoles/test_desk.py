"""An agent's page: what it shows at each moment of a call, and what it may ask for."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

import json
import re
from dataclasses import replace
from typing import Any

import jwt
import pytest
from flask import Flask
from pydantic import SecretStr

import wsgi
from center import Center
from tests.consoles.visitor import Visitor, let_in, signed_in
from tests.stories.world import World


@pytest.fixture
def asha(world: World, app: Flask) -> Visitor:
    """Asha at her desk; her phone rings without end."""
    visitor = signed_in(world, app, "asha")
    world.agent("asha", "never")
    return visitor


def frame(visitor: Visitor) -> dict[str, Any]:
    answer = visitor.get("/desk/frame")
    assert answer.status_code == 200
    assert isinstance(answer.json, dict)
    return answer.json


def test_ringing_desk_says_who_why_how_long_and_what_was_promised(world: World, asha: Visitor) -> None:
    leg = world.call()
    world.run(60, lambda: (frame(asha)["offer"] or {}).get("status") == "ringing")
    shown = frame(asha)
    assert shown["agent"]["activity"] == "offered"
    call = shown["call"]
    told = [call[name] for name in ("call", "name", "number", "language", "queue_title")]
    assert told == [leg.sid, "Maria Lopez", "+1 ••••• 23", "English", "Sales"]
    assert shown["offer"]["clock"]["limit_ms"] == 9000
    assert shown["offer"]["clock"]["from_ms"] > 0
    assert call["reach_person"] == {
        "target": "reach_person",
        "from_ms": call["enqueued_ms"],
        "limit_ms": 18_000,
        "ring_ms": 6000,
        "to_ms": None,
    }


def test_desk_never_shows_the_callers_full_number(world: World, asha: Visitor) -> None:
    world.call(from_="+14155550199")
    world.run(60, lambda: frame(asha)["offer"])
    assert "4155550199" not in asha.get("/desk").text
    assert frame(asha)["call"]["name"] == ""


def test_declining_rings_the_next_agent_and_says_so(world: World, asha: Visitor) -> None:
    leg = world.call()
    world.run(60, lambda: frame(asha)["offer"])
    offer = frame(asha)["offer"]["offer"]
    world.agent("kiran", "never")
    answer = asha.post("/desk/decline", {"offer": offer, "reason": "not_ready"})
    assert (answer.status_code, answer.json["agent"]["activity"]) == (200, "idle")
    world.run(60, lambda: world.center.live.agent("kiran").activity == "offered")
    assert world.offers(leg)[0] == ("asha", "declined")
    again = asha.post("/desk/decline", {"offer": offer, "reason": "not_ready"})
    assert (again.status_code, again.json["error"]) == (409, "stale")


def test_hanging_up_leads_to_wrap_up_and_four_fields_to_the_record(world: World, app: Flask) -> None:
    asha = signed_in(world, app, "asha")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 300s of talk")
    leg = world.call()
    world.run(60, lambda: frame(asha)["agent"]["activity"] == "talking" and frame(asha)["call"]["joined"])
    assert asha.post("/desk/hang-up", {"call": leg.sid}).status_code == 200
    world.run(30, lambda: frame(asha)["agent"]["activity"] == "wrap_up")
    assert frame(asha)["wrap_up"]["limit_ms"] == 60_000
    notes = {"call": leg.sid, "disposition": "resolved", "reason": "refund", "solved": "yes", "note": "It stopped."}
    answer = asha.post("/desk/wrap-up", notes)
    assert (answer.status_code, answer.json["agent"]["activity"]) == (200, "idle")
    record = world.record(leg)
    assert [record[name] for name in ("status", "disposition", "reason", "solved", "note")] == [
        "ended",
        "resolved",
        "refund",
        "yes",
        "It stopped.",
    ]
    assert asha.post("/desk/wrap-up", notes).status_code == 409


def test_more_time_is_given_once(world: World, app: Flask) -> None:
    asha = signed_in(world, app, "asha")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    world.call()
    world.run(120, lambda: frame(asha)["agent"]["activity"] == "wrap_up")
    answers = [asha.post("/desk/more-time") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert (frame(asha)["wrap_up"]["limit_ms"], frame(asha)["wrap_up"]["extended"]) == (120_000, True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "asleep"}, "status must be 'available', 'break' or 'offline'"),
        ({}, "status is missing"),
        ({"status": "break", "reason": "siesta"}, "a break's reason must be one of break, lunch, training, meeting"),
        ({"status": "available", "mood": "fine"}, "mood is not a known field"),
    ],
)
def test_wrong_status_is_refused_in_plain_words(asha: Visitor, body: dict[str, str], words: str) -> None:
    answer = asha.post("/desk/status", body)
    assert answer.status_code == 422
    assert words in answer.json["message"]


def test_today_lists_the_agents_own_calls_with_their_ring(world: World, app: Flask) -> None:
    asha = signed_in(world, app, "asha")
    assert asha.get("/desk/today").json == {"calls": []}
    world.agent("asha", "answer@2rings, press 1 on gather, hang up after 5s of talk")
    leg = world.call()
    world.until_ended(leg)
    (row,) = asha.get("/desk/today").json["calls"]
    assert (row["call"], row["who"], row["queue_title"]) == (leg.sid, "Maria Lopez", "Sales")
    clock = next(row for row in world.record(leg)["targets"] if row["target"] == "agent_answers")
    assert row["answers"]["to_ms"] - row["answers"]["from_ms"] == clock["actual_ms"]
    kiran = signed_in(world, app, "kiran")
    assert kiran.get("/desk/today").json == {"calls": []}


def test_closed_desk_of_a_browser_agent_has_no_device(world: World, app: Flask) -> None:
    meera = signed_in(world, app, "meera")
    meera.post("/desk/status", {"status": "available"})
    assert frame(meera)["agent"]["activity"] == "no_device"
    assert meera.post("/desk/device").json["agent"]["activity"] == "idle"
    assert meera.post("/desk/device/gone").json["agent"]["activity"] == "no_device"


def test_token_lets_the_page_answer_as_this_agents_line(world: World) -> None:
    keys = {
        "twilio_api_key": "SK" + "2" * 32,
        "twilio_api_secret": SecretStr("s" * 32),
        "twilio_twiml_app_sid": "AP" + "3" * 32,
    }
    center: Center = replace(world.center, settings=world.center.settings.model_copy(update=keys))
    let_in(center, "meera", "agent", "meera")
    meera = Visitor(wsgi.create_app(center))
    meera.sign_in("meera")
    token = jwt.decode(
        meera.post("/desk/token").json["token"], "s" * 32, algorithms=["HS256"], options={"verify_exp": False}
    )
    assert token["grants"]["identity"] == "meera"
    assert token["grants"]["voice"] == {
        "incoming": {"allow": True},
        "outgoing": {"application_sid": "AP" + "3" * 32},
    }
    assert token["exp"] - token["nbf"] == 3600


def test_token_is_refused_without_keys_and_for_plain_phones(world: World, app: Flask) -> None:
    assert signed_in(world, app, "meera").post("/desk/token").json["error"] == "no_api_key"
    assert signed_in(world, app, "asha").post("/desk/token").json["error"] == "plain_phone"


def test_page_carries_its_first_frame_and_the_choices(asha: Visitor) -> None:
    found = re.search(r'<script type="application/json" id="desk">(.*?)</script>', asha.get("/desk").text)
    assert found
    given = json.loads(found[1])
    assert given["frame"]["agent"]["name"] == "Asha Patel"
    assert given["ring"] == {"cadence_ms": [400, 200, 400, 2000], "tones_hz": [400, 425]}
    assert [row["id"] for row in given["dispositions"]][:2] == ["resolved", "follow_up"]
