"""A node as a form: what it asks for, what is wrong where, and that the form of every kind is there."""

from typing import Any

import pytest

from ivr.check import check
from ivr.flow import FlowError, load_flow
from ivr.flow_edit import edit
from ivr.flow_form import Field, Form, form_of, nodes_of
from ivr.lined_yaml import Problem, read_yaml
from ivr.node_entries import KINDS, LABELS, entries
from ivr.voices import VOICES
from tests.ivr.conftest import MAIN
from tests.ivr.test_exits import EXITS

TEXT = MAIN.read_text("utf-8")
CENTER = {"queue": ["sales", "support"], "reason": ["new_order"], "hours": ["visits"]}


def form(node: str, text: str = TEXT) -> Form:
    try:
        problems: list[Problem] = check(load_flow(text, "main.yaml"), set(), set(), VOICES)
    except FlowError as wrong:
        problems = list(wrong.problems)
    found = form_of(read_yaml(text, "main.yaml"), node, CENTER, problems)
    assert found is not None
    return found


def field(found: Form, name: str) -> Field:
    said = [each for prompt in found.said for spoken in prompt.spoken for each in (*spoken.words, *spoken.recordings)]
    return next(each for each in (*found.fields, *found.options, *said) if ".".join(map(str, each.path)).endswith(name))


def test_a_menu_has_its_keys_its_ways_and_its_words() -> None:
    main = form("main")
    assert [(each.label, each.value) for each in main.options] == [
        ("1", "sales"),
        ("2", "support_menu"),
        ("3", "billing"),
    ]
    assert main.free_keys == ("4", "5", "6", "7", "8", "9", "#")
    waits = field(main, "timeout_s")
    assert (waits.value, waits.least, waits.most, waits.usual) == ("4", 1, 30, "5")
    assert (field(main, "retries").value, field(main, "retries").usual) == ("", "2")
    assert field(main, "otherwise").choices[0] == ("", "a person")
    (said,) = main.said
    assert [spoken.language for spoken in said.spoken] == ["en", "hi", "gu", "te"]
    assert field(main, "hi.short").value == "ख़रीदारी 1, सहायता 2, बिल 3, प्रतिनिधि 0।"
    assert (field(main, "hi.audio").value, said.spoken[1].recorded, said.spoken[0].seconds) == ("", False, 6)


def test_a_language_is_chosen_among_those_of_the_menu() -> None:
    language = form("language")
    assert language.targets == ("en", "hi", "gu", "te")
    assert [each.value for each in language.options] == ["en", "hi", "gu", "te"]


def test_what_the_center_does_not_know_is_told_and_kept() -> None:
    sales = form("sales", TEXT.replace("queue: sales", "queue: selling"))
    assert ("selling", "selling (unknown)") in field(sales, "queue").choices
    assert field(sales, "reason").choices[0] == ("", "none")


@pytest.mark.parametrize(
    ("right", "wrong", "node", "name", "problem"),
    [
        (
            "timeout_s: 4\n    options:\n",
            "timeout_s: 99\n    options:\n",
            "main",
            "timeout_s",
            "`timeout_s`: input should",
        ),
        ("1: sales", "1: shop", "main", "options.1", "no node is called `shop`"),
        ("otherwise: support", "otherwise: shop", "support_menu", "otherwise", "no node is called `shop`"),
        ("short: Welcome back.", "short: 'Hi {who}.'", "welcome", "en.text", "nothing fills in `{who}` here"),
    ],
)
def test_a_problem_stands_at_its_field(right: str, wrong: str, node: str, name: str, problem: str) -> None:
    assert right in TEXT
    (found,) = field(form(node, TEXT.replace(right, wrong, 1)), name).problems
    assert found.startswith(problem)


def test_a_problem_of_no_field_stands_at_the_node_and_a_missing_translation_at_the_prompt() -> None:
    lost = form("lost", TEXT.replace("  sales: {", "  lost: {type: hangup}\n  sales: {"))
    assert lost.problems == ("no caller can reach `lost`",)
    (said,) = form("goodbye", edit(TEXT, ("prompts", "goodbye", "te", "text"), "")).said
    assert said.problems == ("prompt `goodbye` is missing in `te`",)


def test_what_no_field_can_hold_is_told_by_its_line() -> None:
    text = TEXT.replace("1: sales", "1: {next: sales, speech: {en: [buy]}}")
    assert form("main", text).elsewhere == (("phrases for 1", 31),)
    assert field(form("main", text), "options.1.next").value == "sales"


def test_a_prompt_said_at_several_nodes_says_so() -> None:
    (said,) = form_of_exits("again").said
    assert (said.id, said.also, said.sent) == ("hello", ("language",), False)
    assert [(each.id, each.sent) for each in form_of_exits("link").said] == [("soon", False), ("link", True)]


def form_of_exits(node: str) -> Form:
    found = form_of(read_yaml(EXITS, "exits.yaml"), node, CENTER)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_node_has_a_form_whose_every_field_can_be_written(kind: str) -> None:
    text = f"languages: [en]\nnodes:\n  one: {{type: {kind}}}\nprompts:\n  hello: {{en: Hello.}}\n"
    found = form_of(read_yaml(text, "x.yaml"), "one", CENTER)
    assert found is not None
    held = {str(each.path[-1]) for each in found.fields}
    rich = {"options", "skills", "answers", "says", "send"}
    assert {name for name, _ in entries(kind)} - held <= rich
    for each in found.fields:
        value: Any = {"number": 3, "tick": True}.get(each.kind, "hello")
        written = read_yaml(edit(text, each.path, value), "x.yaml").data["nodes"]["one"]
        assert written[each.path[-1]] == value


def test_every_label_is_of_an_entry() -> None:
    assert set(LABELS) <= {name for kind in KINDS for name, _ in entries(kind)}


@pytest.mark.parametrize(
    "text", ["nodes: 3", "- 1", "x", "nodes: {main: 3}", "nodes: {main: {type: no_such, next: 3}}"]
)
def test_half_a_text_has_half_a_form_or_none(text: str) -> None:
    yaml = read_yaml(text, "x.yaml")
    found = form_of(yaml, "main", CENTER)
    assert (found is None) == ("type" not in text)
    assert nodes_of(yaml) == (("main",) if "main" in text else ())
