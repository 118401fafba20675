"""What every REST request meets: who may ask, pages, filters, faults; messages and numbers."""

from typing import Any

import pytest

from simulator import RestError
from simulator.face import LostAnswer
from tests.simulator.customer import ACCOUNT, AGENT, CALLER, HOST, KEY, OURS, SECRET, START_MS, TOKEN, Town


@pytest.mark.parametrize(
    ("auth", "account", "status"),
    [
        ((ACCOUNT, TOKEN), ACCOUNT, 200),
        ((KEY, SECRET), ACCOUNT, 200),
        ((ACCOUNT, "wrong"), ACCOUNT, 401),
        ((KEY, TOKEN), ACCOUNT, 401),
        (None, ACCOUNT, 401),
        ((ACCOUNT, TOKEN), "AC" + "9" * 32, 404),
    ],
)
def test_account_or_key_may_ask_and_nobody_else(
    town: Town, auth: tuple[str, str] | None, account: str, status: int
) -> None:
    answer = town.ask(f"/2010-04-01/Accounts/{account}/Calls.json", auth)
    assert (answer["http"], answer.get("code")) == (status, {200: None, 401: 20003, 404: 20404}[status])


def test_unknown_path_is_not_found_in_the_account_s_own_words(town: Town) -> None:
    assert town.rest("GET", "Faxes.json", 404)["code"] == 20404


def test_lists_come_in_pages_newest_first(town: Town) -> None:
    town.documents["/in"] = "<Pause length='60'/>"
    calls = [town.call().sid for _ in range(5)]
    page = town.rest("GET", "Calls.json", PageSize=2, From=CALLER)
    assert [c["sid"] for c in page["calls"]] == [calls[4], calls[3]]
    assert (page["start"], page["end"], page["page"], page["page_size"], page["previous_page_uri"]) == (
        0,
        1,
        0,
        2,
        None,
    )
    second = town.ask(page["next_page_uri"])
    assert [c["sid"] for c in second["calls"]] == [calls[2], calls[1]]
    last = town.ask(second["next_page_uri"])
    assert ([c["sid"] for c in last["calls"]], last["next_page_uri"]) == ([calls[0]], None)


def test_calls_are_found_by_line_status_and_start(town: Town) -> None:
    town.documents["/in"] = "<Hangup/>"
    town.call()
    town.dial(AGENT, "never", Url=f"{HOST}/in")
    town.pass_s(5)

    def found(**query: Any) -> list[str]:
        return [c["direction"] for c in town.rest("GET", "Calls.json", **query)["calls"]]

    assert found(Status="completed") == ["inbound"]
    assert found(To=AGENT) == ["outbound-api"]
    assert found(**{"StartTime>": "2023-11-14"}) == ["outbound-api", "inbound"]
    assert found(**{"StartTime<": "2023-11-13"}) == []
    assert found(StartTime="2023-11-14") == ["outbound-api", "inbound"]


def test_next_requests_are_refused_as_the_switch_says(town: Town) -> None:
    town.net.faults.rest_errors = [RestError(20429, times=2, path="Calls"), RestError(20404, method="POST")]
    codes = [town.rest("GET", path, status).get("code") for path, status in
             (("Calls.json", 429), ("Queues.json", 200), ("Calls.json", 429), ("Calls.json", 200))]  # fmt: skip
    assert codes == [20429, None, 20429, None]
    assert town.rest("POST", "Queues.json", 404, FriendlyName="x")["code"] == 20404
    assert town.rest("POST", "Queues.json", 201, FriendlyName="x")["friendly_name"] == "x"
    town.net.faults.rest_error_rate = 1.0
    assert town.rest("GET", "Calls.json", 429)["message"] == "Too Many Requests"


def test_lost_answer_leaves_a_call_that_can_be_found(town: Town) -> None:
    town.net.faults.rest_lost_answers = 1
    with pytest.raises(LostAnswer):
        town.dial(AGENT, "never", Url=f"{HOST}/in")
    assert [c["to"] for c in town.rest("GET", "Calls.json", To=AGENT)["calls"]] == [AGENT]
    assert [(r.method, r.form.get("To"), r.status) for r in town.net.requests] == [
        ("POST", AGENT, 201),
        ("GET", None, 200),
    ]


def test_slow_answer_lets_the_network_go_on(town: Town) -> None:
    town.documents |= {"/in": "<Say>Hi</Say>", "/st": ""}
    town.net.faults.rest_slow_ms = 3000
    leg = town.dial(AGENT, "answer@1s", Url=f"{HOST}/in", StatusCallback=f"{HOST}/st", StatusCallbackEvent="initiated")
    assert town.net.now_ms - START_MS == 3000
    assert town.customer.statuses("/st") == ["initiated"]  # it arrived before POST Calls answered
    assert leg.answered_ms is not None


def test_redirect_inside_a_webhook_of_the_same_leg_wins(town: Town) -> None:
    call = town.call()

    def redirects(params: dict[str, str]) -> str:
        town.rest("POST", f"Calls/{params['CallSid']}.json", 200, Url=f"{HOST}/other")
        return "<Say>too late</Say>"

    town.documents |= {"/in": redirects, "/other": "<Say>other</Say>"}
    town.pass_s(20)
    assert call.said() == ["other"]


def test_leg_ended_inside_its_own_webhook_runs_nothing(town: Town) -> None:
    call = town.call()

    def ends(params: dict[str, str]) -> str:
        town.rest("POST", f"Calls/{params['CallSid']}.json", 200, Status="completed")
        return "<Say>too late</Say>"

    town.documents["/in"] = ends
    town.pass_s(20)
    assert (call.said(), call.status) == ([], "no-answer")


def test_message_is_sent_and_delivered_or_not(town: Town) -> None:
    town.documents["/sms"] = ""
    town.net.person("+919800000007", "unreachable")
    for to in (AGENT, "+919800000007"):
        made = town.rest("POST", "Messages.json", 201, To=to, From=OURS, Body="नमस्ते" * 20, StatusCallback=f"{HOST}/sms")
        assert (made["status"], made["num_segments"]) == ("queued", "2")
    town.pass_s(5)
    assert town.customer.statuses("/sms", "MessageStatus") == ["sent", "sent", "delivered", "undelivered"]
    assert town.customer.got("/sms")[3]["ErrorCode"] == "30003"
    shown = town.rest("GET", "Messages.json", To="+919800000007")["messages"]
    assert [(m["status"], m["error_code"]) for m in shown] == [("undelivered", 30003)]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"From": OURS, "Body": "x"}, 21604),
        ({"To": "me", "From": OURS, "Body": "x"}, 21211),
        ({"To": AGENT, "Body": "x"}, 21603),
        ({"To": AGENT, "From": CALLER, "Body": "x"}, 21210),
        ({"To": AGENT, "From": OURS}, 21602),
        ({"To": AGENT, "From": OURS, "Body": "x" * 1601}, 21617),
    ],
)
def test_wrong_messages_are_refused(town: Town, form: dict[str, str], code: int) -> None:
    assert town.rest("POST", "Messages.json", 400, **form)["code"] == code


def test_number_set_by_rest_answers_calls(town: Town) -> None:
    sid = town.rest("GET", "IncomingPhoneNumbers.json", PhoneNumber=OURS)["incoming_phone_numbers"][0]["sid"]
    town.documents |= {"/new": "<Say>new</Say>", "/app": "<Say>app</Say>"}
    set_to = town.rest("POST", f"IncomingPhoneNumbers/{sid}.json", 200, VoiceUrl=f"{HOST}/new", VoiceMethod="GET")
    assert (set_to["voice_url"], set_to["voice_method"], set_to["voice_fallback_url"]) == (
        f"{HOST}/new",
        "GET",
        f"{HOST}/fallback",
    )
    call = town.call()
    town.pass_s(5)
    application = town.rest("POST", "Applications.json", 201, VoiceUrl=f"{HOST}/app", FriendlyName="a")
    town.rest("POST", f"IncomingPhoneNumbers/{sid}.json", 200, VoiceApplicationSid=application["sid"])
    second = town.call()
    town.pass_s(5)
    assert (call.said(), second.said(), second.application_sid) == (["new"], ["app"], application["sid"])
