"""What a waiting caller hears of the wait, word for word: a range in their language, a place, an apology, nothing."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from ivr import wording
from queues import agent_moves
from queues.pace import QueuePace
from simulator import Leg
from tests.stories.world import World

FIRST, SECOND = "+14155550101", "+14155550102"
MUSIC_MS = 20_000
KEYS = {"en": 1, "hi": 2, "gu": 3, "te": 4}
LONG_TALK = "answer@1ring, press 1 on gather, hang up after 1200s of talk"

# One agent who needs three minutes for a call, and nobody ahead: half of such waits end by 2:05, nine in ten by 6:54.
HEARD = {
    "en": [
        "You are in line, and a person will answer. Thank you for waiting.",
        "You are next in line.",
        "We expect to answer you in 2 to 7 minutes.",
    ],
    "hi": [
        "आप कतार में हैं, हमारे प्रतिनिधि आपसे बात करेंगे। प्रतीक्षा करने के लिए धन्यवाद।",
        "कतार में अगली बारी आपकी है।",
        "हमें उम्मीद है कि 2 से 7 मिनट में आपसे बात हो जाएगी।",
    ],
    "gu": [
        "આપ કતારમાં છો, અમારા પ્રતિનિધિ આપની સાથે વાત કરશે. રાહ જોવા બદલ આભાર.",
        "કતારમાં હવે પછીનો વારો આપનો છે.",
        "અમારો અંદાજ છે કે 2 થી 7 મિનિટમાં આપની સાથે વાત થશે.",
    ],
    "te": [
        "మీరు వరుసలో ఉన్నారు, మా ప్రతినిధి మీతో మాట్లాడతారు. వేచి ఉన్నందుకు ధన్యవాదాలు.",
        "వరుసలో తర్వాతి వంతు మీదే.",
        "2 నుండి 7 నిమిషాల్లో మీతో మాట్లాడగలమని అనుకుంటున్నాము.",
    ],
}
# Four times slower than it looked.
SORRY = {
    "en": ["We are sorry, it is taking longer than we told you.", "We expect to answer you in 8 to 28 minutes."],
    "hi": ["क्षमा कीजिए, हमारे बताए समय से अधिक समय लग रहा है।", "हमें उम्मीद है कि 8 से 28 मिनट में आपसे बात हो जाएगी।"],
    "gu": [
        "માફ કરશો, અમે જણાવ્યું હતું તેના કરતાં વધુ સમય લાગી રહ્યો છે.",
        "અમારો અંદાજ છે કે 8 થી 28 મિનિટમાં આપની સાથે વાત થશે.",
    ],
    "te": [
        "క్షమించండి, మేము చెప్పిన దానికంటే ఎక్కువ సమయం పడుతోంది.",
        "8 నుండి 28 నిమిషాల్లో మీతో మాట్లాడగలమని అనుకుంటున్నాము.",
    ],
}
NOBODY = {
    "en": "Nobody is available to answer just now. "
    "You keep your place, and a person will answer as soon as one is back.",
    "hi": "इस समय हमारा कोई प्रतिनिधि उपलब्ध नहीं है। आपका स्थान सुरक्षित है, प्रतिनिधि के लौटते ही आपसे बात की जाएगी।",
    "gu": "અત્યારે અમારા કોઈ પ્રતિનિધિ ઉપલબ્ધ નથી. આપનું સ્થાન સુરક્ષિત છે, પ્રતિનિધિ પાછા આવતાં જ આપની સાથે વાત કરશે.",
    "te": "ప్రస్తుతం మా ప్రతినిధులెవరూ అందుబాటులో లేరు. మీ స్థానం భద్రంగా ఉంది, ప్రతినిధి తిరిగి రాగానే మీతో మాట్లాడతారు.",
}


def pace(world: World, handle_s: int = 180, contacts: int = 200) -> None:
    """The record knows how long a call to sales takes."""
    world.center.live.outlook.keep({"sales": QueuePace(handle_s * 1000, contacts)}, world.net.now_ms)


def call_sales(world: World, language: str = "en", from_: str = FIRST, then: str = "wait") -> Leg:
    return world.call(f"press {KEYS[language]} on gather, press 1 on gather, {then}", from_)


def busy_agent(world: World, language: str = "en") -> None:
    """Kiran, who speaks all four languages, is the only one there and talks for long."""
    world.agent("kiran", LONG_TALK)
    first = call_sales(world, language)
    world.run(60, lambda: world.status(first) == "talking")


def in_line(world: World, leg: Leg) -> list[str]:
    """What was said from the line on."""
    said = world.said(leg)
    starts = set(wording.SENTENCES["in_line"].values())
    return said[next(at for at, text in enumerate(said) if text in starts) :]


def goes_on(language: str) -> set[str]:
    """What is said in each round when there is no news."""
    told = ("still_waiting", "callback_choices", "link_choice", "voicemail_choice")
    return {wording.say(sentence, language) for sentence in told}


@pytest.mark.parametrize("language", HEARD)
def test_caller_hears_a_range_and_later_an_apology_in_their_language(world: World, language: str) -> None:
    pace(world)
    busy_agent(world, language)
    second = call_sales(world, language, SECOND)
    world.run(30)
    pace(world, handle_s=720)
    world.run(60)
    still = wording.say("still_waiting", language)
    said = in_line(world, second)
    sorry_at = said.index(SORRY[language][0])
    assert said[:3] == HEARD[language]
    assert set(said[3:sorry_at]) <= {still}
    assert said[sorry_at : sorry_at + 3] == [*SORRY[language], wording.say("callback_choices", language)]
    assert set(said[sorry_at + 3 :]) <= goes_on(language)


@pytest.mark.parametrize("language", NOBODY)
def test_caller_is_told_once_that_nobody_is_there_and_hears_no_number(world: World, language: str) -> None:
    pace(world)
    caller = call_sales(world, language)
    world.run(90)
    said = in_line(world, caller)
    choices = wording.say("callback_choices", language)
    assert said[:3] == [wording.say("in_line", language), NOBODY[language], choices]
    assert set(said[3:]) <= goes_on(language)
    assert "estimated" not in world.marks(caller)


def test_caller_hears_a_range_once_somebody_has_come(world: World) -> None:
    pace(world)
    first = call_sales(world, then="hang up at 300s")
    second = call_sales(world, from_=SECOND)
    world.run(30)
    world.agent("kiran", LONG_TALK)
    world.run(60)
    assert world.status(first) == "talking"
    said = [text for text in in_line(world, second) if text not in goes_on("en")]
    assert said == [HEARD["en"][0], NOBODY["en"], *HEARD["en"][1:]]


def test_nothing_is_said_while_the_record_knows_too_little(world: World) -> None:
    pace(world, contacts=9)
    busy_agent(world)
    second = call_sales(world, from_=SECOND)
    world.run(60)
    assert set(in_line(world, second)) <= {*HEARD["en"][:2], *goes_on("en")}
    assert "estimated" not in world.marks(second)


def test_nothing_is_said_of_the_wait_while_a_phone_rings_for_the_caller(world: World) -> None:
    pace(world)
    world.agent("kiran")
    caller = call_sales(world)
    world.until_ended(caller)
    assert in_line(world, caller)[:2] == [HEARD["en"][0], wording.say("closing_thanks", "en")]


def test_short_waits_are_told_without_a_number(world: World) -> None:
    pace(world, handle_s=20)
    busy_agent(world)
    second = call_sales(world, from_=SECOND)
    world.run(20)
    assert in_line(world, second)[2] == "We expect to answer you in less than a minute."


def test_estimate_is_kept_with_its_state_and_joined_to_what_came(world: World) -> None:
    pace(world)
    busy_agent(world)
    second = call_sales(world, from_=SECOND, then="hang up at 200s")
    world.run(260)
    (said,) = world.center.history.estimates(0, world.net.now_ms)
    (mark,) = [mark for mark in world.record(second)["marks"] if mark["name"] == "estimated"]
    state = {name: mark[name] for name in ("method", "lo_ms", "hi_ms", "mean_ms", "agents", "handle_ms", "news")}
    assert state == {
        "method": "queue_length",
        "lo_ms": 124_766,
        "hi_ms": 414_465,
        "mean_ms": 180_000,
        "agents": 1,
        "handle_ms": 180_000,
        "news": "first",
    }
    ended_ms = world.record(second)["ended_ms"]
    assert (said.call, said.queue, said.at_ms, said.to_ms, said.outcome) == (
        second.sid,
        "sales",
        mark["at_ms"],
        ended_ms,
        "abandoned",
    )


def test_place_is_not_said_where_somebody_can_be_put_in_front(
    world_with: Callable[[dict[str, Any]], World],
) -> None:
    world = world_with({"importance": [{"caller": "+1999", "minutes": 5}]})
    pace(world)
    busy_agent(world)
    second = call_sales(world, from_=SECOND)
    world.run(20)
    assert in_line(world, second) == [HEARD["en"][0], HEARD["en"][2]]


def test_place_is_said_again_as_it_gets_better(world: World) -> None:
    pace(world)
    busy_agent(world)
    call_sales(world, from_="+14155550103", then="hang up at 60s")
    world.run(20)
    third = call_sales(world, from_=SECOND)
    world.run(90)
    said = [text for text in in_line(world, third) if "in line." in text]
    assert said == ["You are number 2 in line.", "You are next in line."]


def test_music_and_messages_do_not_interrupt_each_other(world: World) -> None:
    pace(world)
    busy_agent(world)
    second = call_sales(world, from_=SECOND)
    world.run(90)
    heard = [one for one in second.heard if one.kind in ("say", "play")]
    first = next(at for at, one in enumerate(heard) if one.text == HEARD["en"][0])
    lengths_ms = [after.at_ms - one.at_ms for one, after in pairwise(heard[first:]) if one.kind == "play"]
    rounds = "".join(one.kind[0] for one in heard[first:])
    assert rounds.startswith("sssps")
    assert "pp" not in rounds
    assert len(lengths_ms) >= 2
    assert min(lengths_ms) >= MUSIC_MS


def test_agents_on_a_break_are_not_counted(world: World) -> None:
    pace(world)
    busy_agent(world)
    world.agent("asha")
    agent_moves.choose_status(world.center, "asha", "break", "lunch")
    second = call_sales(world, from_=SECOND)
    world.run(20)
    assert in_line(world, second)[-1] == HEARD["en"][2]
