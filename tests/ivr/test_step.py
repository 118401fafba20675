"""Stories of callers in the example menu."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ivr.flow import Flow, load_flow
from ivr.step import (
    Caller,
    Choice,
    Enqueue,
    HangUp,
    Keys,
    Listen,
    Place,
    Prompt,
    Reply,
    Resume,
    Start,
    start,
    step,
)
from tests.ivr.conftest import Dial

End = Callable[[Reply], str]


def test_a_new_caller_is_offered_each_language_in_itself(dial: Dial) -> None:
    assert dial().reply.say == (
        Prompt("Suraj Home Appliances. For English, press 1.", "en"),
        Prompt("हिन्दी के लिए 2 दबाएँ।", "hi"),
        Prompt("ગુજરાતી માટે 3 દબાવો.", "gu"),
        Prompt("తెలుగు కోసం 4 నొక్కండి.", "te"),
    )


def test_a_chosen_language_is_spoken_from_then_on_and_remembered(dial: Dial) -> None:
    reply = dial().press("3").reply
    assert reply.remember_language
    assert reply.choices == (Choice("language", "gu"),)
    assert {prompt.language for prompt in reply.say} == {"gu"}
    assert reply.say[0].text == "સૂરજ હોમ એપ્લાયન્સિસમાં આપનું સ્વાગત છે."


def test_a_remembered_caller_is_welcomed_in_their_language_at_once(dial: Dial) -> None:
    reply = dial("te").reply
    assert reply.say[0] == Prompt("సూరజ్ హోమ్ అప్లయన్సెస్‌కు స్వాగతం.", "te")
    assert reply.then == Listen(Place("main", language="te", turns=1), "te", timeout_s=4)
    assert not reply.remember_language


def test_a_remembered_language_that_the_flow_does_not_speak_is_asked_again(dial: Dial, end_of: End) -> None:
    assert end_of(dial("fr").reply) == "listen language"


@pytest.mark.parametrize(
    ("keys", "queue", "reason"),
    [
        ("1", "sales", "new_order"),
        ("3", "billing", "bill_question"),
        ("21", "support", "not_working"),
        ("22", "support", "order_status"),
        ("23", "service_visits", "installation"),
        ("0", "general", None),
    ],
)
@pytest.mark.parametrize(("key", "language"), [("1", "en"), ("2", "hi"), ("3", "gu"), ("4", "te")])
def test_keys_lead_to_the_queue_that_was_told(
    dial: Dial, key: str, language: str, keys: str, queue: str, reason: str | None
) -> None:
    expected = Enqueue(queue, language, {f"lang:{language}": 1}, 0, reason)
    assert dial().press(key, *keys).reply.then == expected


def test_silence_in_the_second_menu_goes_to_support_after_one_prompt(dial: Dial, end_of: End) -> None:
    assert end_of(dial().press("1", "2").silent().reply) == "support in en"


def test_silence_is_asked_again_twice_and_then_answered_by_a_person(dial: Dial, end_of: End) -> None:
    visitor = dial("hi")
    first = visitor.heard[1]
    assert visitor.silent().heard == ["क्षमा कीजिए, हमें आपका विकल्प नहीं मिला।", first]
    assert visitor.press("7").heard == ["क्षमा कीजिए, यह विकल्प उपलब्ध नहीं है।", first]
    assert visitor.silent().heard == ["अब हम आपकी बात हमारे प्रतिनिधि से कराते हैं।"]
    assert end_of(visitor.reply) == "general in hi"
    assert visitor.reply.choices == ()


def test_before_a_language_is_known_nobody_apologises_in_the_wrong_one(dial: Dial, end_of: End) -> None:
    visitor = dial()
    offers = visitor.heard
    assert visitor.press("9").heard == offers
    assert visitor.silent().heard == offers
    assert end_of(visitor.silent().reply) == "general in en"


def test_a_wrong_key_does_not_count_at_the_next_question(dial: Dial) -> None:
    then = dial("en").press("9", "2").reply.then
    assert isinstance(then, Listen)
    assert then.place == Place("support_menu", 0, "en", ("main",), 3)


def test_star_goes_one_step_back_and_from_the_top_to_the_language(dial: Dial, end_of: End) -> None:
    visitor = dial("en").press("2")
    assert end_of(visitor.press("*").reply) == "listen main"
    assert visitor.reply.choices == (Choice("support_menu", "back"),)
    assert end_of(visitor.press("*").reply) == "listen language"
    assert end_of(visitor.press("*").reply) == "listen language"
    assert end_of(visitor.press("4", "1").reply) == "sales in te"


def test_zero_before_a_language_is_chosen_uses_the_one_we_remember(flow: Flow) -> None:
    reply = step(flow, Place("language"), Keys("0"), Caller(True, "gu"), 0)
    assert reply.then == Enqueue("general", "gu", {"lang:gu": 1})
    assert reply.choices == (Choice("language", "person"),)


def test_a_closed_desk_says_when_it_opens_and_offers_the_open_one(dial: Dial, end_of: End) -> None:
    visitor = dial("hi", when="2026-11-22T10:00").press("2", "3")
    assert visitor.heard == [
        "सर्विस विज़िट विभाग अभी बंद है। यह कल सुबह 9 बजे खुलेगा।",
        "अभी हमारी सहायता टीम से बात करने के लिए 1 दबाएँ। विभाग खुलने पर हमारी ओर से कॉल पाने के लिए 2 दबाएँ।",
    ]
    assert end_of(visitor.press("1").reply) == "support in hi"


def test_whoever_does_not_want_the_open_desk_is_thanked(dial: Dial) -> None:
    visitor = dial("en", when="2026-11-21T13:00").press("2", "3").silent().silent()
    assert visitor.reply.then == HangUp("closed")
    assert visitor.heard == ["Thank you for calling Suraj Home Appliances. Goodbye."]


def test_a_desk_whose_hours_nobody_wrote_counts_as_open(flow: Flow, dial: Dial, end_of: End) -> None:
    without = replace(flow, hours={})
    assert end_of(dial("en", "2026-11-22T10:00", without).press("2", "3").reply) == "service_visits in en"


def test_resuming_asks_the_same_question_without_counting_a_mistake(flow: Flow) -> None:
    reply = step(flow, Place("main", 1, "en", ("language",), 4), Resume(), Caller(), 0)
    assert reply.then == Listen(Place("main", 1, "en", ("language",), 5), "en", timeout_s=4)


def test_a_place_that_the_flow_no_longer_has_begins_again_in_the_same_language(flow: Flow) -> None:
    gone = step(flow, Place("gone", 2, "te", ("language",), 7), Keys("1"), Caller(), 0)
    fresh = start(flow, Caller(language="te"), 0)
    assert gone.say == fresh.say
    assert gone.then == Listen(Place("main", 0, "te", (), 8), "te", timeout_s=4)


def test_a_start_at_a_place_asks_its_question(flow: Flow, end_of: End) -> None:
    assert end_of(step(flow, Place("support_menu", language="en"), Start(), Caller(), 0)) == "listen support_menu"


SPOKEN = """
name: spoken
languages: [en, hi]
default_language: en
start: top
person: person
budget_s: {usual: 5, worst: 100}
nodes:
  top:
    type: menu
    prompt: ask
    options:
      1: {next: bill, speech: {en: [bill, invoice], hi: [बिल]}}
      2: {next: person, speech: {en: [bill payment], hi: [भुगतान]}}
  bill: {type: enqueue, queue: billing, skills: {tax: 2, "lang:en": 3}, priority: 4, prompt: soon}
  person: {type: enqueue, queue: general}
prompts:
  ask: {en: "Bills 1, payments 2.", hi: "बिल 1, भुगतान 2।"}
  soon: {en: {audio: /audio/soon.wav, text: One moment.}, hi: {audio: /audio/soon-hi.wav, text: एक पल।}}
"""


@pytest.fixture(scope="session")
def spoken() -> Flow:
    return load_flow(SPOKEN, "spoken.yaml")


@pytest.mark.parametrize(
    ("language", "said", "confidence", "expected"),
    [
        ("en", "My BILL, please.", 0.9, "billing in en"),
        ("en", "the bill payment", None, "general in en"),
        ("hi", "मेरा बिल।", 0.5, "billing in hi"),
        ("en", "my bill", 0.1, "listen top"),
        ("en", "billing", 0.9, "listen top"),
        ("hi", "bill", 0.9, "listen top"),
        ("en", "", None, "listen top"),
    ],
)
def test_words_choose_like_keys_when_they_are_sure(
    spoken: Flow, dial: Dial, end_of: End, language: str, said: str, confidence: float | None, expected: str
) -> None:
    assert end_of(dial(language, into=spoken).speak(said, confidence).reply) == expected


def test_a_menu_listens_for_the_phrases_of_the_language_only(spoken: Flow, dial: Dial) -> None:
    then = dial("hi", into=spoken).reply.then
    assert isinstance(then, Listen)
    assert then.hints == ("बिल", "भुगतान")


def test_a_line_may_ask_for_more_and_a_prompt_may_be_a_recording(spoken: Flow, dial: Dial) -> None:
    reply = dial("en", into=spoken).press("1").reply
    assert reply.then == Enqueue("billing", "en", {"tax": 2, "lang:en": 3}, 4, None)
    assert reply.say == (Prompt("One moment.", "en", "/audio/soon.wav"),)


def test_star_in_a_flow_without_languages_asks_the_same_again(spoken: Flow, dial: Dial, end_of: End) -> None:
    assert end_of(dial("en", into=spoken).press("*").reply) == "listen top"
