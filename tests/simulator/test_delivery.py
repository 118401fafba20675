"""How webhooks travel: signatures, retries, time-outs, fallback, redirects, and the faults of status webhooks."""

import pytest
from werkzeug.wrappers import Response

from simulator import ConnectTimedOut
from simulator.courier import overrides_of
from simulator.signature import body_sha256, signature, signed_url
from tests.simulator.customer import AGENT, HOST, OURS, Town

ALL = ["initiated", "ringing", "answered", "completed"]
SORRY = "We are sorry, an application error has occurred. Goodbye."

# Published vectors: twilio.com/docs/usage/security, and a captured outbound request
FIRST = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
CAPTURED = {
    "Called": "+491703330161", "ToState": "", "CallerCountry": "US", "Direction": "outbound-api", "CallerState": "CA",
    "ToZip": "", "CallSid": "test-call-sid", "To": "+491703330161", "CallerZip": "", "ToCountry": "DE", "CalledZip": "",
    "ApiVersion": "2010-04-01", "CalledCity": "", "CallStatus": "in-progress", "From": "+16505055892",
    "AccountSid": "test-account-sid", "CalledCountry": "DE", "CallerCity": "", "ToCity": "", "FromCountry": "US",
    "Caller": "+16505055892", "FromCity": "", "CalledState": "", "FromZip": "", "FromState": "CA",
}  # fmt: skip
BODY = b'{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}'
BODY_HASH = "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"


@pytest.mark.parametrize(
    ("token", "url", "form", "expected"),
    [
        ("12345", "https://example.com/myapp.php?foo=1&bar=2", FIRST, "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        ("secret", "https://example.com/voice/webhook", CAPTURED, "KOEOMoF/g4CsG6Eh3lIavri38Oc="),
        ("12345", f"https://example.com/myapp?bodySHA256={BODY_HASH}", {}, "hPXmLwIy3Fgqv1i9KPmH/HhQ6zo="),
    ],
)
def test_signatures_equal_the_published_vectors(token: str, url: str, form: dict[str, str], expected: str) -> None:
    assert signature(token, signed_url(url), form) == expected


def test_hash_of_a_json_body_equals_the_published_one() -> None:
    assert body_sha256(BODY) == BODY_HASH


@pytest.mark.parametrize(
    ("url", "voice", "message"),
    [
        ("https://h.example:8443/a?b=1", "https://h.example/a?b=1", "https://h.example:8443/a?b=1"),
        ("http://h.example:8000/a", "http://h.example:8000/a", "http://h.example:8000/a"),
        ("https://user:pw@h.example/a#rc=2", "https://h.example/a", "https://h.example/a"),
        ("https://h.example/a?", "https://h.example/a?", "https://h.example/a?"),
        (
            "https://h.example/%E0%A4%B9?q=%2F%7B",
            "https://h.example/%E0%A4%B9?q=%2F%7B",
            "https://h.example/%E0%A4%B9?q=%2F%7B",
        ),
    ],
)
def test_port_is_signed_by_the_rule_of_the_channel(url: str, voice: str, message: str) -> None:
    assert signed_url(url) == voice
    assert signed_url(url, keeps_port=True) == message


def test_get_requests_are_signed_with_their_parameters_in_the_url(town: Town) -> None:
    town.net.directory.numbers[OURS].urls["voice_method"] = "GET"
    town.documents["/in"] = "<Hangup/>"
    town.call(from_="sip:näme & co@host")
    town.pass_s(1)
    assert (town.net.deliveries[0].method, town.net.deliveries[0].status) == ("GET", 200)
    assert town.customer.got("/in")[0]["From"] == "sip:näme & co@host"


def test_overrides_out_of_range_are_ignored() -> None:
    rules = overrides_of("https://h/a?q=1#rc=9&rp=5xx,rt&ct=50&rt=6000&tt=15001&x=1")
    assert (rules.retries, rules.connect_ms, rules.read_ms, rules.total_ms) == (1, 5000, 6000, 15_000)
    assert rules.policy == {"5xx", "rt"}


def attempts(town: Town, kind: str = "voice") -> list[tuple[float, int | None]]:
    return [((s.at_ms - town.net.deliveries[0].at_ms) / 1000, s.status) for s in town.net.deliveries if s.kind == kind]


def test_server_error_is_not_retried_and_leads_to_the_fallback(town: Town) -> None:
    town.documents |= {"/in": Response(status=500), "/fallback": "<Say>Sorry, one moment</Say>"}
    call = town.call()
    town.pass_s(20)
    assert attempts(town) == [(0, 500), (0, 200)]
    asked = town.customer.got("/fallback")[0]
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == ("11200", f"{HOST}/in")
    assert call.said() == ["Sorry, one moment"]


def test_refused_connection_is_tried_once_more(town: Town) -> None:
    town.documents |= {"/in": ConnectionRefusedError(), "/fallback": "<Say>Sorry</Say>"}
    town.call()
    town.pass_s(20)
    assert attempts(town) == [(0, None), (0, None), (0, 200)]
    assert town.customer.got("/fallback")[0]["ErrorCode"] == "11205"
    tokens = [headers["I-Twilio-Idempotency-Token"] for headers in town.customer.headers]
    assert tokens[0] == tokens[1] != tokens[2]


def test_failing_fallback_ends_in_an_apology(town: Town) -> None:
    town.documents |= {"/in": Response(status=500), "/fallback": Response(status=503)}
    call = town.call()
    town.pass_s(20)
    assert (call.said(), call.status) == ([SORRY], "completed")
    assert [w[:5] for w in town.net.warnings] == ["11200", "11200"]


def test_retries_and_policy_of_the_url_are_honoured(town: Town) -> None:
    town.net.number(OURS, f"{HOST}/in#rc=3&rp=5xx", f"{HOST}/fallback")
    answers = [503, 500, 200]
    town.documents |= {"/in": lambda p: "<Hangup/>", "/fallback": "<Hangup/>"}
    send = town.customer.send

    def flaky(*request: object) -> object:
        status, headers, body = send(*request)  # type: ignore[arg-type]
        return (answers.pop(0) if answers else status), headers, body

    town.net.courier._send = flaky  # type: ignore[assignment]
    town.call()
    town.pass_s(20)
    assert attempts(town) == [(0, 503), (0, 500), (0, 200)]
    assert [s.attempt for s in town.net.deliveries if s.kind == "voice"] == [1, 2, 3]


def test_reading_is_given_up_after_fifteen_seconds(town: Town) -> None:
    town.documents |= {"/in": TimeoutError(), "/fallback": "<Say>Sorry</Say>"}
    call = town.call()
    town.pass_s(30)
    assert attempts(town) == [(0, None), (15, 200)]
    assert town.at(call.answered_ms) == 15_000


def test_all_attempts_together_take_fifteen_seconds_at_most(town: Town) -> None:
    town.net.number(OURS, f"{HOST}/in#rc=5&rp=all&rt=6000&ct=2000", f"{HOST}/fallback")
    town.documents |= {"/in": TimeoutError(), "/fallback": "<Hangup/>"}
    town.call()
    town.pass_s(30)
    assert attempts(town) == [(0, None), (6, None), (12, None), (15, 200)]
    town.net.deliveries.clear()
    town.documents["/in"] = ConnectTimedOut()
    town.call()
    town.pass_s(30)
    assert [at for at, _ in attempts(town)] == [0, 2, 4, 6, 8, 10, 12]


def test_redirect_of_the_server_loses_the_form_unless_it_says_307(town: Town) -> None:
    town.documents |= {
        "/in": Response(status=302, headers={"Location": "/moved"}),
        "/moved": Response(status=307, headers={"Location": f"{HOST}/moved2"}),
        "/moved2": "<Hangup/>",
    }
    town.call()
    town.pass_s(5)
    assert [(s.method, s.status, len(s.params) > 0) for s in town.net.deliveries][:3] == [
        ("POST", 302, True), ("GET", 307, False), ("GET", 200, False)
    ]  # fmt: skip
    assert town.net.warnings == []


def test_endless_redirects_are_given_up(town: Town) -> None:
    town.documents |= {"/in": Response(status=307, headers={"Location": "/in"}), "/fallback": "<Hangup/>"}
    town.call()
    town.pass_s(5)
    assert town.customer.got("/fallback")[0]["ErrorCode"] == "11215"
    assert len(town.customer.got("/in")) == 11


def test_user_and_password_are_sent_only_when_asked_for(town: Town) -> None:
    town.net.number(OURS, "http://me:pw@customer.test:8000/in")
    town.documents["/in"] = Response(status=401, headers={"WWW-Authenticate": "Basic"})
    town.call()
    town.pass_s(5)
    assert ["Authorization" in headers for headers in town.customer.headers] == [False, True]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Response("<Response><Say>ok</Say></Response>", mimetype="text/html"), ["ok"]),
        (Response("read me", mimetype="text/plain"), ["read me"]),
        (Response(b"...", mimetype="audio/mpeg"), []),
        (Response("{}", mimetype="application/json"), ["fell back"]),
        (Response("", mimetype="text/xml"), ["fell back"]),
        (Response("\n<?xml version='1.0'?><Response/>", mimetype="text/xml"), ["fell back"]),
    ],
)
def test_answers_by_their_content_type(town: Town, answer: Response, said: list[str]) -> None:
    town.documents |= {"/in": answer, "/fallback": "<Say>fell back</Say>"}
    call = town.call()
    town.pass_s(60)
    assert call.said() == said


def leg_events(town: Town) -> None:
    town.documents |= {"/hello": "<Say>Hello</Say><Pause length='60'/>", "/st": ""}
    town.dial(
        AGENT, "answer@1s, hang up after 10s", Url=f"{HOST}/hello", StatusCallback=f"{HOST}/st", StatusCallbackEvent=ALL
    )
    town.pass_s(60)


def test_doubled_callbacks_come_twice_with_the_same_number(town: Town) -> None:
    town.net.faults.doubled = ["ringing"]
    leg_events(town)
    numbers = [e["SequenceNumber"] for e in town.customer.got("/st")]
    assert numbers == ["0", "1", "1", "2", "3"]


def test_lost_callbacks_never_come_and_leave_a_gap(town: Town) -> None:
    town.net.faults.lost = lambda params: params["CallStatus"] == "in-progress"
    leg_events(town)
    assert [(e["CallStatus"], e["SequenceNumber"]) for e in town.customer.got("/st")] == [
        ("initiated", "0"), ("ringing", "1"), ("completed", "3")
    ]  # fmt: skip


def test_reordered_callbacks_swap_with_the_next(town: Town) -> None:
    town.net.faults.reordered = ["initiated"]
    leg_events(town)
    assert [e["SequenceNumber"] for e in town.customer.got("/st")] == ["1", "0", "2", "3"]


def test_late_callbacks_come_late(town: Town) -> None:
    town.net.faults.late, town.net.faults.late_ms = ["ringing"], 3000
    leg_events(town)
    assert town.customer.statuses("/st") == ["initiated", "in-progress", "ringing", "completed"]


def test_ringing_can_be_left_out_or_come_after_the_answer(town: Town) -> None:
    town.net.faults.omit_ringing = True
    leg_events(town)
    assert town.customer.statuses("/st") == ["initiated", "in-progress", "completed"]
    town.customer.seen.clear()
    town.net.faults.omit_ringing, town.net.faults.answered_before_ringing = False, True
    leg_events(town)
    assert town.customer.statuses("/st") == ["initiated", "in-progress", "ringing", "completed"]


def test_repeated_request_has_the_same_token_and_one_effect(town: Town) -> None:
    town.net.faults.repeated_requests = 1.0
    town.documents["/in"] = "<Say>Once</Say>"
    call = town.call()
    town.pass_s(20)
    tokens = [h["I-Twilio-Idempotency-Token"] for h in town.customer.headers][:2]
    assert (len(town.customer.got("/in")), tokens[0] == tokens[1], call.said()) == (2, True, ["Once"])


def test_status_webhook_refused_by_the_switch_is_tried_again_and_warned_of(town: Town) -> None:
    town.net.faults.refused = lambda params: params.get("CallStatus") == "completed"
    town.documents["/in"] = "<Hangup/>"
    town.call()
    town.pass_s(5)
    assert attempts(town, "status") == [(0, None), (0, None)]
    assert town.net.warnings == [f"11205 status webhook to {HOST}/ended failed"]
