"""Legs created by REST: their status events, the ways they end, pacing, redirects."""

import pytest

from tests.simulator.customer import AGENT, HOST, OURS, Town

ALL = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture
def calling(town: Town) -> Town:
    town.documents |= {"/hello": "<Say>Hello</Say><Pause length='60'/>", "/st": ""}
    return town


def sees(town: Town) -> dict[str, object]:
    return {"Url": f"{HOST}/hello", "StatusCallback": f"{HOST}/st", "StatusCallbackEvent": ALL}


def test_answered_leg_tells_all_four_events_in_order(calling: Town) -> None:
    leg = calling.dial(AGENT, "answer@2rings, hang up after 20s", **sees(calling))
    assert (leg.status, calling.rest("GET", f"Calls/{leg.sid}.json")["status"]) == ("queued", "queued")
    calling.pass_s(60)
    events = calling.customer.got("/st")
    assert [e["CallStatus"] for e in events] == ["initiated", "ringing", "in-progress", "completed"]
    assert [e["SequenceNumber"] for e in events] == ["0", "1", "2", "3"]
    assert {e["CallbackSource"] for e in events} == {"call-progress-events"}
    assert (events[3]["CallDuration"], events[3]["Duration"], events[3]["SipResponseCode"]) == ("20", "1", "200")
    assert (calling.at(leg.rang_ms) - calling.at(leg.created_ms), calling.at(leg.answered_ms)) == (300, 4400)
    assert calling.customer.got("/hello")[0]["CallStatus"] == "in-progress"
    assert calling.customer.got("/hello")[0]["Direction"] == "outbound-api"
    assert leg.script_ok


def test_only_the_end_is_told_by_default(calling: Town) -> None:
    calling.dial(AGENT, "busy", Url=f"{HOST}/hello", StatusCallback=f"{HOST}/st")
    calling.pass_s(60)
    events = calling.customer.got("/st")
    assert [(e["CallStatus"], e["SequenceNumber"], e["SipResponseCode"]) for e in events] == [("busy", "0", "486")]


def test_events_in_one_word_subscribe_to_nothing_and_are_warned_of(calling: Town) -> None:
    calling.dial(
        AGENT, "busy", Url=f"{HOST}/hello", StatusCallback=f"{HOST}/st", StatusCallbackEvent="ringing completed"
    )
    calling.pass_s(60)
    assert calling.customer.got("/st") == []
    assert calling.net.warnings[0].startswith("21626")


def test_timeout_gets_five_seconds_more_unless_the_switch_says_no(calling: Town) -> None:
    late = calling.dial(AGENT, "never", Timeout=20, **sees(calling))
    calling.net.faults.calls_timeout_extra = False
    exact = calling.dial(AGENT, "never", Timeout=20, **sees(calling))
    calling.pass_s(60)
    assert (late.status, calling.at(late.ended_ms) - calling.at(late.dialled_ms)) == ("no-answer", 25_000)
    assert (exact.status, calling.at(exact.ended_ms) - calling.at(exact.dialled_ms)) == ("no-answer", 20_000)
    end = calling.customer.got("/st")[-1]
    assert (end["CallDuration"], end["Duration"], end["SipResponseCode"]) == ("0", "0", "487")


@pytest.mark.parametrize(
    ("script", "status", "code"),
    [("decline@3s", "busy", "603"), ("unreachable", "failed", "404"), ("busy", "busy", "486")],
)
def test_ways_not_to_answer(calling: Town, script: str, status: str, code: str) -> None:
    leg = calling.dial(AGENT, script, **sees(calling))
    calling.pass_s(70)
    end = calling.customer.got("/st")[-1]
    assert (leg.status, end["CallStatus"], end["SipResponseCode"], leg.script_ok) == (status, status, code, True)


def test_client_that_is_not_there_still_rings(calling: Town) -> None:
    leg = calling.dial("client:nobody", "unreachable", Timeout=10, **sees(calling))
    calling.pass_s(60)
    assert calling.customer.statuses("/st") == ["initiated", "ringing", "no-answer"]
    assert leg.heard == []


def test_voicemail_answers_like_a_person_and_presses_nothing(calling: Town) -> None:
    calling.documents["/hello"] = '<Gather numDigits="1" timeout="60" action="/yes"><Say>Press one</Say></Gather>'
    leg = calling.dial(AGENT, "voicemail@4rings", **sees(calling))
    calling.pass_s(60)
    assert (leg.status, leg.duration_s, calling.customer.got("/yes")) == ("completed", 20, [])
    assert leg.script_ok


def test_canceled_while_ringing_and_canceled_too_late(calling: Town) -> None:
    ringing = calling.dial(AGENT, "never", **sees(calling))
    calling.pass_s(5)
    calling.rest("POST", f"Calls/{ringing.sid}.json", 200, Status="canceled")
    assert ringing.status == "canceled"
    answered = calling.dial(AGENT, "answer@1s", **sees(calling))
    calling.pass_s(5)
    calling.rest("POST", f"Calls/{answered.sid}.json", 200, Status="canceled")
    assert answered.status == "in-progress"
    calling.rest("POST", f"Calls/{answered.sid}.json", 200, Status="completed")
    assert answered.status == "completed"
    calling.pass_s(1)
    assert [e["CallStatus"] for e in calling.customer.got("/st") if e["CallSid"] == ringing.sid][-1] == "canceled"


def test_canceled_while_queued_tells_nothing(calling: Town) -> None:
    calling.net.exchange._spacing_ms = 1000
    calling.dial(AGENT, "never", **sees(calling))
    second = calling.dial(AGENT, "never", **sees(calling))
    calling.rest("POST", f"Calls/{second.sid}.json", 200, Status="canceled")
    calling.pass_s(90)
    assert [e for e in calling.customer.got("/st") if e["CallSid"] == second.sid] == []


def test_one_call_a_second_leaves_and_the_rest_is_queued() -> None:
    town = Town(cps=1)
    town.documents |= {"/st": ""}
    legs = [town.dial(AGENT, "never", **sees(town)) for _ in range(3)]
    assert [leg.queue_time_ms for leg in legs] == [0, 1000, 2000]
    assert town.rest("GET", f"Calls/{legs[2].sid}.json")["queue_time"] == "2000"
    town.pass_s(1.5)
    assert [leg.status for leg in legs] == ["ringing", "ringing", "queued"]
    town.pass_s(10)
    left = [e["CallSid"] for e in town.customer.got("/st") if e["CallStatus"] == "initiated"]
    assert left == [leg.sid for leg in legs]


def test_redirect_of_a_leg_in_progress_runs_the_new_document(calling: Town) -> None:
    leg = calling.dial(AGENT, "answer@1s", **sees(calling))
    calling.documents["/next"] = "<Say>Moved</Say><Hangup/>"
    calling.pass_s(5)
    calling.rest("POST", f"Calls/{leg.sid}.json", 200, Url=f"{HOST}/next")
    calling.pass_s(5)
    assert leg.said() == ["Hello", "Moved"]


def test_redirect_of_an_ended_or_ringing_leg_is_refused(calling: Town) -> None:
    leg = calling.dial(AGENT, "never", **sees(calling))
    calling.pass_s(5)
    for _ in range(2):
        refused = calling.rest("POST", f"Calls/{leg.sid}.json", 400, Url=f"{HOST}/next")
        assert (refused["code"], refused["status"]) == (21220, 400)
        assert refused["message"] == "Call is not in-progress. Cannot redirect."
        calling.net.hang_up(leg.sid)
    assert calling.rest("POST", f"Calls/CA{'0' * 32}.json", 404, Status="completed")["code"] == 20404


def test_document_in_the_request_itself(calling: Town) -> None:
    leg = calling.dial(AGENT, "answer@1s", Twiml="<Response><Say>Inline</Say></Response>")
    calling.pass_s(10)
    assert (leg.said(), leg.status) == (["Inline"], "completed")
    calling.rest("POST", "Calls.json", 400, To=AGENT, From=OURS, Twiml="x" * 4001)


def test_relative_action_of_an_inline_document_has_no_base(calling: Town) -> None:
    inline = '<Response><Gather action="/x"><Say>Hi</Say></Gather></Response>'
    leg = calling.dial(AGENT, "answer@1s, press 1# on gather", Twiml=inline)
    calling.pass_s(20)
    assert calling.net.warnings[0].startswith("11100")
    assert leg.said()[-1].startswith("We are sorry")


def test_time_limit_ends_the_leg(calling: Town) -> None:
    leg = calling.dial(AGENT, "answer@1s", TimeLimit=30, **sees(calling))
    calling.pass_s(60)
    assert leg.duration_s == 30


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": OURS, "Url": f"{HOST}/hello"}, 21201),
        ({"To": AGENT, "Url": f"{HOST}/hello"}, 21213),
        ({"To": "12", "From": OURS, "Url": f"{HOST}/hello"}, 21211),
        ({"To": AGENT, "From": "+14155550999", "Url": f"{HOST}/hello"}, 21210),
        ({"To": AGENT, "From": OURS}, 21205),
        ({"To": AGENT, "From": OURS, "Url": "/hello"}, 21205),
        ({"To": AGENT, "From": OURS, "Url": f"{HOST}/hello", "Timeout": "abc"}, 20001),
        ({"To": AGENT, "From": OURS, "Url": f"{HOST}/hello", "Timeout": "601"}, 20001),
        ({"To": AGENT, "From": OURS, "ApplicationSid": "AP" + "0" * 32}, 21218),
    ],
)
def test_wrong_requests_are_refused_by_code(calling: Town, form: dict[str, str], code: int) -> None:
    refused = calling.rest("POST", "Calls.json", 400, **form)
    assert refused["code"] == code
    assert set(refused) == {"code", "message", "more_info", "status"}
    assert calling.net.exchange.legs == {}


def test_machine_detection_tells_people_from_machines(calling: Town) -> None:
    calling.documents["/amd"] = ""
    calling.dial(AGENT, "answer@1s", MachineDetection="Enable", **sees(calling))
    calling.pass_s(10)
    calling.dial(AGENT, "voicemail@1ring", MachineDetection="DetectMessageEnd", **sees(calling))
    calling.pass_s(20)
    assert [p["AnsweredBy"] for p in calling.customer.got("/hello")] == ["human", "machine_end_beep"]
    calling.dial(
        AGENT,
        "voicemail@1ring",
        MachineDetection="Enable",
        AsyncAmd="true",
        AsyncAmdStatusCallback=f"{HOST}/amd",
        **sees(calling),
    )
    calling.pass_s(20)
    assert "AnsweredBy" not in calling.customer.got("/hello")[2]
    assert [(p["AnsweredBy"], p["MachineDetectionDuration"]) for p in calling.customer.got("/amd")] == [
        ("machine_start", "4000")
    ]


def test_recorded_leg_tells_its_recording_at_the_end(calling: Town) -> None:
    leg = calling.dial(AGENT, "answer@1s, hang up after 30s", Record="true", **sees(calling))
    calling.pass_s(60)
    end = calling.customer.got("/st")[-1]
    assert (end["RecordingDuration"], end["RecordingSid"][:2], leg.status) == ("30", "RE", "completed")
