"""A caller's way through documents: menus, keys, words, redirects, the end."""

from tests.simulator.customer import CALLER, HOST, OURS, Town

MENU = '<Gather numDigits="1" action="/choice" timeout="3"><Say>Press one or two</Say></Gather><Say>Goodbye</Say>'


def test_caller_who_presses_a_key_hears_the_choice_and_the_prompt_stops(town: Town) -> None:
    town.documents |= {"/in": MENU, "/choice": lambda p: f"<Say>You pressed {p['Digits']}</Say><Hangup/>"}
    call = town.call("press 2 on gather")
    town.pass_s(60)
    assert [h.kind for h in call.heard] == ["ring", "say", "key", "say"]
    assert call.said() == ["Press one or two", "You pressed 2"]
    assert call.heard[2].at_ms - call.heard[1].at_ms == 600
    assert (call.status, call.script_ok) == ("completed", True)
    first, choice = town.customer.seen[0][1], town.customer.got("/choice")[0]
    assert (first["CallStatus"], first["Direction"], first["From"], first["To"]) == ("ringing", "inbound", CALLER, OURS)
    assert (choice["CallStatus"], choice["FinishedOnKey"], choice["msg"]) == ("in-progress", "", "Gather End")
    assert town.net.warnings == []


def test_caller_who_presses_nothing_falls_through_to_the_next_verb(town: Town) -> None:
    town.documents["/in"] = MENU
    call = town.call()
    town.pass_s(60)
    assert call.said() == ["Press one or two", "Goodbye"]
    assert call.heard[-1].at_ms - call.heard[1].at_ms == 16 * 60 + 3000
    assert town.customer.got("/choice") == []
    assert [p["CallStatus"] for p in town.customer.got("/ended")] == ["completed"]
    assert town.customer.got("/ended")[0]["CallDuration"] == str(call.duration_s)


def test_words_are_gathered_as_speech(town: Town) -> None:
    town.documents |= {
        "/in": '<Gather input="dtmf speech" speechTimeout="auto" action="/choice"><Say>What is it?</Say></Gather>',
        "/choice": lambda p: f"<Say>{p['SpeechResult']} {p['Confidence']}</Say>",
    }
    call = town.call("say 'billing, please' on gather, wait")
    town.pass_s(60)
    assert call.said() == ["What is it?", "billing, please 0.92"]
    assert call.script_ok


def test_words_are_told_while_they_are_spoken(town: Town) -> None:
    town.documents |= {
        "/in": '<Gather input="speech" speechTimeout="2" partialResultCallback="/part" action="/choice"/>',
        "/choice": "<Hangup/>",
        "/part": "<Say>ignored</Say>",
    }
    call = town.call("say 'billing' on gather, wait")
    town.pass_s(60)
    assert town.customer.statuses("/part", "UnstableSpeechResult") == ["billing"]
    assert [path for path, _ in town.customer.seen] == ["/in", "/part", "/choice", "/ended"]
    assert call.said() == []


def test_finish_key_ends_the_digits_and_is_not_one_of_them(town: Town) -> None:
    town.documents |= {"/in": '<Gather action="/choice"/>', "/choice": "<Hangup/>"}
    town.call("press 1234# on gather")
    town.pass_s(60)
    choice = town.customer.got("/choice")[0]
    assert (choice["Digits"], choice["FinishedOnKey"]) == ("1234", "#")


def test_time_for_the_next_key_counts_from_the_last(town: Town) -> None:
    town.documents |= {"/in": '<Gather action="/choice" timeout="3"/>', "/choice": "<Hangup/>"}
    call = town.call("press 1 after 2.5s, press 2 after 2.5s, press 3 after 2.5s, wait")
    town.pass_s(60)
    assert town.customer.statuses("/choice", "Digits") == ["123"]
    assert town.at(call.ended_ms) == 10_500


def test_pause_as_first_verb_delays_the_answer(town: Town) -> None:
    town.documents["/in"] = '<Pause length="4"/><Say>Hello</Say>'
    call = town.call()
    town.pass_s(60)
    assert call.answered_ms is not None
    assert call.answered_ms - call.created_ms == 4000


def test_rejected_caller_was_never_answered(town: Town) -> None:
    for reason, status in (("busy", "busy"), ("rejected", "no-answer")):
        town.documents["/in"] = f'<Reject reason="{reason}"/>'
        call = town.call()
        town.pass_s(1)
        assert (call.status, call.answered_ms, call.duration_s) == (status, None, 0)


def test_redirect_follows_relative_addresses(town: Town) -> None:
    town.documents |= {
        "/in": "<Redirect>menu/top?step=1</Redirect>",
        "/menu/top": lambda p: f'<Say>step {p["step"]}</Say><Redirect method="GET">../bye</Redirect>',
        "/bye": "<Say>bye</Say>",
    }
    call = town.call()
    town.pass_s(60)
    assert call.said() == ["step 1", "bye"]
    assert [path for path, _ in town.customer.seen] == ["/in", "/menu/top", "/bye", "/ended"]


def test_caller_hangs_up_by_the_clock_whatever_is_said(town: Town) -> None:
    town.documents["/in"] = "<Say loop='0'>round and round</Say>"
    call = town.call("hang up at 40s")
    town.pass_s(600)
    assert (town.at(call.ended_ms), call.status, call.script_ok) == (40_000, "completed", True)
    assert call.duration_s == 40


def test_caller_who_hangs_up_in_a_gather_requests_no_action(town: Town) -> None:
    town.documents["/in"] = '<Gather action="/choice" timeout="60"/>'
    call = town.call("press 1 after 20s, hang up at 5s")
    town.pass_s(60)
    assert town.customer.got("/choice") == []
    assert call.script_ok is False
    assert call.script_reason == "`press 1 after 20s` was not done before the call ended"
    town.net.faults.gather_action_after_hangup = True
    town.documents["/choice"] = ""
    town.call("hang up at 5s")
    town.pass_s(60)
    assert town.customer.statuses("/choice") == ["completed"]


def test_empty_gather_asks_with_or_without_digits_as_the_switch_says(town: Town) -> None:
    town.documents |= {"/in": '<Gather action="/choice" actionOnEmptyResult="true"/>', "/choice": "<Hangup/>"}
    town.call()
    town.pass_s(60)
    town.net.faults.empty_digits = "absent"
    town.call()
    town.pass_s(60)
    assert [p.get("Digits") for p in town.customer.got("/choice")] == ["", None]


def test_browser_client_calls_through_its_application(town: Town) -> None:
    town.net.application("AP" + "3" * 32, f"{HOST}/client")
    town.documents["/client"] = lambda p: f"<Say>{p['From']} to {p['To']}</Say>"
    call = town.net.place_call("client:asha", "", "wait", {"To": "+15005550006"})
    town.pass_s(60)
    assert call.said() == ["client:asha to +15005550006"]
    assert town.customer.got("/client")[0]["ApplicationSid"] == "AP" + "3" * 32


def test_number_without_a_document_fails_the_call_at_once(town: Town) -> None:
    town.net.number(OURS)
    call = town.call()
    town.pass_s(1)
    assert (call.status, town.customer.seen) == ("failed", [])


def test_documents_that_lead_to_each_other_without_end_end_the_call(town: Town) -> None:
    town.documents["/in"] = "<Redirect/>"
    call = town.call()
    town.pass_s(1)
    assert call.status == "completed"
    assert town.net.warnings == [f"11215 documents at {HOST}/in lead to each other without end"]
