"""The API: behind its token, in its shapes, with plain words for what is refused."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import BaseModel
from sqlalchemy.exc import OperationalError

from consoles import api
from tests.consoles.visitor import TOKEN
from tests.stories.world import World


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = TOKEN["Authorization"]
    return client


def test_nothing_is_answered_without_the_token(app: Flask) -> None:
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("api.") and "openapi" not in rule.rule
    ]
    assert len(rules) == len(api.OPERATIONS)
    for rule in rules:
        path = (
            rule.rule.replace("<agent>", "asha")
            .replace("<int:offer>", "1")
            .replace("<call>", "CA1")
            .replace("<id>", "CB1")
        )
        method = next(iter(rule.methods & {"GET", "PUT", "POST"}))  # type: ignore[operator]
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}):
            answer = app.test_client().open(f"{path}", method=method, headers=headers, json={})
            assert (rule.rule, answer.status_code, answer.json["error"]) == (rule.rule, 401, "unauthorized")


def test_agents_are_listed_with_skills_line_status_and_activity(client: FlaskClient) -> None:
    agents = client.get("/api/v1/agents").json["agents"]
    assert [agent["id"] for agent in agents] == ["asha", "ravi", "kiran", "meera", "arjun", "farah"]
    assert agents[3] == {
        "id": "meera",
        "name": "Meera Nair",
        "skills": {"sales": 3, "support": 2, "lang:en": 3, "lang:hi": 2},
        "line": "client:meera",
        "status": "offline",
        "reason": None,
        "activity": "no_device",
        "since_ms": None,
        "call": None,
        "offer": None,
    }


def test_status_is_chosen_and_read(client: FlaskClient) -> None:
    path = "/api/v1/agents/asha/status"
    assert client.put(path, json={"status": "break", "reason": "lunch"}).json == {
        "status": "break",
        "reason": "lunch",
        "activity": "idle",
    }
    assert client.put(path, json={"status": "available", "reason": None}).status_code == 200
    assert client.get(path).json == {"status": "available", "reason": None, "activity": "idle"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/agents/nobody/status", None, 404, "There is no agent 'nobody'."),
        ("PUT", "/agents/asha/status", {"status": "asleep"}, 422, "status must be 'available', 'break' or 'offline'"),
        ("PUT", "/agents/asha/status", {}, 422, "status is missing"),
        ("PUT", "/agents/asha/status", [1], 422, "must be a JSON object"),
        ("POST", "/agents/asha/offers/1/accept", {}, 409, "the call has moved on"),
        ("POST", "/agents/asha/offers/1/decline", {"reason": "x" * 81}, 422, "reason must have at most 80"),
        ("POST", "/agents/asha/wrap-up", {"call": "x", "disposition": "resolved"}, 422, "call must match"),
        (
            "POST",
            "/agents/asha/wrap-up",
            {"call": "CA" + "0" * 32, "disposition": "magic"},
            422,
            "disposition must be one",
        ),
        ("POST", "/agents/asha/wrap-up", {"call": "CA" + "0" * 32, "disposition": "resolved"}, 409, "moved on"),
        ("GET", "/calls?limit=0", None, 422, "limit must be greater than or equal to 1"),
        ("GET", "/calls?status=asleep", None, 422, "status must be"),
        ("GET", "/calls?colour=red", None, 422, "colour is not a known field"),
        ("GET", "/calls/CA" + "0" * 32, None, 404, "There is no call"),
    ],
)
def test_what_cannot_be_done_is_told_in_plain_words(
    client: FlaskClient, method: str, path: str, body: Any, status: int, words: str
) -> None:
    answer = client.open(f"/api/v1{path}", method=method, **({"json": body} if body is not None else {}))
    assert answer.status_code == status
    assert isinstance(answer.json, dict)
    assert set(answer.json) == {"error", "message"}
    assert words in answer.json["message"]


def test_offer_on_a_phone_is_answered_on_the_phone(world: World, client: FlaskClient) -> None:
    world.agent("asha", "never")
    world.call()
    world.run(60, lambda: world.center.live.agent("asha").offer)
    offer = world.center.live.agent("asha").offer
    answer = client.post(f"/api/v1/agents/asha/offers/{offer}/accept")
    assert (answer.status_code, answer.json["error"]) == (409, "answer_on_the_phone")
    assert client.post(f"/api/v1/agents/ravi/offers/{offer}/decline").json["error"] == "stale"
    assert client.post(f"/api/v1/agents/asha/offers/{offer}/decline").json == {"offer": offer, "outcome": "declined"}


def test_queue_and_floor_show_who_waits(world: World, client: FlaskClient) -> None:
    leg = world.call()
    world.run(30, lambda: world.status(leg) == "waiting")
    world.run(5)
    sales = client.get("/api/v1/queues").json["queues"][0]
    assert (sales["queue"], sales["waiting"], sales["needs"]) == ("sales", 1, {"sales": 1})
    assert 5000 <= sales["longest_wait_ms"] <= 6000
    floor = client.get("/api/v1/floor").json
    assert floor["counts"]["waiting"] == 1
    assert [caller["call"] for caller in floor["callers"]] == [leg.sid]
    assert floor["first"][0]["helps"] == "Nobody who can take it is signed in"


def test_call_is_found_by_any_of_its_legs_with_all_its_evidence(world: World, client: FlaskClient) -> None:
    world.agent("asha")
    leg = world.call()
    world.until_ended(leg)
    call = client.get(f"/api/v1/calls/{leg.sid}").json
    assert (call["call"], call["status"], call["outcome"], call["language"]) == (leg.sid, "ended", "answered", "en")
    assert [offer["outcome"] for offer in call["offers"]] == ["accepted"]
    assert call["offers"][0]["reason"]["rule"] == world.center.plan.queues["sales"].rule
    verdicts = {target["target"]: target["verdict"] for target in call["targets"]}
    assert verdicts["agent_answers"] == "kept"
    agent_leg = next(row["leg"] for row in call["legs"] if row["role"] == "agent")
    assert client.get(f"/api/v1/calls/{agent_leg}").json == call
    assert [row["call"] for row in client.get("/api/v1/calls?agent=asha&outcome=answered").json["calls"]] == [leg.sid]
    assert client.get("/api/v1/calls?queue=billing").json == {"calls": []}


def test_call_is_told_from_the_live_state_while_sql_is_down(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.agent("asha", "answer@2rings, press 1 on gather, hang up after 60s of talk")
    leg = world.call()
    world.run(60, lambda: world.status(leg) == "talking")
    recorded = client.get(f"/api/v1/calls/{leg.sid}").json
    monkeypatch.setattr(world.center.history, "call", _down)
    live = client.get(f"/api/v1/calls/{leg.sid}").json
    for name in ("call", "status", "queue", "language", "agent", "enqueued_ms", "answered_ms"):
        assert (name, live[name]) == (name, recorded[name])
    told = [(row["target"], row["verdict"], row["actual_ms"]) for row in recorded["targets"]]
    for row in live["targets"]:
        assert (row["target"], row["verdict"], row["actual_ms"]) in told
    assert {row["target"] for row in live["targets"]} == {"time_to_person", "reach_person", "agent_answers"}


def test_list_of_calls_says_503_without_sql(world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.center.history, "calls", _down)
    assert client.get("/api/v1/calls").status_code == 503


def test_description_names_every_route_every_word_and_every_shape(app: Flask) -> None:
    found = app.test_client().get("/api/v1/openapi.json").json
    assert found["openapi"] == "3.1.0"
    described = {(method, path) for path, row in found["paths"].items() for method in row}
    assert ("put", "/agents/{agent}/status") in described
    assert len(described) == len(api.OPERATIONS)
    schemas = found["components"]["schemas"]
    assert schemas["StatusWish"]["properties"]["status"]["enum"] == ["available", "break", "offline"]
    assert schemas["TargetShape"]["properties"]["verdict"]["enum"] == ["running", "at_risk", "kept", "broken"]
    assert set(_references(found)) <= {f"#/components/schemas/{name}" for name in schemas}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []


def test_every_operation_answers_in_a_model_of_its_own() -> None:
    assert all(issubclass(operation.answer, BaseModel) for operation in api.OPERATIONS)


def _down(*_: Any, **__: Any) -> None:
    raise OperationalError("select", {}, Exception("down"))
