"""Cases on the desk, on the call's page and in the API; and the message played through our own server."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from adapters.carrier import connect
from queues.answers import Gone
from simulator import Leg
from tests.consoles.visitor import TOKEN, Visitor, signed_in
from tests.stories.world import ACCOUNT, World, changed

SPEAKS = "press 1 on gather, press 1 on gather, press 3 at 52s, say 'My fridge is loud, please call me' on record"
JIGNESH = "+919898000111"


@pytest.fixture
def caller(world: World) -> Leg:
    """Somebody who has left a message."""
    caller = world.call(f"{SPEAKS}, press 1 on gather, wait", JIGNESH)
    world.run(120, lambda: caller.ended)
    world.run(20)
    return caller


@pytest.fixture
def asha(world: World, app: Flask, caller: Leg) -> Visitor:
    return signed_in(world, app, "asha")


def one(answer: Any) -> dict[str, Any]:
    (case,) = answer.json["cases"]
    return dict(case)


def test_desk_shows_what_we_owe_and_the_number_only_to_who_has_taken_it(
    world: World, app: Flask, caller: Leg, asha: Visitor
) -> None:
    ravi = signed_in(world, app, "ravi")
    case = one(asha.get("/cases"))
    told = {name: case[name] for name in ("kind", "name", "number", "queue", "who", "seconds", "words", "playable")}
    assert told == {
        "kind": "voicemail",
        "name": "Jignesh Modi",
        "number": "+91 ••••• 11",
        "queue": "sales",
        "who": None,
        "seconds": 7,
        "words": "My fridge is loud, please call me",
        "playable": True,
    }
    assert case["target"]["verdict"] == "running"
    taken = one(asha.post(f"/cases/{case['case']}/take"))
    assert (taken["mine"], taken["who_title"], taken["number"]) == (True, "Asha Patel", JIGNESH)
    assert ravi.post(f"/cases/{case['case']}/take").status_code == 409
    assert one(ravi.get("/cases"))["number"] == "+91 ••••• 11"


def test_case_is_resolved_with_a_note_and_its_clock_stops(world: World, caller: Leg, asha: Visitor) -> None:
    case = one(asha.get("/cases"))
    path = f"/cases/{case['case']}/resolve"
    assert asha.post(path, {"note": ""}).status_code == 422
    world.run(3600)
    assert asha.post(path, {"note": "Sent a mechanic <b>"}).json == {"now_ms": world.net.now_ms, "cases": []}
    assert asha.post(path, {"note": "Again"}).status_code == 409
    target = next(row for row in world.record(caller)["targets"] if row["target"] == "request_handled")
    assert (target["verdict"], target["actual_ms"] // 60_000) == ("kept", 60)
    assert [mark["who"] for mark in world.record(caller)["marks"] if mark["name"] == "case_resolved"] == ["asha"]
    page = signed_in(world, asha.client.application, "leela", "supervisor").get(f"/calls/{caller.sid}").text
    assert "Sent a mechanic &lt;b&gt;" in page
    assert "Request handled" in page
    assert f'src="/recordings/{case["recording"]}"' in page


def test_message_is_played_through_us_and_in_parts(world: World, app: Flask, caller: Leg, asha: Visitor) -> None:
    path = f"/recordings/{one(asha.get('/cases'))['recording']}"
    whole = asha.get(path)
    assert (whole.status_code, whole.mimetype, whole.data[:2]) == (200, "audio/mpeg", b"\xff\xfb")
    part = asha.get(path, headers={"Range": "bytes=192-383"})
    assert (part.status_code, part.data) == (206, whole.data[192:384])
    assert part.headers["Content-Range"] == f"bytes 192-383/{len(whole.data)}"
    assert "twilio" not in str(whole.headers).lower()
    heard = [mark["who"] for mark in world.record(caller)["marks"] if mark["name"] == "recording_heard"]
    assert heard == ["asha"]
    assert asha.get("/recordings/RE" + "0" * 32).status_code == 404
    assert app.test_client().get(path).status_code == 302


def test_message_that_was_erased_is_said_to_be(world: World, caller: Leg, asha: Visitor) -> None:
    case = one(asha.get("/cases"))
    world.center.history.cases.erased(case["recording"])
    answer = asha.get(f"/recordings/{case['recording']}")
    assert (answer.status_code, "This recording was erased." in answer.text) == (404, True)
    assert one(asha.get("/cases"))["playable"] is False
    page = signed_in(world, asha.client.application, "leela", "supervisor").get(f"/calls/{caller.sid}").text
    assert ("The recording was erased." in page, "not ready yet" in page) == (True, False)


def test_carrier_that_does_not_answer_is_told_so(
    world: World, caller: Leg, asha: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_sid: str) -> bytes:
        raise Gone("404")

    path = f"/recordings/{one(asha.get('/cases'))['recording']}"
    monkeypatch.setattr(world.center.carrier, "recording", gone)
    assert asha.get(path).status_code == 502


def test_record_is_away_and_the_desk_says_that_none_is_lost(
    world: World, asha: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(world.center.history.cases, "listed", away)
    assert (asha.get("/cases").status_code, "None is lost" in asha.get("/cases").text) == (503, True)


def test_programs_list_take_and_resolve(world: World, app: Flask, caller: Leg) -> None:
    client: FlaskClient = app.test_client()

    def ask(path: str, body: Any = None) -> Any:
        verb = client.get if body is None else client.post
        return verb(f"/api/v1/cases{path}", headers=TOKEN, **({} if body is None else {"json": body}))

    (case,) = ask("").json["cases"]
    assert (case["call"], case["number"], case["target"]["limit_ms"]) == (caller.sid, "+91 ••••• 11", 86_400_000)
    id = case["case"]
    assert ask(f"/{id}/take", {"who": "kiran"}).json["who"] == "kiran"
    assert ask(f"/{id}/take", {"who": "asha"}).status_code == 409
    done = ask(f"/{id}/resolve", {"who": "kiran", "note": "Called"}).json
    assert (done["status"], done["note"], done["target"]["verdict"]) == ("resolved", "Called", "kept")
    assert ask("?status=open").json["cases"] == []
    assert [row["case"] for row in ask("?status=all&kind=voicemail").json["cases"]] == [id]
    assert (ask("?status=lost").status_code, ask("/CS0/take", {"who": "x"}).status_code) == (422, 404)


def test_recording_is_fetched_over_http_with_our_credentials(world: World, caller: Leg) -> None:
    from threading import Thread

    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, world.net.app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        sid = next(iter(world.net.recordings.by_sid))
        base = f"http://127.0.0.1:{server.server_port}"
        assert connect(ACCOUNT, (ACCOUNT, "secret"), base).recording(sid)[:2] == b"\xff\xfb"
        with pytest.raises(Gone):
            connect(ACCOUNT, (ACCOUNT, "secret"), base).recording("RE" + "0" * 32)
    finally:
        server.shutdown()
        thread.join()


def test_conversation_is_played_to_who_was_there_and_to_supervisors_only(world: World, app: Flask) -> None:
    world.center = replace(world.center, plan=changed(world.center.plan, {"recording.default": "notice"}))
    world.app.extensions["center"] = app.extensions["center"] = world.center
    caller = world.call("press 1 on gather, press 1 on gather, wait")
    world.run(40)
    world.agent("kiran", "answer@2rings, press 1 on gather, hang up after 20s of talk")
    world.run(120, lambda: caller.ended)
    world.run(10)
    (made,) = world.record(caller)["recordings"]
    kiran, ravi = signed_in(world, app, "kiran"), signed_in(world, app, "ravi")
    leela = signed_in(world, app, "leela", "supervisor")
    answers = [visitor.get(f"/recordings/{made['recording']}").status_code for visitor in (kiran, ravi, leela)]
    assert answers == [200, 404, 200]
    page = leela.get(f"/calls/{caller.sid}").text
    assert "The caller was told" in page
    assert f'src="/recordings/{made["recording"]}"' in page


def test_what_the_caller_said_of_it_stands_with_the_call(world: World, app: Flask) -> None:
    world.center = replace(world.center, plan=changed(world.center.plan, {"survey.share": 1}))
    world.app.extensions["center"] = app.extensions["center"] = world.center
    world.agent("kiran", "answer@2rings, press 1 on gather, hang up after 5s of talk")
    answers = "say 'hello' on talk, press 2 on gather, press 2 on gather, say 'You were slow <i>' on record"
    caller = world.call(f"press 1 on gather, press 1 on gather, {answers}, wait")
    world.run(120, lambda: caller.ended)
    world.run(10)
    page = signed_in(world, app, "leela", "supervisor").get(f"/calls/{caller.sid}").text
    for words in ("2 of 5", "<td>No</td>", "You were slow &lt;i&gt;", "Written down by a machine"):
        assert words in page
    record = app.test_client().get(f"/api/v1/calls/{caller.sid}", headers=TOKEN).json or {}
    assert (record["satisfied"], record["solved_said"]) == (2, "no")
    assert record["comment"] == record["recordings"][0]["recording"]


def test_supervisor_takes_and_resolves_on_the_calls_page(world: World, app: Flask, caller: Leg) -> None:
    leela = signed_in(world, app, "leela", "supervisor")
    path = f"/calls/{caller.sid}"
    (case,) = world.center.history.cases.listed()
    assert "I take it" in leela.get(path).text
    proof = {"csrf_token": leela.proof(path)}
    answer = leela.client.post(f"/cases/{case.id}/take", data=proof, base_url=leela.base_url)
    assert (answer.status_code, answer.location) == (303, path)
    assert JIGNESH in leela.get(path).text
    for note, status in (("", 422), ("Called back", 303), ("Twice", 409)):
        data = proof | {"note": note}
        assert leela.client.post(f"/cases/{case.id}/resolve", data=data, base_url=leela.base_url).status_code == status
    page = leela.get(path).text
    assert ("Called back" in page, "I take it" in page, JIGNESH in page) == (True, False, False)
