"""Browsers as phones: who may register, what they are told and can do, and what becomes of calls when one goes."""

import json
import socket
import time
from itertools import islice
from typing import Any

import jwt
import pytest
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from werkzeug.test import Client, TestResponse

from simulator import wire
from simulator.browser_phones import reader_gone
from simulator.sessions import LAPSE_MS
from tests.simulator.customer import ACCOUNT, CALLER, HOST, KEY, OURS, SECRET, START_MS, Town

APP = "AP" + "3" * 32
NOW_S = START_MS // 1000
ROOM = '<Dial><Conference beep="false" waitUrl="">r</Conference></Dial>'
MENU = '<Gather input="dtmf speech" numDigits="1" action="/choice"><Say language="hi-IN">नमस्ते</Say></Gather>'


class Browser:
    """One registered page: its requests, and its events as (name, facts)."""

    def __init__(self, town: Town, door: str, answer: TestResponse) -> None:
        self.town, self.door, self.facts = town, door, json.loads(answer.text)
        self.key = self.facts["session"]
        self.client = Client(town.net.app)

    def post(self, path: str, expect: int = 200, **wish: Any) -> dict[str, Any]:
        answer = self.client.post(f"/{self.door}/{path}", json={"session": self.key, **wish})
        assert answer.status_code == expect, answer.text
        return dict(json.loads(answer.text))

    def stream(self, after: int = 0) -> TestResponse:
        headers = {"Last-Event-ID": str(after)} if after else {}
        return self.client.get(f"/{self.door}/events?session={self.key}", headers=headers, buffered=False)

    def events(self, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """All that was told so far; the stream is closed again."""
        answer = self.stream(after)
        assert answer.mimetype == "text/event-stream"
        told = b"".join(islice(answer.iter_encoded(), 2)).decode()
        answer.close()
        frames = [dict(line.split(": ", 1) for line in frame.split("\n")) for frame in told.split("\n\n") if frame]
        return [(frame["event"], json.loads(frame["data"])) for frame in frames if "event" in frame]

    def names(self) -> list[str]:
        return [name for name, _ in self.events()]


def pass_for(identity: str = "meera", **voice: Any) -> str:
    token = AccessToken(ACCOUNT, KEY, SECRET, identity=identity, nbf=NOW_S)
    token.add_grant(VoiceGrant(**{"incoming_allow": True, "outgoing_application_sid": APP, **voice}))
    return str(token.to_jwt(ttl=NOW_S + 3600 - int(time.time())))


def forged(secret: str = SECRET, cty: str = "twilio-fpa;v=1", **claims: Any) -> str:
    grants = {"identity": "meera", "voice": {"incoming": {"allow": True}}}
    body = {"iss": KEY, "sub": ACCOUNT, "iat": NOW_S, "exp": NOW_S + 3600, "grants": grants, **claims}
    return jwt.encode(body, secret, "HS256", {"cty": cty})


@pytest.fixture
def softphone(town: Town) -> Browser:
    return register(town)


@pytest.fixture
def page(town: Town) -> Browser:
    return Browser(town, "phone", Client(town.net.app).post("/phone/sessions", json={}))


def register(town: Town, token: str = "") -> Browser:
    return Browser(town, "client", Client(town.net.app).post("/client/register", json={"token": token or pass_for()}))


def ring(
    town: Town, to: str = "client:meera", twiml: str = "<Response><Say>Hello</Say><Pause length='9'/></Response>"
) -> str:
    leg = town.dial(to, Twiml=twiml)
    town.pass_s(1)
    return leg.sid


# -- registering -----------------------------------------------------------------------------------------------------


def test_softphone_registers_with_the_token_of_twilios_own_library(softphone: Browser) -> None:
    assert softphone.facts["identity"] == "meera"
    assert softphone.events()[0] == ("registered", {"identity": "meera", "at_ms": START_MS})


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", 20101),
        ("a.b.c", 20101),
        ("é.b.c", 20101),
        ("[" * 9 + ".e30.x", 20101),
        (forged(cty="x"), 20102),
        (forged(iss="SK" + "9" * 32), 20103),
        (forged(sub="AC" + "9" * 32), 20103),
        (forged(exp=NOW_S), 20104),
        (forged(exp=NOW_S + 90_000), 20104),
        (forged(nbf=NOW_S + 60), 20105),
        (forged(grants={"identity": "meera"}), 20106),
        (forged(grants={"identity": "", "voice": {}}), 20106),
        (forged("another secret, long enough for HS256"), 20107),
    ],
)
def test_wrong_token_is_refused_with_twilios_code(town: Town, token: str, code: int) -> None:
    answer = Client(town.net.app).post("/client/register", json={"token": token})
    assert answer.status_code == 401
    refusal = json.loads(answer.text)
    assert (refusal["error"], refusal["code"], bool(refusal["message"])) == ("bad_token", code, True)


def test_token_forged_here_is_right_but_for_what_each_test_changes(town: Town) -> None:
    assert register(town, forged()).facts["identity"] == "meera"


def test_page_of_another_origin_may_register(town: Town) -> None:
    answer = Client(town.net.app).options("/client/register", headers={"Origin": "http://desk.test"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert answer.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_unknown_session_and_strange_input_are_answered_in_words(town: Town, softphone: Browser) -> None:
    softphone.post("legs/CAx/answer", 404)
    softphone.post("legs/CAx/press", 422, digits="A")
    softphone.post("connect", 422, params=["x"])
    softphone.key = "nobody"
    assert softphone.post("legs/CAx/answer", 404)["error"] == "not_found"
    assert softphone.stream().status_code == 404


# -- being rung ------------------------------------------------------------------------------------------------------


def test_softphone_hears_of_a_ring_answers_and_is_told_what_is_said(town: Town, softphone: Browser) -> None:
    leg = ring(town)
    softphone.post(f"legs/{leg}/answer")
    town.pass_s(1)
    softphone.post(f"legs/{leg}/hangup")
    told = softphone.events()
    assert [name for name, _ in told] == ["registered", "ringing", "answered", "caption", "ended"]
    ringing, caption, ended = told[1][1], told[3][1], told[4][1]
    assert (ringing["leg"], ringing["from"], ringing["incoming"]) == (leg, OURS, True)
    assert ringing["parameters"] == {"CallSid": leg, "From": OURS, "To": "client:meera"}
    assert ringing["cadence_ms"] == [400, 200, 400, 2000]
    assert (caption["text"], caption["language"], caption["who"]) == ("Hello", "en-US", "voice")
    assert (ended["status"], ended["reason"]) == ("completed", "You hung up.")


def test_caption_comes_when_the_words_begin(town: Town, softphone: Browser) -> None:
    leg = ring(town)
    softphone.post(f"legs/{leg}/answer")
    town.net.advance_to(town.net.now_ms + 1)
    assert softphone.names()[-1] == "caption"
    assert town.net.leg(leg).status == "in-progress"


def test_ring_is_heard_of_even_when_the_network_keeps_its_status_to_itself(town: Town, softphone: Browser) -> None:
    town.net.faults.omit_ringing = True
    ring(town)
    assert softphone.names() == ["registered", "ringing"]


def test_declined_call_is_busy_and_cannot_be_answered_any_more(town: Town, softphone: Browser) -> None:
    leg = ring(town)
    softphone.post(f"legs/{leg}/decline")
    assert town.net.leg(leg).status == "busy"
    assert softphone.post(f"legs/{leg}/answer", 409)["error"] == "stale"
    assert softphone.events()[-1][1]["reason"] == "You declined the call."


def test_one_of_two_browsers_takes_the_call_and_the_other_stops_ringing(town: Town, softphone: Browser) -> None:
    other = register(town)
    leg = ring(town)
    softphone.post(f"legs/{leg}/answer")
    assert other.names() == ["registered", "ringing", "ended"]
    assert other.events()[-1][1]["reason"] == "It was answered on another phone."
    assert softphone.names() == ["registered", "ringing", "answered"]
    other.post(f"legs/{leg}/answer", 409)


def test_token_without_incoming_calls_is_not_rung(town: Town) -> None:
    silent = register(town, pass_for(incoming_allow=False))
    ring(town)
    assert silent.names() == ["registered"]


def test_keys_of_a_softphone_reach_the_document_that_listens(town: Town, softphone: Browser) -> None:
    town.documents["/choice"] = "<Say>Thank you</Say>"
    twiml = f'<Response><Gather numDigits="1" action="{HOST}/choice"><Say>Press one</Say></Gather></Response>'
    leg = ring(town, twiml=twiml)
    softphone.post(f"legs/{leg}/answer")
    town.pass_s(0.2)
    softphone.post(f"legs/{leg}/press", digits="1")
    town.pass_s(5)
    assert [form["Digits"] for form in town.customer.got("/choice")] == ["1"]
    assert softphone.events()[-1][1]["reason"] == "The other side ended the call."


def test_softphone_calls_out_through_its_application(town: Town, softphone: Browser) -> None:
    softphone.post("connect", 422)
    town.net.application(APP, f"{HOST}/client")
    town.documents["/client"] = "<Say>Yes?</Say>"
    leg = softphone.post("connect", 201, params={"To": OURS, "purpose": "test"})["leg"]
    town.pass_s(2)
    (form,) = town.customer.got("/client")
    assert (form["From"], form["To"], form["purpose"], form["CallSid"]) == ("client:meera", OURS, "test", leg)
    assert softphone.names() == ["registered", "ringing", "answered", "caption", "ended"]


# -- coming and going ------------------------------------------------------------------------------------------------


def test_browser_takes_over_from_the_script_of_its_line_and_gives_it_back(town: Town) -> None:
    town.net.person("client:meera", "answer@1s")
    softphone = register(town)
    assert town.net.leg(ring(town)).status == "ringing"
    town.pass_s(9)
    softphone.post("unregister")
    leg = ring(town)
    town.pass_s(1)
    assert town.net.leg(leg).status == "in-progress"


def test_script_that_is_written_while_a_browser_is_there_counts(town: Town, softphone: Browser) -> None:
    town.net.person("client:meera", "busy")
    assert town.net.leg(ring(town)).status == "busy"
    softphone.post("unregister")
    assert town.net.leg(ring(town)).status == "busy"


def test_leaving_hangs_up_what_was_answered_and_lets_ring_what_rings(town: Town, softphone: Browser) -> None:
    answered, rings = ring(town), ring(town)
    softphone.post(f"legs/{answered}/answer")
    softphone.client.post("/client/unregister", data=json.dumps({"session": softphone.key}), content_type="text/plain")
    assert [town.net.leg(sid).status for sid in (answered, rings)] == ["completed", "ringing"]
    softphone.post("unregister", 404)


def test_session_ends_when_its_stream_is_gone_for_15_seconds(town: Town, softphone: Browser) -> None:
    leg = ring(town)
    softphone.post(f"legs/{leg}/answer")
    softphone.events()
    town.net.advance_to(town.net.now_ms + LAPSE_MS - 1)
    assert softphone.events(), "it still lives, and the time begins anew"
    town.net.advance_to(town.net.now_ms + LAPSE_MS - 1)
    assert town.net.script_of("client:meera").manual
    town.net.advance_to(town.net.now_ms + 1)
    assert softphone.stream().status_code == 404
    assert not town.net.script_of("client:meera").manual


def test_open_stream_keeps_a_session_for_as_long_as_it_is_read(town: Town, softphone: Browser) -> None:
    stream = softphone.stream()
    next(stream.iter_encoded())
    town.pass_s(60)
    assert softphone.names() == ["registered"]
    town.pass_s(60)
    softphone.post("unregister")
    assert stream.status_code == 200


def test_call_goes_on_in_the_session_that_the_browser_came_back_with(town: Town, softphone: Browser) -> None:
    leg = ring(town, twiml='<Response><Pause length="60"/><Say>Still there?</Say></Response>')
    softphone.post(f"legs/{leg}/answer")
    again = register(town)
    again.events()
    stream = again.stream()
    next(stream.iter_encoded())
    town.pass_s(60.3)
    assert town.net.leg(leg).status == "in-progress"
    assert again.names() == ["registered", "caption"]
    again.post(f"legs/{leg}/hangup")
    assert town.net.leg(leg).status == "completed"


def test_broken_stream_is_taken_up_where_it_broke(town: Town, softphone: Browser) -> None:
    leg = ring(town)
    softphone.post(f"legs/{leg}/answer")
    assert [name for name, _ in softphone.events(after=2)] == ["answered"]


def test_reader_that_closed_its_side_is_noticed_without_writing_to_it() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        assert not reader_gone(ours)()
        theirs.close()
        assert reader_gone(ours)()
    assert reader_gone(ours)(), "our own side is closed as well"


def test_silent_stream_beats_until_its_reader_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LOOK_EVERY_S", 0.001)
    monkeypatch.setattr(wire, "HEARTBEAT_S", 0.001)
    gone: list[bool] = []
    frames = wire.Wire().frames(0, lambda: bool(gone))
    assert list(islice(frames, 3)) == [wire.OPENING, wire.HEARTBEAT, wire.HEARTBEAT]
    gone.append(True)
    assert list(frames) == []


# -- the page of handsets --------------------------------------------------------------------------------------------


def test_page_is_served_under_a_strict_policy(town: Town) -> None:
    answer = Client(town.net.app).get("/phone")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_page_is_told_the_numbers_and_where_the_service_is(page: Browser) -> None:
    assert (page.facts["numbers"], page.facts["service"]) == ([OURS], HOST)


def test_caller_at_the_page_hears_presses_and_speaks(town: Town, page: Browser) -> None:
    town.documents |= {"/in": MENU, "/choice": "<Play>/music.wav?seconds=3</Play><Hangup/>"}
    leg = page.post("calls", 201, **{"from": CALLER, "to": OURS})["leg"]
    town.pass_s(0.1)
    page.post(f"legs/{leg}/press", keys="2")
    town.pass_s(5)
    told = page.events()
    assert [name for name, _ in told] == [
        *("registered", "ringing", "answered", "listening", "caption", "key", "listening", "sound", "ended"),
    ]
    ringing, listening, caption, key, sound = (told[i][1] for i in (1, 3, 4, 5, 7))
    assert (ringing["incoming"], ringing["cadence_ms"], ringing["tones_hz"]) == (False, [2000, 4000], [440, 480])
    assert (listening["keys"], listening["speech"], listening["record"]) == (True, True, False)
    assert (caption["text"], caption["language"], caption["lasts_ms"]) == ("नमस्ते", "hi-IN", 540)
    assert (key["keys"], sound["kind"], sound["text"]) == ("2", "play", f"{HOST}/music.wav?seconds=3")
    assert town.customer.got("/choice")[0]["Digits"] == "2"


def test_words_typed_at_the_page_are_what_the_menu_understood(town: Town, page: Browser) -> None:
    town.documents |= {"/in": MENU, "/choice": "<Hangup/>"}
    leg = page.post("calls", 201, **{"from": CALLER, "to": OURS})["leg"]
    town.pass_s(0.1)
    page.post(f"legs/{leg}/say", text=" बिल ")
    town.pass_s(9)
    assert town.customer.got("/choice")[0]["SpeechResult"] == "बिल"
    assert ("you", "बिल") in [(facts.get("who"), facts.get("text")) for _, facts in page.events()]


def test_two_handsets_of_one_page_talk_with_each_other(town: Town, page: Browser) -> None:
    town.documents["/in"] = ROOM
    page.post("lines", lines=["+919812345001"])
    mine = page.post("calls", 201, **{"from": CALLER, "to": OURS})["leg"]
    theirs = ring(town, "+919812345001", f"<Response>{ROOM}</Response>")
    page.post(f"legs/{theirs}/answer")
    town.pass_s(1)
    page.post(f"legs/{mine}/say", text="Good morning")
    said = [(facts["leg"], facts["who"]) for name, facts in page.events() if name == "caption"]
    assert said == [(mine, "you"), (theirs, "other")]
    assert [facts["leg"] for name, facts in page.events() if name == "talk"] == [mine, theirs]


def test_handset_with_a_number_is_rung_and_without_it_no_more(town: Town, page: Browser) -> None:
    page.post("lines", lines=[CALLER])
    ring(town, CALLER)
    assert page.names() == ["registered", "ringing"]
    page.post("lines", lines=[])
    ring(town, CALLER)
    assert page.names() == ["registered", "ringing"]
    assert not town.net.script_of(CALLER).manual


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("calls", {"from": "client:meera", "to": OURS}),
        ("calls", {"from": "12", "to": OURS}),
        ("calls", {"from": CALLER, "to": "+19995550000"}),
        ("lines", {"lines": ["client:meera"]}),
        ("lines", {"lines": "+14155550123"}),
        ("legs/CAx/press", {"keys": ""}),
        ("legs/CAx/say", {"text": " "}),
    ],
)
def test_page_is_told_in_words_what_cannot_be(page: Browser, path: str, wish: dict[str, Any]) -> None:
    assert len(page.post(path, 422, **wish)["message"]) > 10


def test_another_sites_page_cannot_use_the_handsets(town: Town) -> None:
    answer = Client(town.net.app).post("/phone/sessions", data="{}", content_type="text/plain")
    assert answer.status_code == 422
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_withheld_caller_is_anonymous_and_closing_the_page_hangs_up(town: Town, page: Browser) -> None:
    town.documents["/in"] = '<Pause length="60"/>'
    leg = page.post("calls", 201, **{"from": "anonymous", "to": OURS})["leg"]
    town.pass_s(1)
    assert town.customer.got("/in")[0]["From"] == "anonymous"
    page.post("leave")
    assert town.net.leg(leg).ended


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ('<Reject reason="busy"/>', "The line is busy."),
        ("<Reject/>", "The number does not take this call."),
        ("<Hangup/>", "The other side ended the call."),
    ],
)
def test_caller_is_told_why_the_call_ended(town: Town, page: Browser, document: str, reason: str) -> None:
    town.documents["/in"] = document
    page.post("calls", 201, **{"from": CALLER, "to": OURS})
    town.pass_s(1)
    assert page.events()[-1][1]["reason"] == reason
