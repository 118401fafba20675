"""Nothing is recorded without consent, and the service is the same either way; asked and told in four languages."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from simulator import Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
JIGNESH, MARIA = "+919898000111", "+14155550123"
TALK = "answer@2rings, press 1 on gather, hang up after 20s of talk"
ASKED = {
    "en": (
        "May we record this conversation, to improve our service? To agree, press 1. If not, just stay on the line.",
        "Thank you. The conversation will be recorded.",
        "The conversation will not be recorded.",
        "The conversation will be recorded, to improve our service.",
    ),
    "hi": (
        "क्या हम सेवा बेहतर करने के लिए यह बातचीत रिकॉर्ड कर सकते हैं? सहमति के लिए 1 दबाएँ। नहीं तो लाइन पर बने रहें।",
        "धन्यवाद। बातचीत रिकॉर्ड की जाएगी।",
        "बातचीत रिकॉर्ड नहीं की जाएगी।",
        "सेवा बेहतर करने के लिए यह बातचीत रिकॉर्ड की जाएगी।",
    ),
    "gu": (
        "શું અમે સેવા સુધારવા માટે આ વાતચીત રેકોર્ડ કરી શકીએ? સંમતિ માટે 1 દબાવો. નહીં તો લાઇન પર જોડાયેલા રહો.",
        "આભાર. વાતચીત રેકોર્ડ કરવામાં આવશે.",
        "વાતચીત રેકોર્ડ કરવામાં આવશે નહીં.",
        "સેવા સુધારવા માટે આ વાતચીત રેકોર્ડ કરવામાં આવશે.",
    ),
    "te": (
        "సేవను మెరుగుపరచడానికి ఈ సంభాషణను రికార్డ్ చేయవచ్చా? అంగీకరించడానికి 1 నొక్కండి. లేకపోతే లైన్‌లో ఉండండి.",
        "ధన్యవాదాలు. సంభాషణ రికార్డ్ చేయబడుతుంది.",
        "సంభాషణ రికార్డ్ చేయబడదు.",
        "సేవను మెరుగుపరచడానికి ఈ సంభాషణ రికార్డ్ చేయబడుతుంది.",
    ),
}


@pytest.fixture
def world(world_with: Make) -> World:
    """A center that asks in the United States, tells in India, and records nobody else."""
    return world_with({"recording.countries": {"US": "opt_in", "IN": "notice"}, "survey.share": 0})


def matched(world: World) -> list[str]:
    """The recorded calls, each with consent that is older than its recording."""
    calls = []
    for made in world.net.recordings.by_sid.values():
        noted = world.center.history.cases.recording(made.sid)
        assert noted is not None
        given = world.center.history.consents.of(noted.call)
        assert given is not None
        assert given.allows
        assert given.at_ms <= made.started_ms
        calls.append(noted.call)
    return calls


def talked(world: World, script: str, from_: str, agent: str = "kiran") -> Leg:
    """A caller who waits a little, talks and is thanked."""
    caller = world.call(script, from_)
    world.run(40)
    world.agent(agent, TALK)
    world.run(240, lambda: caller.ended)
    world.run(10)
    assert world.record(caller)["outcome"] == "answered"
    return caller


@pytest.mark.parametrize(("key", "language"), enumerate(ASKED, 1))
def test_caller_who_agrees_is_recorded_while_they_talk(world: World, key: int, language: str) -> None:
    caller = talked(world, f"press {key} on gather, press 1 on gather, press 1 on gather, wait", MARIA)
    said = world.said(caller)
    at = said.index(ASKED[language][0])
    assert said[at + 1] == ASKED[language][1]
    assert matched(world) == [caller.sid]
    (made,) = world.net.recordings.by_sid.values()
    assert (made.source, made.status, round(made.counted_ms / 1000)) == ("StartCallRecordingAPI", "completed", 20)
    given = world.record(caller)["consent"]
    assert (given["answer"], given["key"], given["language"]) == ("yes", "1", language)
    assert given["prompt"].startswith("consent_ask-")
    assert [row["kind"] for row in world.record(caller)["recordings"]] == ["conversation"]


@pytest.mark.parametrize(("key", "language"), enumerate(ASKED, 1))
def test_silence_is_no_and_the_service_is_the_same(world: World, key: int, language: str) -> None:
    caller = talked(world, f"press {key} on gather, press 1 on gather, wait", MARIA)
    said = world.said(caller)
    assert said[said.index(ASKED[language][0]) + 1] == ASKED[language][2]
    assert matched(world) == []
    assert world.record(caller)["consent"]["answer"] == "no"


@pytest.mark.parametrize(("key", "language"), enumerate(ASKED, 1))
def test_where_a_notice_is_enough_it_is_said_before_anything_is_recorded(world: World, key: int, language: str) -> None:
    caller = talked(world, f"press {key} on gather, press 1 on gather, wait", JIGNESH)
    assert world.said(caller).count(ASKED[language][3]) == 1
    assert matched(world) == [caller.sid]
    assert world.record(caller)["consent"]["answer"] == "told"


def test_where_nothing_is_asked_nothing_is_recorded(world: World) -> None:
    caller = talked(world, "press 1 on gather, press 1 on gather, wait", "+442079460123", "asha")
    assert (matched(world), world.record(caller)["consent"]) == ([], None)


def test_question_costs_no_time_and_who_is_put_through_before_answering_is_not_recorded(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 20s of talk")
    caller = world.call("press 1 on gather, press 1 on gather, wait", MARIA)
    world.run(240, lambda: caller.ended)
    record = world.record(caller)
    assert (record["outcome"], matched(world), record["consent"]) == ("answered", [], None)
    assert record["answered_ms"] - record["enqueued_ms"] < 8_000


def test_sql_is_away_and_the_caller_is_not_recorded_though_they_agreed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    monkeypatch.setattr(world.center.history.consents, "keep", away)
    caller = talked(world, "press 1 on gather, press 1 on gather, press 1 on gather, wait", MARIA)
    assert ASKED["en"][2] in world.said(caller)
    assert matched(world) == []


def test_consent_that_only_redis_knows_records_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.center.history.consents, "keep", lambda _given: True)
    caller = talked(world, "press 1 on gather, press 1 on gather, press 1 on gather, wait", MARIA)
    assert world.live(caller).consent == "yes"
    assert world.net.recordings.by_sid == {}


def test_survey_after_the_conversation_is_not_in_its_recording(world_with: Make) -> None:
    world = world_with({"recording.default": "opt_in", "survey.share": 1, "survey.ask_open": False})
    answers = "say 'hello' on talk, press 5 on gather, press 1 on gather, wait"
    caller = talked(world, f"press 1 on gather, press 1 on gather, press 1 on gather, {answers}", MARIA)
    (made,) = world.net.recordings.by_sid.values()
    assert round(made.counted_ms / 1000) == 20
    assert world.record(caller)["satisfied"] == 5
