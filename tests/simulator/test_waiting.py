"""Callers who wait in a queue, and every way out of it."""

import pytest

from tests.simulator.customer import HOST, Town

ENQUEUE = '<Enqueue waitUrl="/wait" action="/out">support</Enqueue><Say>next verb</Say>'


@pytest.fixture
def waiting(town: Town) -> Town:
    town.documents |= {
        "/in": ENQUEUE,
        "/wait": lambda p: f"<Say>You are number {p['QueuePosition']}</Say><Pause length='19'/>",
        "/out": "<Say>Now what</Say>",
    }
    return town


def queue_sid(town: Town) -> str:
    return str(town.rest("GET", "Queues.json")["queues"][0]["sid"])


def test_wait_document_is_asked_again_with_the_position_of_the_moment(waiting: Town) -> None:
    first = waiting.call("hang up at 30s")
    second = waiting.call()
    waiting.pass_s(65)
    assert second.said() == ["You are number 2", "You are number 2", "You are number 1", "You are number 1"]
    asked = [p for p in waiting.customer.got("/wait") if p["CallSid"] == second.sid]
    assert [p["CurrentQueueSize"] for p in asked] == ["2", "2", "1", "1"]
    assert [p["QueueTime"] for p in asked] == ["0", "19", "39", "59"]
    assert asked[0]["MaxQueueSize"] == "1000"
    assert first.ended


def test_leaving_leads_to_the_action_and_on(waiting: Town) -> None:
    waiting.documents["/wait"] = '<Gather numDigits="1" action="/key"><Say>Press one to leave</Say></Gather>'
    waiting.documents["/key"] = "<Leave/>"
    call = waiting.call("press 1 on gather, wait")
    waiting.pass_s(60)
    assert call.said() == ["Press one to leave", "Now what"]
    out = waiting.customer.got("/out")
    assert [(p["QueueResult"], p["CallStatus"]) for p in out] == [("leave", "in-progress")]
    assert out[0]["QueueSid"] == queue_sid(waiting)


def test_without_an_action_the_next_verb_follows_a_leave(waiting: Town) -> None:
    waiting.documents |= {"/in": '<Enqueue waitUrl="/wait">support</Enqueue><Say>next verb</Say>', "/wait": "<Leave/>"}
    call = waiting.call()
    waiting.pass_s(60)
    assert call.said() == ["next verb"]


def test_chosen_member_is_taken_while_another_is_in_front(waiting: Town) -> None:
    front, chosen = waiting.call(), waiting.call()
    waiting.pass_s(5)
    waiting.documents["/joined"] = "<Say>An agent is here</Say><Pause length='30'/>"
    sid = queue_sid(waiting)
    members = waiting.rest("GET", f"Queues/{sid}/Members.json")["queue_members"]
    assert [(m["call_sid"], m["position"], m["wait_time"]) for m in members] == [(front.sid, 1, 5), (chosen.sid, 2, 5)]
    waiting.rest("POST", f"Queues/{sid}/Members/{chosen.sid}.json", 200, Url=f"{HOST}/joined")
    waiting.pass_s(5)
    assert chosen.said() == ["You are number 2", "An agent is here"]
    assert [(p["CallSid"], p["QueueResult"]) for p in waiting.customer.got("/out")] == [(chosen.sid, "redirected")]
    assert waiting.rest("GET", f"Queues/{sid}.json")["current_size"] == 1
    assert "Now what" not in chosen.said()


def test_whether_the_action_controls_after_a_redirect_is_a_switch(waiting: Town) -> None:
    waiting.net.faults.enqueue_action_controls_after_redirect = True
    call = waiting.call()
    waiting.pass_s(5)
    waiting.documents["/joined"] = "<Say>An agent is here</Say><Pause length='30'/>"
    waiting.rest("POST", f"Calls/{call.sid}.json", 200, Url=f"{HOST}/joined")
    waiting.pass_s(5)
    assert call.said()[-1] == "Now what"


def test_front_of_an_empty_queue_is_unknown_and_a_member_just_gone_as_the_switch_says(waiting: Town) -> None:
    call = waiting.call("hang up at 3s")
    waiting.pass_s(5)
    sid = queue_sid(waiting)
    assert waiting.rest("POST", f"Queues/{sid}/Members/Front.json", 404, Url=f"{HOST}/x")["code"] == 20404
    assert waiting.rest("POST", f"Queues/{sid}/Members/{call.sid}.json", 404, Url=f"{HOST}/x")["code"] == 20404
    waiting.net.faults.gone_member_code = 21220
    assert waiting.rest("POST", f"Queues/{sid}/Members/{call.sid}.json", 400, Url=f"{HOST}/x")["code"] == 21220


def test_hanging_up_while_waiting_tells_the_action_once(waiting: Town) -> None:
    waiting.call("hang up at 12s")
    waiting.pass_s(60)
    out = waiting.customer.got("/out")
    assert [(p["QueueResult"], p["QueueTime"], p["CallStatus"]) for p in out] == [("hangup", "12", "completed")]
    assert [path for path, _ in waiting.customer.seen][-2:] == ["/out", "/ended"]


def test_hangup_in_a_wait_document_ends_the_call(waiting: Town) -> None:
    waiting.documents["/wait"] = "<Say>Too late</Say><Hangup/>"
    call = waiting.call()
    waiting.pass_s(60)
    assert (call.status, call.said()) == ("completed", ["Too late"])
    assert waiting.customer.statuses("/out", "QueueResult") == ["hangup"]


def test_full_queue_leads_to_the_action_at_once(waiting: Town) -> None:
    waiting.rest("POST", "Queues.json", 201, FriendlyName="support", MaxSize=1)
    waiting.call()
    late = waiting.call()
    waiting.pass_s(5)
    assert late.said() == ["Now what"]
    out = waiting.customer.got("/out")[0]
    assert (out["QueueResult"], "QueueSid" in out) == ("queue-full", False)


@pytest.mark.parametrize("wrong", ["<Dial>+14155550199</Dial>", "<Say>unclosed", "<Enqueue>other</Enqueue>"])
def test_wrong_wait_document_ends_the_waiting_with_an_error(waiting: Town, wrong: str) -> None:
    waiting.documents["/wait"] = wrong
    call = waiting.call()
    waiting.pass_s(60)
    assert waiting.customer.statuses("/out", "QueueResult") == ["error"]
    assert call.said() == ["Now what"]
    assert waiting.net.warnings[0].startswith(("12100", "12200"))


def test_wait_document_that_takes_no_time_is_asked_once_a_second(waiting: Town) -> None:
    waiting.documents["/wait"] = ""
    waiting.call()
    waiting.pass_s(3)
    assert len(waiting.customer.got("/wait")) == 4
    assert waiting.net.warnings[0].startswith("12200 the wait document")


def test_redirect_in_a_wait_document_returns_to_the_wait_url(waiting: Town) -> None:
    waiting.documents |= {"/wait": "<Redirect>/tune</Redirect>", "/tune": "<Play>/tune.wav?seconds=20</Play>"}
    call = waiting.call()
    waiting.pass_s(30)
    assert [h.text for h in call.heard if h.kind == "play"] == [f"{HOST}/tune.wav?seconds=20"] * 2
    assert [path for path, _ in waiting.customer.seen] == ["/in", "/wait", "/tune", "/wait", "/tune"]


def test_agent_who_dials_a_queue_gets_the_front_after_a_notice(waiting: Town) -> None:
    waiting.documents |= {
        "/agent": '<Dial action="/after"><Queue url="/notice">support</Queue></Dial>',
        "/notice": lambda p: f"<Say>{p['QueueTime']} seconds, {len(p['DequeingCallSid'])}</Say>",
        "/after": "<Hangup/>",
    }
    front, behind = waiting.call("hang up after 10s of talk"), waiting.call()
    waiting.pass_s(7)
    agent = waiting.dial("+919800000001", "answer@1s", Url=f"{HOST}/agent")
    waiting.pass_s(30)
    assert front.said()[-1].endswith("seconds, 34")
    assert front.script_ok, front.script_reason
    assert (agent.status, behind.status) == ("completed", "in-progress")
    out, after = waiting.customer.got("/out")[0], waiting.customer.got("/after")[0]
    assert (out["CallSid"], out["QueueResult"]) == (front.sid, "bridged")
    assert (after["DialCallStatus"], after["DialBridged"], after["DialCallSid"]) == ("completed", "true", front.sid)


def test_dialling_an_empty_queue_waits_for_somebody_until_its_time_is_over(waiting: Town) -> None:
    waiting.rest("POST", "Queues.json", 201, FriendlyName="support")
    waiting.documents |= {"/agent": '<Dial timeout="20" action="/after"><Queue>support</Queue></Dial>', "/after": ""}
    early = waiting.dial("+919800000001", "answer@1s", Url=f"{HOST}/agent")
    waiting.pass_s(60)
    assert waiting.customer.statuses("/after", "DialCallStatus") == ["no-answer"]
    assert early.duration_s == 25
    waiting.dial("+919800000001", "answer@1s, hang up after 5s of talk", Url=f"{HOST}/agent")
    waiting.pass_s(10)
    caller = waiting.call()
    waiting.pass_s(60)
    assert waiting.customer.statuses("/out", "QueueResult") == ["bridged"]
    assert caller.said() == ["Now what"]


def test_two_queues_of_one_name_cannot_be_made(waiting: Town) -> None:
    waiting.rest("POST", "Queues.json", 201, FriendlyName="support")
    assert waiting.rest("POST", "Queues.json", 400, FriendlyName="support")["code"] == 22003
