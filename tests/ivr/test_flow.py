"""Flow files: what is read from a right one, and file, line and reason of every fault in a wrong one.

Some reasons are in the words of pydantic or of the YAML reader, whose versions are locked.
"""

import pytest

from ivr.flow import Flow, FlowError, Problem, load_flow
from ivr.reply import Prompt

GOOD = """\
name: small
languages: [en, hi]
default_language: en
start: hello
person: help
budget_s: {usual: 5, worst: 60}
nodes:
  hello:
    type: say
    prompt: hello
    next: ask
  ask:
    type: menu
    prompt: ask
    options:
      1: help
  help:
    type: enqueue
    queue: help
prompts:
  hello: {en: Hello., hi: नमस्ते।}
  ask: {en: "Help is 1.", hi: "सहायता के लिए 1।"}
"""

BAD = [
    # (what is replaced, by what, line, reason)
    ("start: hello", "start: hullo", 4, "no node is called `hullo`"),
    ("person: help", "person: ask", 5, "`ask` is not a node of type enqueue"),
    ("default_language: en", "default_language: gu", 3, "`gu` is not one of the languages"),
    ("next: ask", "next: asks", 11, "no node is called `asks`"),
    ("next: ask", "next: hello", 8, "`hello` leads back to itself without asking the caller anything"),
    ("    next: ask\n", "", 8, "`next` is missing"),
    ("1: help", "1: halp", 16, "no node is called `halp`"),
    ("1: help", "12: help", 16, "`12`: string should match pattern '^[0-9*#]$'"),
    ("1: help", "1: {next: help, nxt: ask}", 16, "`nxt` is not known here"),
    ("1: help\n", '1: help\n      "1": help\n', 17, "`1` stands here twice"),
    ("1: help\n", "1: help\n      1: help\n", 17, 'found duplicate key "1" with value "help" (original value: "help")'),
    (
        "type: menu",
        "type: menue",
        12,
        "type `menue` is not known; known are 'say', 'message', 'menu', 'language', 'collect', 'hours', 'caller', "
        "'look_up', 'enqueue', 'callback', 'voicemail', 'survey', 'forward', 'hangup'",
    ),
    ("    type: menu\n", "", 12, "`type` is missing"),
    ("    prompt: ask\n", "    prompt: ask\n    promt: ask\n", 15, "`promt` is not known here"),
    ("    prompt: ask\n", "    prompt: asks\n", 14, "no prompt is called `asks`"),
    (
        "    prompt: ask\n",
        "    prompt: ask\n    retries: 9\n",
        15,
        "`retries`: input should be less than or equal to 5",
    ),
    (
        "    prompt: ask\n",
        "    prompt: ask\n    timeout_s: soon\n",
        15,
        "`timeout_s`: input should be a valid integer, unable to parse string as an integer",
    ),
    ("    prompt: ask\n", "    prompt: ask\n    otherwise: nobody\n", 15, "no node is called `nobody`"),
    ("hello: {en: Hello.,", "hello: {en: 'Hello {name}.',", 21, "nothing fills in `{name}` here"),
    ("hello: {en: Hello.,", "hello: {en: 'Your {account2}.',", 21, "nothing fills in `{account2}` here"),
    (
        "hello: {en: Hello.,",
        "hello: {en: {text: Hello., audio: hello.wav},",
        21,
        "`audio`: `hello.wav` is not an address such as https://… or /audio/…",
    ),
    ("hello: {en: Hello.,", "hello: {en: 'Open {opens}.',", 21, "nothing fills in `{opens}` here"),
    ("hello: {en: Hello.,", "hello: {en: '',", 21, "`en`: string should have at least 1 character"),
    ("queue: help", "queue: Help Me", 19, "`queue`: string should match pattern '^[a-z][a-z0-9_]{0,31}$'"),
    (
        "budget_s: {usual: 5, worst: 60}",
        "budget_s: {usual: 0, worst: 60}",
        6,
        "`usual`: input should be greater than 0",
    ),
    (
        "languages: [en, hi]",
        "languages: []",
        2,
        "`languages`: tuple should have at least 1 item after validation, not 0",
    ),
    ("languages: [en, hi]", "languages: [en, hi", 3, "expected ',' or ']', but got ':'"),
    ("languages: [en, hi]", f"languages: {'[' * 42}{']' * 42}", 2, "nested deeper than 40 levels"),
]


@pytest.mark.parametrize(("right", "wrong", "line", "reason"), BAD)
def test_a_wrong_flow_is_refused_by_file_line_and_reason(right: str, wrong: str, line: int, reason: str) -> None:
    assert right in GOOD
    with pytest.raises(FlowError) as refused:
        load_flow(GOOD.replace(right, wrong, 1), "flows/small.yaml")
    assert refused.value.problems == [Problem("flows/small.yaml", line, reason)]


def test_every_fault_is_named_at_once_in_the_order_of_lines() -> None:
    wrong = GOOD
    for right in ("start: hello", "next: ask", "1: help"):
        wrong = wrong.replace(right, f"{right}x")
    with pytest.raises(FlowError) as refused:
        load_flow(wrong, "small.yaml")
    assert str(refused.value).splitlines() == [
        "small.yaml:4: no node is called `hellox`",
        "small.yaml:11: no node is called `askx`",
        "small.yaml:16: no node is called `helpx`",
    ]


@pytest.mark.parametrize(
    "text", ["", "- 1", "hello", "\x00", "{}", "a: 1\n\tb: 2", "? [1]\n: 2", "!!python/none x", "&a {a: *a}"]
)
def test_what_is_no_flow_at_all_is_refused(text: str) -> None:
    with pytest.raises(FlowError) as refused:
        load_flow(text, "none.yaml")
    assert refused.value.problems[0].source == "none.yaml"


def test_a_flow_knows_its_queues_and_its_version(flow: Flow) -> None:
    assert flow.queues() == {"sales", "support", "billing", "general", "service_visits"}
    assert load_flow(GOOD, "a.yaml").version == load_flow(GOOD, "b.yaml").version
    assert load_flow(GOOD, "a.yaml").version != load_flow(GOOD.replace("Hello.", "Hi."), "a.yaml").version


def test_a_prompt_is_spoken_in_the_default_language_where_it_was_not_written() -> None:
    small = load_flow(GOOD.replace("en: Hello., ", "en: Hello., gu: કેમ છો., "), "small.yaml")
    assert small.prompt("hello", "gu") == Prompt("કેમ છો.", "gu")
    assert small.prompt("ask", "gu") == Prompt("Help is 1.", "en")


def test_yaml_words_stay_words() -> None:
    norwegian = GOOD.replace("languages: [en, hi]", "languages: [en, no]").replace("hi:", "no:")
    assert load_flow(norwegian, "no.yaml").prompt("hello", "no") == Prompt("नमस्ते।", "no")
