"""Callers who key in a number, a date or an amount: right, wrong, unsure, or wanting a person."""

import json
from collections.abc import Callable

import pytest

from ivr.check import check
from ivr.flow import Flow, FlowError, load_flow
from ivr.reply import Given, Listen, Place, Reply
from ivr.seconds import seconds_to_person
from ivr.voices import VOICES
from tests.ivr.conftest import Dial, Visitor

End = Callable[[Reply], str]

COLLECT = """\
name: collect
languages: [en, hi]
default_language: en
zone: Asia/Kolkata
currency: INR
start: language
person: desk
retries: 1
budget_s: {usual: 20, worst: 300}
nodes:
  language: {type: language, prompt: hello, options: {1: en, 2: hi}, next: account}
  account: {type: collect, prompt: account, least: 6, most: 11, checksum: luhn, next: visit}
  visit: {type: collect, kind: date, prompt: visit, from: 0, to: 30, next: price}
  price: {type: collect, kind: amount, prompt: price, most: 5, from: 100, to: 5000, next: pin}
  pin: {type: collect, prompt: pin, least: 4, most: 4, secret: true, next: thanks}
  thanks: {type: say, prompt: thanks, next: desk}
  desk: {type: enqueue, queue: desk}
prompts:
  hello: {en: English 1., hi: हिन्दी 2।}
  account: {en: "Your account, please.", hi: कृपया खाता।}
  visit: {en: "The day, please.", hi: कृपया दिन।}
  price: {en: "The price, please.", hi: कृपया दाम।}
  pin: {en: "Your pin, please.", hi: कृपया पिन।}
  thanks: {en: "{account}, on {visit}, for {price}.", hi: "{account}, {visit}, {price}।"}
"""


@pytest.fixture(scope="session")
def collect() -> Flow:
    return load_flow(COLLECT, "collect.yaml")


@pytest.fixture
def caller(collect: Flow, dial: Dial) -> Visitor:
    return dial("en", into=collect)


def test_what_was_keyed_is_read_back_and_confirmed(caller: Visitor) -> None:
    assert caller.heard == ["Your account, please."]
    assert caller.press("79927398713").heard == [
        "You entered 7 9 9 2, 7 3 9 8, 7 1 3. If that is right, press 1. To enter it again, press 2."
    ]
    assert caller.reply.given == (Given("account?", "79927398713", sure=False, secret=False),)
    caller.press("1")
    assert caller.reply.given == (Given("account", "79927398713", sure=True, secret=False),)
    assert caller.heard == ["The day, please."]


def test_all_that_was_given_is_told_by_the_rules_of_the_language(dial: Dial, collect: Flow, end_of: End) -> None:
    caller = dial("hi", into=collect).press("79927398713", "1", "25112026", "1")
    assert caller.press("01250").heard[0].startswith("आपने 1250 रुपये दर्ज किया है।")
    caller.press("1", "4711")
    assert caller.heard == ["7 9 9 2, 7 3 9 8, 7 1 3, 25 नवंबर, 1250 रुपये।"]
    assert end_of(caller.reply) == "desk in hi"


def test_a_secret_is_neither_read_back_nor_ever_put_into_words(caller: Visitor) -> None:
    caller.press("79927398713", "1", "25112026", "1", "1250", "1", "4711")
    assert caller.reply.given == (Given("pin", "4711", sure=True, secret=True),)
    assert not any("4" in text and "7 1 1" in text for text in caller.heard)
    with pytest.raises(FlowError, match=r"nothing fills in `\{pin\}` here"):
        load_flow(COLLECT.replace("for {price}.", "for {pin}."), "collect.yaml")


def test_a_value_never_travels_in_the_url(caller: Visitor) -> None:
    then = caller.press("79927398713").reply.then
    assert isinstance(then, Listen)
    assert then.place == Place("account", 0, "en", (), 2, confirm=True)
    assert "79927398713" not in json.dumps(then.place.to_query())
    assert Place.from_query(then.place.to_query()) == then.place


@pytest.mark.parametrize(
    ("before", "keys", "sorry"),
    [
        ((), "79927", "Sorry, that number is too short or too long."),
        ((), "79927398713123", "Sorry, that number is too short or too long."),
        ((), "79927398710", "Sorry, that number does not seem right. Please check it."),
        ((), "7992#398713", "Sorry, that number is too short or too long."),
        (("79927398713", "1"), "31022026", "Sorry, that is not a date."),
        (("79927398713", "1"), "22112026", "Sorry, that is not possible here."),
        (("79927398713", "1"), "24122026", "Sorry, that is not possible here."),
        (("79927398713", "1", "23112026", "1"), "99", "Sorry, that is not possible here."),
        (("79927398713", "1", "23122026", "1"), "5001", "Sorry, that is not possible here."),
    ],
)
def test_a_wrong_value_is_named_and_asked_again(
    caller: Visitor, before: tuple[str, ...], keys: str, sorry: str
) -> None:
    question = caller.press(*before).heard
    assert caller.press(keys).heard == [sorry, *question]


def test_wrong_values_and_silence_are_bounded_and_end_with_a_person(caller: Visitor, end_of: End) -> None:
    assert caller.silent().heard == ["Sorry, we did not hear your choice.", "Your account, please."]
    assert end_of(caller.press("1").reply) == "desk in en"


def test_who_keys_it_again_and_again_comes_to_a_person(caller: Visitor, end_of: End) -> None:
    assert caller.press("79927398713", "2").heard == ["Your account, please."]
    assert end_of(caller.press("79927398713", "2").reply) == "desk in en"


def test_a_wrong_key_at_the_confirmation_is_asked_again_and_then_a_person_answers(caller: Visitor, end_of: End) -> None:
    question = caller.press("79927398713").heard
    assert caller.press("7").heard == ["Sorry, that is not one of the choices.", *question]
    assert end_of(caller.silent().reply) == "desk in en"


@pytest.mark.parametrize("keys", [("*0",), ("79927398713", "0"), ("123*0",)])
def test_a_person_is_reached_from_everywhere(caller: Visitor, end_of: End, keys: tuple[str, ...]) -> None:
    assert end_of(caller.press(*keys).reply) == "desk in en"
    assert caller.reply.choices[-1] == ("account", "person")


def test_star_leads_back_from_the_keys_and_from_the_confirmation(caller: Visitor, end_of: End) -> None:
    assert caller.press("79927398713", "*").heard == ["Your account, please."]
    assert end_of(caller.press("*").reply) == "listen language"
    caller.press("1", "79927398713", "1", "*")
    assert caller.heard == ["Your account, please."]


def test_zero_is_a_digit_and_the_keys_may_be_many(caller: Visitor) -> None:
    assert isinstance(caller.reply.then, Listen)
    assert caller.reply.then.max_digits == 11
    assert caller.press("0").heard[0] == "Sorry, that number is too short or too long."


def test_a_confirmation_of_what_redis_forgot_is_asked_anew(collect: Flow, dial: Dial) -> None:
    caller = dial("en", into=collect).press("79927398713")
    caller.caller = dial("en", into=collect).caller
    assert caller.press("1").heard == ["Your account, please."]
    assert caller.reply.given == ()


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("zone: Asia/Kolkata\n", "", "collect.yaml:12: a date needs the flow's `zone`"),
        ("currency: INR\n", "", "collect.yaml:13: an amount needs the flow's `currency`"),
        ("least: 6", "least: 12", "collect.yaml:12: `account`: `least` is more than `most`"),
        ("from: 100", "from: 5001", "collect.yaml:14: `price`: `from` is more than `to`"),
        ("zone: Asia/Kolkata", "zone: Kolkata", "collect.yaml:4: `zone`: `Kolkata` is not a time zone"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(right: str, wrong: str, reason: str) -> None:
    with pytest.raises(FlowError) as refused:
        load_flow(COLLECT.replace(right, wrong, 1), "collect.yaml")
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("most: 11", "most: 16", "collect.yaml:12: `account` may be the number of a card and must be secret"),
        (
            "next: visit}",
            "next: visit, otherwise: thanks}",
            "collect.yaml:16: `{account}` in prompt `thanks` may not be known here",
        ),
        (
            "secret: true, next: thanks}\n",
            "secret: true, next: thanks, otherwise: bye}\n  bye: {type: hangup}\n",
            "collect.yaml:15: whoever cannot enter `pin` comes to no person, because 0 is a digit here",
        ),
    ],
)
def test_the_checker_finds_what_a_caller_could_run_into(right: str, wrong: str, reason: str) -> None:
    flow = load_flow(COLLECT.replace(right, wrong, 1), "collect.yaml")
    assert reason in [str(problem) for problem in check(flow, {"desk"}, {"en", "hi"}, VOICES)]


def test_the_checker_has_nothing_to_say_about_a_good_one(collect: Flow) -> None:
    assert check(collect, {"desk"}, {"en", "hi"}, VOICES) == []


def test_keying_takes_time(collect: Flow) -> None:
    """Usual: language 1; account 1 + 6 half seconds + 1 to confirm; date 1 + 8/2 + 1; price 1 + 1/2 + 1; pin 3."""
    keyed = 1 + (1 + 3 + 1) + (1 + 4 + 1) + (1 + 0.5 + 1) + (1 + 2)
    said = len("{account}, on {visit}, for {price}.") * 0.06
    # In the Latin script; the same in Hindi takes longer.
    assert keyed + said - 1 < seconds_to_person(collect).usual <= keyed + said + 2
