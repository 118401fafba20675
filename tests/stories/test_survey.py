"""Asked afterwards how it was: by key, in the caller's language, and never again when that is the wish."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ivr.flow import load_flow
from simulator import Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
JIGNESH = "+919898000111"
HEARD = {
    "en": (
        "Thank you for calling. How satisfied are you? Press a key from 1, not at all, to 5, very. "
        "If you would rather not be asked, press 9.",
        "Was what you called about solved? For yes, press 1. For no, press 2.",
        "What should we do better? Please speak after the tone, and press the hash key when you have finished.",
        "Thank you for your answers. Goodbye.",
    ),
    "hi": (
        "कॉल करने के लिए धन्यवाद। आप कितने संतुष्ट हैं? 1 यानी बिल्कुल नहीं, से 5 यानी बहुत, तक कोई अंक दबाएँ। "
        "यदि आप नहीं चाहते कि हम पूछें, तो 9 दबाएँ।",
        "क्या आपकी समस्या का समाधान हुआ? हाँ के लिए 1 दबाएँ। नहीं के लिए 2 दबाएँ।",
        "हमें क्या बेहतर करना चाहिए? कृपया टोन के बाद बोलिए, पूरा होने पर हैश दबाएँ।",
        "आपके उत्तरों के लिए धन्यवाद। नमस्कार।",
    ),
    "gu": (
        "કૉલ કરવા બદલ આભાર. આપ કેટલા સંતુષ્ટ છો? 1 એટલે બિલકુલ નહીં, થી 5 એટલે ખૂબ, સુધીનો કોઈ અંક દબાવો. "
        "અમે ન પૂછીએ એમ ઇચ્છતા હો તો 9 દબાવો.",
        "શું આપની સમસ્યા ઉકેલાઈ? હા માટે 1 દબાવો. ના માટે 2 દબાવો.",
        "અમારે શું વધુ સારું કરવું જોઈએ? કૃપા કરીને ટોન પછી બોલો, પૂરું થાય ત્યારે હેશ દબાવો.",
        "આપના જવાબો બદલ આભાર. નમસ્તે.",
    ),
    "te": (
        "కాల్ చేసినందుకు ధన్యవాదాలు. మీరు ఎంత సంతృప్తిగా ఉన్నారు? 1 అంటే అస్సలు లేదు, 5 అంటే చాలా, "
        "1 నుండి 5 వరకు ఒక అంకె నొక్కండి. మమ్మల్ని అడగవద్దనుకుంటే 9 నొక్కండి.",
        "మీరు కాల్ చేసిన విషయం పరిష్కారమైందా? అవును అయితే 1 నొక్కండి. కాదు అయితే 2 నొక్కండి.",
        "మేము ఏమి మెరుగుపరచాలి? దయచేసి టోన్ తర్వాత చెప్పండి, పూర్తయ్యాక హ్యాష్ నొక్కండి.",
        "మీ సమాధానాలకు ధన్యవాదాలు. నమస్కారం.",
    ),
}
GOODBYE = "Thank you for calling. Goodbye."
# The survey's keys come after the conversation, so they wait for it by time.
TALK = "answer@1ring, press 1 on gather, hang up after 5s of talk"
FLOW = """
name: ask
languages: [en]
default_language: en
start: ask
person: general
budget_s: {usual: 5, worst: 100}
nodes:
  ask: {type: survey, prompt: hello}
  general: {type: enqueue, queue: general}
prompts:
  hello: {en: Hello.}
"""


@pytest.fixture
def world(world_with: Make) -> World:
    return world_with({"survey.share": 1})


@pytest.mark.parametrize(("key", "language"), enumerate(HEARD, 1))
def test_caller_answers_by_key_and_speaks(world: World, key: int, language: str) -> None:
    agent = "ravi" if language == "te" else "asha"
    world.agent("kiran" if language == "te" else agent, TALK)
    script = (
        f"press {key} on gather, press 1 on gather, say 'hello' on talk, press 4 on gather, press 1 on gather, "
        "say 'Nothing at all, it was fine' on record, wait"
    )
    caller = world.call(script, JIGNESH)
    world.run(240, lambda: caller.ended)
    world.run(10)
    assert tuple(world.said(caller)[-4:]) == HEARD[language]
    record = world.record(caller)
    assert (record["outcome"], record["satisfied"], record["solved_said"]) == ("answered", 4, "yes")
    made = world.center.history.cases.recording(record["comment"])
    assert made is not None
    assert (made.kind, made.status, made.call) == ("comment", "completed", caller.sid)
    assert world.center.history.cases.listed("") == []


def surveyed(world: World, answers: str, from_: str = JIGNESH) -> Leg:
    world.agent("asha", TALK)
    caller = world.call(f"press 1 on gather, press 1 on gather, say 'hello' on talk, {answers}", from_)
    world.run(240, lambda: caller.ended)
    world.run(10)
    return caller


def test_who_does_not_want_to_be_asked_is_never_asked_again(world: World) -> None:
    caller = surveyed(world, "press 9 on gather, wait")
    assert world.said(caller)[-1] == "All right, we will not ask you again. Thank you for calling. Goodbye."
    assert world.center.history.surveys.refused(JIGNESH)
    world.run(120)
    again = world.call("press 1 on gather, say 'hello' on talk, press 5 on gather, wait", JIGNESH)
    world.run(240, lambda: again.ended)
    assert world.said(again)[-1] == GOODBYE
    assert HEARD["en"][0] not in world.said(again)
    assert world.record(again)["satisfied"] is None


def test_star_while_speaking_stops_too(world: World) -> None:
    caller = surveyed(world, "press 2 on gather, press 2 on gather, press * on record, wait")
    record = world.record(caller)
    assert (record["satisfied"], record["solved_said"], record["comment"]) == (2, "no", None)
    assert world.said(caller)[-1].startswith("All right, we will not ask you again.")


def test_silence_twice_is_goodbye_and_a_wrong_key_is_asked_once_more(world: World) -> None:
    silent = surveyed(world, "wait")
    assert world.said(silent)[-3:] == [
        HEARD["en"][0],
        "Sorry, please press a key from 1, not at all, to 5, very.",
        GOODBYE,
    ]
    world.run(120)
    wrong = world.call(
        "press 1 on gather, say 'hello' on talk, "
        "press 7 on gather, press 3 on gather, press 5 on gather, press 2 on gather, wait",
        JIGNESH,
    )
    world.run(300, lambda: wrong.ended)
    assert world.said(wrong)[-6:-1] == [
        HEARD["en"][0],
        "Sorry, please press a key from 1, not at all, to 5, very.",
        HEARD["en"][1],
        "Sorry, was it solved? For yes, press 1. For no, press 2.",
        HEARD["en"][2],
    ]
    assert (world.record(wrong)["satisfied"], world.record(wrong)["solved_said"]) == (3, "no")


def test_caller_is_left_alone_for_as_long_as_the_survey_takes(world: World) -> None:
    world.agent("asha", TALK)
    long = "say '" + "It went on and on and on and " * 20 + "' on record"
    talk = "press 1 on gather, press 1 on gather, say 'hello' on talk"
    caller = world.call(
        f"{talk}, press 4 on gather, press 1 on gather, {long}, wait",
        JIGNESH,
    )
    world.run(300, lambda: caller.ended)
    world.run(10)
    assert world.said(caller)[-1] == HEARD["en"][3]
    assert world.record(caller)["comment"]


@pytest.mark.parametrize("changes", [{"survey.share": 0}, {"survey.share": 1, "survey.queues": ["billing"]}])
def test_nobody_is_asked_where_the_share_is_nothing_or_the_queue_another(
    world_with: Make, changes: dict[str, Any]
) -> None:
    world = world_with(changes)
    caller = surveyed(world, "wait")
    assert world.said(caller)[-1] == GOODBYE
    assert HEARD["en"][0] not in world.said(caller)


def test_menu_leads_to_the_same_questions_and_has_served_the_caller(world: World) -> None:
    world.center = replace(world.center, flow=load_flow(FLOW, "flow.yaml"))
    world.app.extensions["center"] = world.center
    caller = world.call("press 5 on gather, press 1 on gather, say 'All good here' on record, wait", JIGNESH)
    world.run(120, lambda: caller.ended)
    record = world.record(caller)
    assert tuple(world.said(caller)) == ("Hello.", *HEARD["en"])
    assert (record["outcome"], record["satisfied"]) == ("served_in_menu", 5)
