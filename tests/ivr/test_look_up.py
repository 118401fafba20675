"""The company's own service is asked: what it is told, and what of its answer counts."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.check import check
from ivr.flow import Flow, FlowError, load_flow
from ivr.heard import Found
from ivr.parts import FALLBACK
from ivr.reply import Choice, LookUp, Place
from ivr.seconds import seconds_to_person
from ivr.step import Caller, step
from ivr.voices import VOICES
from tests.ivr.conftest import Dial, Visitor

LOOK_UP = """\
name: look_up
languages: [en, hi]
default_language: en
zone: Asia/Kolkata
currency: INR
start: language
person: desk
budget_s: {usual: 20, worst: 300}
nodes:
  language: {type: language, prompt: hello, options: {1: en, 2: hi}, next: account}
  account: {type: collect, prompt: account, least: 4, most: 4, next: bill}
  bill:
    type: look_up
    url: https://example.org/bill
    prompt: moment
    send: [account]
    answers: {due: owes, paid: thanks}
    says: {balance: amount, until: date, who: text}
    fallback: desk
  owes: {type: say, prompt: owes, next: desk}
  thanks: {type: hangup, prompt: thanks}
  desk: {type: enqueue, queue: desk}
prompts:
  hello: {en: English 1., hi: हिन्दी 2।}
  account: {en: "Your account, please.", hi: कृपया खाता।}
  moment: {en: One moment., hi: एक पल।}
  owes: {en: "{who}, {balance} by {until}.", hi: "{who}, {balance}, {until}।"}
  thanks: {en: "Paid. Thank you, {who}.", hi: "धन्यवाद, {who}।"}
"""
SAY = {"balance": 1250.5, "until": "2026-11-30", "who": "Maria <b>"}


@pytest.fixture(scope="session")
def flow_with_look_up() -> Flow:
    return load_flow(LOOK_UP, "look_up.yaml")


@pytest.fixture
def caller(flow_with_look_up: Flow, dial: Dial) -> Visitor:
    return dial("en", into=flow_with_look_up).press("4711", "1")


def found(caller: Visitor, answer: str | None) -> Visitor:
    assert isinstance(caller.reply.then, LookUp)
    caller.reply = step(caller.flow, caller.reply.then.place, Found(answer), caller.caller, caller.now_ms)
    caller.heard = [prompt.text for prompt in caller.reply.say]
    return caller


def test_the_filler_is_said_and_the_service_is_told_what_was_keyed(caller: Visitor) -> None:
    assert caller.heard == ["One moment."]
    place = Place("bill", language="en", trail=("account",), turns=3)
    assert caller.reply.then == LookUp("https://example.org/bill", {"account": "4711"}, place)


def test_an_answer_leads_on_and_its_values_are_spoken(caller: Visitor) -> None:
    found(caller, json.dumps({"answer": "due", "say": SAY}))
    assert caller.heard == ["Maria <b>, 1250 rupees and 50 paise by 30 November."]
    assert caller.reply.choices == (Choice("bill", "due"),)
    kept = [(each.name, each.value, each.sure) for each in caller.reply.given]
    assert kept == [("balance", "1250.5", False), ("until", "2026-11-30", False), ("who", "Maria <b>", False)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        "null",
        "[]",
        "{",
        "[" * 100_000,
        '"due"',
        json.dumps({"answer": "due"}),
        json.dumps({"answer": "other", "say": SAY}),
        json.dumps({"answer": FALLBACK, "say": SAY}),
        json.dumps({"answer": ["due"], "say": SAY}),
        json.dumps({"answer": "due", "say": []}),
        json.dumps({"answer": "due", "say": SAY | {"balance": "lots"}}),
        json.dumps({"answer": "due", "say": SAY | {"balance": True}}),
        json.dumps({"answer": "due", "say": SAY | {"until": "2026-02-30"}}),
        json.dumps({"answer": "due", "say": SAY | {"who": "x" * 201}}),
        json.dumps({"answer": "due", "say": SAY | {"who": {"$": 1}}}),
        '{"answer": "due", "say": {"balance": ' + "9" * 5000 + "}}",
    ],
)
def test_whatever_else_comes_leads_to_the_fallback(caller: Visitor, end_of: Any, answer: str | None) -> None:
    assert end_of(found(caller, answer).reply) == "desk in en"
    assert caller.reply.choices == (Choice("bill", FALLBACK),)
    assert caller.reply.given == ()


PARTS = st.sampled_from(["answer", "say", "who", "balance", "until"])
LEAVES = st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["due", "2026-11-30"])


@given(st.recursive(LEAVES, lambda inner: st.dictionaries(PARTS, inner)))
def test_no_answer_breaks_the_menu(flow_with_look_up: Flow, answer: Any) -> None:
    reply = step(flow_with_look_up, Place("bill", language="en"), Found(json.dumps(answer)), Caller(), 0)
    assert reply.choices[0].choice in ("due", "paid", FALLBACK)


def test_the_example_is_right(flow_with_look_up: Flow) -> None:
    assert check(flow_with_look_up, {"desk"}, {"en", "hi"}, VOICES) == []


def test_a_look_up_takes_a_second_or_three(flow_with_look_up: Flow) -> None:
    without = load_flow(LOOK_UP.replace("next: bill}", "next: desk}"), "look_up.yaml")
    filler_s = max(0.5, len("One moment.") * 0.06)
    waited = seconds_to_person(flow_with_look_up).usual - seconds_to_person(without).usual
    assert waited == pytest.approx(1 + filler_s, abs=1)


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("https://example", "http://example", "look_up.yaml:14: `url`: string should match pattern"),
        ("send: [account]", "send: [pin]", "look_up.yaml:16: no collect node is called `pin`"),
        ("paid: thanks}", "paid: thank}", "look_up.yaml:17: no node is called `thank`"),
        ("fallback: desk", "fallback: bill", "look_up.yaml:12: `bill` leads back to itself without asking"),
        ("says: {balance: amount", "says: {balance: rupees", "look_up.yaml:18: `balance`: input should be"),
    ],
)
def test_a_look_up_that_makes_no_sense_is_refused(right: str, wrong: str, reason: str) -> None:
    with pytest.raises(FlowError) as refused:
        load_flow(LOOK_UP.replace(right, wrong, 1), "look_up.yaml")
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        (
            "fallback: desk",
            "fallback: owes",
            "look_up.yaml:20: `{balance}` in prompt `owes` may not be known here",
        ),
        (
            "1: en, 2: hi}, next: account",
            "1: en, 2: hi}, next: bill",
            "look_up.yaml:16: `account` may not be known here",
        ),
    ],
)
def test_the_checker_finds_values_that_may_be_missing(right: str, wrong: str, reason: str) -> None:
    flow = load_flow(LOOK_UP.replace(right, wrong, 1), "look_up.yaml")
    assert reason in [str(problem) for problem in check(flow, {"desk"}, {"en", "hi"}, VOICES)]


def test_a_name_is_of_one_kind_of_value() -> None:
    clash = LOOK_UP.replace("says: {balance: amount,", "says: {balance: amount, account: amount,")
    with pytest.raises(FlowError, match=r"look_up.yaml:18: `account` is kept as digits elsewhere"):
        load_flow(clash, "look_up.yaml")
    assert load_flow(clash.replace("account: amount", "account: digits"), "look_up.yaml").kinds["account"] == "digits"
