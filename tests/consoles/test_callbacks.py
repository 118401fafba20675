"""What we owe to callers who hung up, as supervisors, programs and the callers themselves see and change it."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from queues import caller_links
from simulator import Leg
from tests.consoles.visitor import TOKEN, Visitor, signed_in
from tests.stories.world import World

JIGNESH = "+919898000111"
WAITS = "press 1 on gather, press 1 on gather, wait"


@pytest.fixture
def supervisor(app: Flask, world: World) -> Visitor:
    return signed_in(world, app, "leela", "supervisor")


@pytest.fixture
def api(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = TOKEN["Authorization"]
    return client


def owed(world: World, number: str = JIGNESH) -> Leg:
    caller = world.call("press 1 on gather, press 1 on gather, press 1 at 52s, press 1 at 70s", number)
    world.run(90, lambda: caller.ended)
    assert world.live(caller).callback
    return caller


def link(world: World, caller: Leg) -> str:
    return caller_links.address(world.center.settings, caller.sid).removeprefix(world.center.settings.base_url)


def test_supervisor_sees_what_is_owed_and_where_it_stands(supervisor: Visitor, world: World) -> None:
    page = supervisor.get("/callbacks").text
    assert "We owe nobody a call." in page
    owed(world)
    page = supervisor.get("/callbacks").text
    assert "Jignesh Modi" in page
    assert JIGNESH not in page
    assert re.search(r"In line, place 1", page)


def test_supervisor_calls_one_next_moves_it_and_calls_it_off(supervisor: Visitor, world: World) -> None:
    first = world.call(WAITS, "+919898000222")
    world.run(10)
    caller = owed(world)
    id = world.live(caller).callback
    assert supervisor.post(f"/callbacks/{id}/first").status_code == 302
    assert world.live(caller).position_ms < world.live(first).position_ms
    from_ms = world.net.now_ms + 7_200_000
    assert supervisor.fill(f"/callbacks/{id}/move", from_ms=str(from_ms)).status_code == 302
    assert world.live(caller).not_before_ms == from_ms
    assert "Waits for its time" in supervisor.get("/callbacks").text
    assert supervisor.post(f"/callbacks/{id}/cancel").status_code == 302
    assert world.status(caller) == "ended"
    world.drain()
    assert "Cancelled" in supervisor.get("/callbacks?status=cancelled").text
    assert supervisor.post(f"/callbacks/{id}/cancel").status_code == 409


def test_agent_sees_no_list_of_callbacks(app: Flask, world: World) -> None:
    agent = signed_in(world, app, "asha")
    assert agent.get("/callbacks").status_code == 403


def test_program_lists_moves_and_cancels(api: FlaskClient, world: World) -> None:
    caller = owed(world)
    (row,) = api.get("/api/v1/callbacks").json["callbacks"]
    assert (row["call"], row["status"], row["place"], row["number"]) == (caller.sid, "open", 1, "+91 ••••• 11")
    path = f"/api/v1/callbacks/{row['callback']}"
    assert api.post(f"{path}/move", json={"from_ms": 1}).status_code == 422
    later_ms = world.net.now_ms + 3_600_000
    assert api.post(f"{path}/move", json={"from_ms": later_ms}).json["not_before_ms"] == later_ms
    assert api.post(f"{path}/first", json={}).json["not_before_ms"] is None
    assert api.post(f"{path}/cancel", json={}).status_code == 200
    assert api.get("/api/v1/callbacks").json["callbacks"] == []
    assert api.post("/api/v1/callbacks/CBnone/cancel", json={}).status_code == 404


# -- the caller's own page ---------------------------------------------------------------------------------------------


def test_caller_asks_for_the_link_in_line_and_gets_it_as_a_text(world: World, app: Flask) -> None:
    caller = world.call("press 2 on gather, press 1 on gather, press 4 at 52s", JIGNESH)
    world.run(80)
    (message,) = world.net.messages.by_sid.values()
    assert message.to == JIGNESH
    address = message.body.rpartition(" ")[2].removeprefix(world.center.settings.base_url)
    page = app.test_client().get(address).text
    assert "आप कतार में हैं। आपसे आगे: 0।" in page
    assert JIGNESH not in page
    assert world.status(caller) == "waiting"


def test_caller_switches_to_a_callback_moves_it_and_says_what_it_is_about(app: Flask, world: World) -> None:
    caller, client = world.call(WAITS, JIGNESH), app.test_client()
    world.run(60)
    address = link(world, caller)
    assert "Call me back instead" in client.get(address).text
    assert client.post(f"{address}/callback").status_code == 303
    world.run(5)
    assert caller.ended
    page = client.get(address).text
    assert "We will call you by 2 PM. Your place is kept." in page
    chosen = re.findall(r'<option value="(\d+)">', page)[1]
    assert client.post(f"{address}/move", data={"from_ms": chosen}).status_code == 303
    assert world.live(caller).not_before_ms == int(chosen)
    assert client.post(f"{address}/note", data={"note": "The fridge is <b>warm</b>"}).status_code == 303
    notes = [mark["note"] for mark in world.record(caller)["marks"] if mark["name"] == "caller_note"]
    assert notes == ["The fridge is <b>warm</b>"]
    assert client.post(f"{address}/cancel").status_code == 303
    assert client.get(address).status_code == 200
    assert world.status(caller) == "ended"


def test_time_that_was_not_offered_is_refused_and_nothing_is_lost(app: Flask, world: World) -> None:
    caller, client = owed(world), app.test_client()
    before = world.live(caller)
    answer = client.post(f"{link(world, caller)}/move", data={"from_ms": "1"})
    assert answer.status_code == 409
    assert "That is not possible any more." in answer.text
    assert world.live(caller) == before


@pytest.mark.parametrize("token", ["x", "WyJDQSJd.abc.def", "a" * 400])
def test_link_that_is_not_ours_shows_nothing(app: Flask, token: str) -> None:
    answer = app.test_client().get(f"/c/{token}")
    assert answer.status_code == 404
    assert "This call is over, or the link is too old." in answer.text
