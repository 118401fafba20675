"""Callers who leave a message: kept as a case before it is promised, whatever is lost, in the caller's language."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ivr.flow import load_flow
from simulator import Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
DAY_MS = 86_400_000
MARIA, JIGNESH = "+14155550123", "+919898000111"
LANGUAGES = {
    "en": (
        "Please leave your message after the tone, with your name and what it is about. "
        "Press the hash key when you have finished.",
        "To send your message, press 1. To record it again, press 2.",
        "Thank you. We have your message, and we will call you about it by tomorrow at 1:30 PM. Goodbye.",
    ),
    "hi": (
        "कृपया टोन के बाद अपना संदेश छोड़िए, अपना नाम और विषय बताइए। पूरा होने पर हैश दबाएँ।",
        "संदेश भेजने के लिए 1 दबाएँ। दोबारा रिकॉर्ड करने के लिए 2 दबाएँ।",
        "धन्यवाद। आपका संदेश हमें मिल गया है, हम इसके बारे में आपको कल दोपहर 1:30 बजे तक कॉल करेंगे। नमस्कार।",
    ),
    "gu": (
        "કૃપા કરીને ટોન પછી આપનો સંદેશો મૂકો, આપનું નામ અને વિષય જણાવો. પૂરું થાય ત્યારે હેશ દબાવો.",
        "સંદેશો મોકલવા માટે 1 દબાવો. ફરી રેકોર્ડ કરવા માટે 2 દબાવો.",
        "આભાર. આપનો સંદેશો અમને મળ્યો છે, અમે તે વિશે આપને આવતી કાલે બપોરે 1:30 વાગ્યા સુધીમાં કૉલ કરીશું. નમસ્તે.",
    ),
    "te": (
        "దయచేసి టోన్ తర్వాత మీ సందేశం చెప్పండి, మీ పేరు మరియు విషయం తెలపండి. పూర్తయ్యాక హ్యాష్ నొక్కండి.",
        "సందేశం పంపడానికి 1 నొక్కండి. మళ్లీ రికార్డ్ చేయడానికి 2 నొక్కండి.",
        "ధన్యవాదాలు. మీ సందేశం మాకు అందింది, దాని గురించి మేము మీకు రేపు మధ్యాహ్నం 1:30 గంటల లోపు కాల్ చేస్తాము. నమస్కారం.",
    ),
}
FLOW = """
name: night
languages: [en]
default_language: en
start: night
person: general
budget_s: {usual: 5, worst: 100}
nodes:
  night: {type: voicemail, queue: support, prompt: hello}
  general: {type: enqueue, queue: general}
prompts:
  hello: {en: Nobody is here now.}
"""
SPEAKS = "say 'My fridge is loud, please call me' on record"


@pytest.fixture
def night(world: World) -> World:
    world.center = replace(world.center, flow=load_flow(FLOW, "flow.yaml"))
    world.app.extensions["center"] = world.center
    return world


def ended(world: World, caller: Leg) -> dict[str, Any]:
    world.run(400, lambda: caller.ended)
    world.run(20)
    return world.record(caller)


@pytest.mark.parametrize(("key", "language"), enumerate(LANGUAGES, 1))
def test_caller_in_line_leaves_a_message_and_hears_until_when_we_call(world: World, key: int, language: str) -> None:
    script = f"press {key} on gather, press 1 on gather, press 3 at 52s, {SPEAKS}, press 1 on gather, wait"
    caller = world.call(script, JIGNESH)
    record = ended(world, caller)
    assert tuple(world.said(caller)[-3:]) == LANGUAGES[language]
    (case,) = world.center.history.cases.listed()
    assert (case.call, case.number, case.queue, case.language) == (caller.sid, JIGNESH, "sales", language)
    assert case.due_ms - case.created_ms == DAY_MS
    assert (record["outcome"], record["queue"], record["status"], record["case_id"]) == (
        "voicemail",
        "sales",
        "ended",
        case.id,
    )
    target = next(row for row in record["targets"] if row["target"] == "request_handled")
    assert (target["verdict"], target["limit_ms"], target["from_ms"]) == ("running", DAY_MS, case.created_ms)
    recording = world.center.history.cases.recording(case.recording)
    assert recording is not None
    assert (recording.status, recording.call) == ("completed", caller.sid)
    assert recording.words == ("My fridge is loud, please call me" if language == "en" else "")


def test_message_is_offered_while_waiting_and_nobody_is_rung_any_more(world: World) -> None:
    caller = world.call(f"press 1 on gather, press 1 on gather, press 3 at 52s, {SPEAKS}, wait")
    world.run(48)
    assert "To leave a message instead, press 3." in world.said(caller)
    world.run(8)
    assert world.status(caller) == "menu"
    world.agent("asha")
    assert ended(world, caller)["outcome"] == "voicemail"
    assert world.offers(caller) == []


def test_hanging_up_after_the_message_leaves_it(night: World) -> None:
    caller = night.call(f"{SPEAKS}, hang up after 3s", JIGNESH)
    record = ended(night, caller)
    (case,) = night.center.history.cases.listed()
    assert (record["outcome"], case.kind, case.queue) == ("voicemail", "voicemail", "support")
    assert night.said(caller) == ["Nobody is here now.", LANGUAGES["en"][0]]


def test_empty_message_is_asked_for_once_more_and_then_goodbye(night: World) -> None:
    caller = night.call("wait")
    record = ended(night, caller)
    assert night.said(caller)[2:] == [
        "Sorry, we did not hear a message.",
        "Please speak after the tone. Press the hash key when you have finished.",
        "Sorry, we did not hear a message. Please call us again whenever it suits you. Goodbye.",
    ]
    assert (record["outcome"], night.center.history.cases.listed("")) == ("left_in_menu", [])


def test_caller_who_leaves_the_line_and_says_nothing_has_left_while_waiting(world: World) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, press 3 at 52s, hang up at 70s")
    assert ended(world, caller)["outcome"] == "abandoned"
    assert world.center.history.cases.listed("") == []


def test_message_is_recorded_again_and_the_newer_one_counts(night: World) -> None:
    again = "say 'It is my washing machine, not the fridge' on record"
    caller = night.call(f"{SPEAKS}, press 2 on gather, {again}, press 1 on gather, wait", JIGNESH)
    ended(night, caller)
    (case,) = night.center.history.cases.listed()
    assert [sid == case.recording for sid in night.net.recordings.by_sid] == [False, True]
    assert len([text for text in night.said(caller) if text.startswith("Thank you")]) == 1


def test_silence_at_the_second_recording_keeps_the_first(night: World) -> None:
    caller = night.call(f"{SPEAKS}, press 2 on gather, wait", JIGNESH)
    record = ended(night, caller)
    (case,) = night.center.history.cases.listed()
    assert case.recording == next(iter(night.net.recordings.by_sid))
    assert (night.said(caller)[-1], record["outcome"]) == (LANGUAGES["en"][2], "voicemail")


def test_withheld_number_gets_no_promise_to_be_called(night: World) -> None:
    caller = night.call(f"{SPEAKS}, press 1 on gather, wait", "anonymous")
    ended(night, caller)
    assert night.said(caller)[-1] == "Thank you. We have your message. Goodbye."
    assert [case.number for case in night.center.history.cases.listed()] == ["anonymous"]


def test_sql_is_away_and_the_message_is_kept_but_no_time_is_promised(
    night: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    for name in ("open", "find", "listed"):
        monkeypatch.setattr(night.center.history.cases, name, away)
    night.recording = False
    caller = night.call(f"{SPEAKS}, press 1 on gather, wait", JIGNESH)
    night.run(60, lambda: caller.ended)
    assert night.said(caller)[-1] == "Thank you. We have your message. Goodbye."
    monkeypatch.undo()
    night.recording = True
    night.drain()
    assert [case.number for case in night.center.history.cases.listed()] == [JIGNESH]


def test_redis_is_wiped_while_a_message_is_recorded_and_it_is_promised_all_the_same(night: World) -> None:
    caller = night.call(f"{SPEAKS}, press 1 on gather, wait", JIGNESH)
    night.run(13)
    night.client.flushall()
    night.run(60, lambda: caller.ended)
    assert night.said(caller)[-1].startswith("Thank you. We have your message, and we will call you about it by")
    (case,) = night.center.history.cases.listed()
    assert (case.call, case.number, case.queue) == (caller.sid, JIGNESH, "support")


def test_end_of_a_message_that_was_never_told_is_made_up_for(night: World) -> None:
    words = "say 'My fridge has been loud for three days now, please call me on this number' on record"
    caller = night.call(f"{words}, hang up after 6s", JIGNESH)
    lost = night.unreachable("/voice/voicemail/recorded", 9)
    night.run(60, lambda: caller.ended)
    night.run(60)
    assert len(lost) < 9
    night.net.warnings.clear()  # of the document that nobody answered
    assert [case.call for case in night.center.history.cases.listed()] == [caller.sid]
    assert night.record(caller)["outcome"] == "voicemail"


def test_callback_that_failed_for_the_last_time_is_a_case(world_with: Make) -> None:
    world = world_with({"callbacks.countries": ["IN", "US"], "callbacks.attempts": 1})
    caller = world.call("press 1 on gather, press 1 on gather, press 1 at 52s, press 1 at 72s", JIGNESH)
    world.run(90, lambda: caller.ended)
    world.net.person(JIGNESH, "busy")
    world.agent("asha", "answer@2rings, press 1 on gather")
    world.run(7200, lambda: world.record(caller)["status"] == "ended")
    (case,) = world.center.history.cases.listed()
    assert (case.kind, case.call, case.number, world.record(caller)["outcome"]) == (
        "callback_failed",
        caller.sid,
        JIGNESH,
        "failed",
    )


def test_webhooks_of_a_message_that_come_twice_change_nothing(night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, Any]] = []
    opened = night.web.open

    def kept(*args: Any, **options: Any) -> Any:
        sent.append((args, options))
        return opened(*args, **options)

    monkeypatch.setattr(night.web, "open", kept)
    again = "say 'It is my washing machine, not the fridge' on record"
    caller = night.call(f"{SPEAKS}, press 2 on gather, {again}, press 1 on gather, wait", JIGNESH)
    ended(night, caller)
    before = night.center.history.cases.listed(), night.client.xlen("tr:events"), night.live(caller)
    doors = [(args, options) for args, options in sent if "/voice/voicemail" in args[0]]
    assert len(doors) >= 8
    for args, options in doors:
        opened(*args, **options)
    night.run(10)
    assert (night.center.history.cases.listed(), night.client.xlen("tr:events"), night.live(caller)) == before


def test_zero_reaches_a_person_and_star_the_menu_from_the_tone(world: World) -> None:
    world.center = replace(
        world.center,
        flow=load_flow(
            FLOW.replace("start: night", "start: top").replace(
                "  night:", "  top: {type: menu, prompt: top, options: {1: night}}\n  night:"
            )
            + "  top: {en: For a message press 1.}\n",
            "flow.yaml",
        ),
    )
    world.app.extensions["center"] = world.center
    back = world.call("press 1 on gather, press * on record, press 1 on gather, press 0 on record, wait", JIGNESH)
    world.run(60)
    asked = [text for text in world.said(back) if text != LANGUAGES["en"][0]]
    assert asked[:4] == ["For a message press 1.", "Nobody is here now."] * 2
    assert (world.live(back).queue, world.status(back)) == ("general", "waiting")
    assert world.center.history.cases.listed() == []


def test_zero_after_the_message_reaches_a_person_and_the_message_is_kept(night: World) -> None:
    caller = night.call(f"{SPEAKS}, press 0 on gather, wait", JIGNESH)
    night.run(60)
    assert (night.live(caller).queue, night.status(caller)) == ("general", "waiting")
    (case,) = night.center.history.cases.listed()
    assert (case.call, case.status) == (caller.sid, "open")
