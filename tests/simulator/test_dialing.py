"""<Dial> to people: one, several at once, one after the other, with a whisper, with nobody there."""

import pytest

from tests.simulator.customer import AGENT, CALLER, HOST, Town

OTHER = "+919876500000"
PRESS_ONE = '<Gather numDigits="1" timeout="5" action="/accept"><Say>Press 1 to accept</Say></Gather><Hangup/>'


@pytest.fixture
def dialing(town: Town) -> Town:
    town.documents |= {
        "/whisper": PRESS_ONE,
        "/accept": "<Say>Connecting</Say>",
        "/after": "<Say>Over</Say>",
        "/st": "",
    }
    return town


def dial(inner: str, attributes: str = "") -> str:
    return f'<Dial action="/after" {attributes}>{inner}</Dial><Say>never reached</Say>'


def after(town: Town) -> dict[str, str]:
    ends = town.customer.got("/after")
    assert len(ends) == 1
    return ends[0]


def test_answered_number_is_bridged_until_it_hangs_up(dialing: Town) -> None:
    dialing.documents["/in"] = dial(AGENT)
    dialing.net.person(AGENT, "answer@2rings, hang up after 20s of talk")
    call = dialing.call()
    dialing.pass_s(60)
    end = after(dialing)
    assert (end["DialCallStatus"], end["DialBridged"], end["DialCallDuration"]) == ("completed", "true", "20")
    assert [h.kind for h in call.heard] == ["ring", "ring", "talk", "say"]
    child = dialing.net.leg(end["DialCallSid"])
    assert (child.direction, child.parent_sid, child.from_, child.script_ok) == (
        "outbound-dial",
        call.sid,
        CALLER,
        True,
    )


def test_caller_who_hangs_up_ends_the_called_leg(dialing: Town) -> None:
    dialing.documents["/in"] = dial(
        f'<Number statusCallback="/st" statusCallbackEvent="ringing completed">{AGENT}</Number>'
    )
    dialing.net.person(AGENT, "answer@2s, wait")
    dialing.call("hang up after 10s of talk")
    dialing.pass_s(60)
    assert dialing.customer.statuses("/st") == ["ringing", "completed"]
    assert "ParentCallSid" in dialing.customer.got("/st")[0]
    assert dialing.customer.got("/after") == []


def test_first_of_several_to_pick_up_wins_and_the_others_are_canceled(dialing: Town) -> None:
    inner = f'<Number>{AGENT}</Number><Client statusCallback="/st">asha</Client><Number>{OTHER}</Number>'
    dialing.documents["/in"] = dial(inner)
    dialing.net.person(AGENT, "never")
    dialing.net.person("client:asha", "answer@8s")
    dialing.net.person(OTHER, "answer@3s, hang up after 5s of talk")
    dialing.call()
    dialing.pass_s(60)
    assert dialing.net.leg(after(dialing)["DialCallSid"]).to == OTHER
    assert dialing.customer.statuses("/st") == ["canceled"]
    assert sorted(leg.status for leg in dialing.net.exchange.legs.values()) == [
        "canceled",
        "canceled",
        "completed",
        "completed",
    ]


def test_two_who_pick_up_in_the_same_instant_are_one_winner(dialing: Town) -> None:
    dialing.documents["/in"] = dial(f"<Number>{AGENT}</Number><Number>{OTHER}</Number>")
    for line in (AGENT, OTHER):
        dialing.net.person(line, "answer@3s, hang up after 5s of talk")
    dialing.call()
    dialing.pass_s(60)
    assert dialing.net.leg(after(dialing)["DialCallSid"]).to == AGENT
    assert [leg.status for leg in dialing.net.exchange.legs.values() if leg.to == OTHER] == ["canceled"]


def test_sequential_dial_tries_the_next_when_one_is_busy(dialing: Town) -> None:
    dialing.documents["/in"] = dial(f"<Number>{AGENT}</Number><Number>{OTHER}</Number>", 'sequential="true"')
    dialing.net.person(AGENT, "busy")
    dialing.net.person(OTHER, "answer@1s, hang up after 5s of talk")
    dialing.call()
    dialing.pass_s(60)
    assert after(dialing)["DialBridged"] == "true"


@pytest.mark.parametrize(("script", "status"), [("busy", "busy"), ("never", "no-answer"), ("unreachable", "failed")])
def test_nobody_answers(dialing: Town, script: str, status: str) -> None:
    dialing.documents["/in"] = dial(AGENT, 'timeout="10"')
    dialing.net.person(AGENT, script)
    call = dialing.call()
    dialing.pass_s(60)
    end = after(dialing)
    assert (end["DialCallStatus"], end["DialBridged"]) == (status, "false")
    assert call.said() == ["Over"]


def test_timeout_of_a_dial_gets_five_seconds_more(dialing: Town) -> None:
    dialing.documents["/in"] = dial(AGENT, 'timeout="10"')
    call = dialing.call()
    dialing.pass_s(60)
    child = dialing.net.leg(after(dialing)["DialCallSid"])
    assert child.ended_ms is not None
    assert child.ended_ms - call.created_ms == 15_000


def test_whisper_with_one_pressed_is_bridged(dialing: Town) -> None:
    dialing.documents["/in"] = dial(f'<Number url="/whisper">{AGENT}</Number>')
    dialing.net.person(AGENT, "answer@1ring, press 1 on gather, hang up after 20s of talk")
    dialing.call()
    dialing.pass_s(60)
    end = after(dialing)
    child = dialing.net.leg(end["DialCallSid"])
    assert child.said() == ["Press 1 to accept", "Connecting"]
    assert (end["DialCallStatus"], end["DialBridged"], child.script_ok) == ("completed", "true", True)


@pytest.mark.parametrize("script", ["answer@1ring, wait", "voicemail@1ring", "answer@1ring, hang up after 2s"])
def test_whisper_without_one_pressed_is_completed_but_not_bridged(dialing: Town, script: str) -> None:
    dialing.documents["/in"] = dial(f'<Number url="/whisper">{AGENT}</Number>')
    dialing.net.person(AGENT, script)
    call = dialing.call()
    dialing.pass_s(60)
    end = after(dialing)
    assert (end["DialCallStatus"], end["DialBridged"]) == ("completed", "false")
    assert "talk" not in [h.kind for h in call.heard]


def test_caller_of_an_answer_on_bridge_is_not_answered_before(dialing: Town) -> None:
    dialing.documents["/in"] = dial(AGENT, 'answerOnBridge="true"')
    dialing.net.person(AGENT, "answer@10s, hang up after 5s of talk")
    call = dialing.call()
    dialing.pass_s(60)
    assert call.answered_ms is not None
    assert call.answered_ms - call.created_ms == 10_300


def test_star_hangs_up_the_called_leg_when_asked_to(dialing: Town) -> None:
    dialing.documents["/in"] = dial(AGENT, 'hangupOnStar="true"')
    dialing.net.person(AGENT, "answer@1s, wait")
    call = dialing.call("press * after 10s, wait")
    dialing.pass_s(60)
    assert (after(dialing)["DialCallStatus"], call.said(), call.script_ok) == ("completed", ["Over"], True)


def test_redirected_caller_leaves_the_bridge_and_the_called_leg_ends(dialing: Town) -> None:
    dialing.documents |= {"/in": dial(AGENT), "/moved": "<Say>Moved</Say>"}
    dialing.net.person(AGENT, "answer@1s, wait")
    call = dialing.call()
    dialing.pass_s(10)
    dialing.rest("POST", f"Calls/{call.sid}.json", 200, Url=f"{HOST}/moved")
    dialing.pass_s(30)
    assert call.said() == ["Moved"]
    assert [leg.status for leg in dialing.net.exchange.legs.values()] == ["completed", "completed"]
    assert dialing.customer.got("/after") == []


def test_redirected_called_leg_lives_on_and_the_caller_goes_to_the_action(dialing: Town) -> None:
    dialing.documents |= {"/in": dial(AGENT), "/moved": "<Say>Moved</Say><Pause length='9'/>"}
    dialing.net.person(AGENT, "answer@1s, wait")
    dialing.call()
    dialing.pass_s(10)
    child = next(leg for leg in dialing.net.exchange.legs.values() if leg.to == AGENT)
    dialing.rest("POST", f"Calls/{child.sid}.json", 200, Url=f"{HOST}/moved")
    dialing.pass_s(5)
    assert (child.said(), child.status) == (["Moved"], "in-progress")
    assert "DialCallDuration" not in after(dialing)


def test_recorded_dial_tells_its_recording(dialing: Town) -> None:
    dialing.documents |= {
        "/rec": "",
        "/in": dial(AGENT, 'record="record-from-answer-dual" recordingStatusCallback="/rec"'),
    }
    dialing.net.person(AGENT, "answer@1s, hang up after 13s of talk")
    dialing.call()
    dialing.pass_s(60)
    told = dialing.customer.got("/rec")
    assert [
        (t["RecordingStatus"], t["RecordingSource"], t["RecordingChannels"], t["RecordingDuration"]) for t in told
    ] == [("completed", "DialVerb", "2", "13")]
    assert after(dialing)["RecordingSid"] == told[0]["RecordingSid"]


def test_client_by_identity_and_dialled_digits(dialing: Town) -> None:
    dialing.documents["/in"] = dial("<Client><Identity>asha</Identity><Parameter name='queue' value='sales'/></Client>")
    dialing.net.person("client:asha", "answer@1s, hang up after 1s of talk")
    dialing.call()
    dialing.pass_s(60)
    assert dialing.net.leg(after(dialing)["DialCallSid"]).to == "client:asha"


def test_queue_beside_a_number_is_an_error(dialing: Town) -> None:
    dialing.documents["/in"] = dial("<Queue>a</Queue><Number>+14155550100</Number>")
    dialing.documents["/fallback"] = "<Say>Sorry</Say>"
    call = dialing.call()
    dialing.pass_s(20)
    assert call.said() == ["Sorry"]


def test_number_that_asks_for_detection_is_told_who_picked_up(dialing: Town) -> None:
    dialing.documents |= {
        "/in": dial(f'<Number machineDetection="Enable" amdStatusCallback="/amd">{AGENT}</Number>'),
        "/amd": "",
    }
    dialing.net.person(AGENT, "voicemail@1ring")
    dialing.call()
    dialing.pass_s(60)
    assert dialing.customer.statuses("/amd", "AnsweredBy") == ["machine_start"]
    assert after(dialing)["DialBridged"] == "true"
