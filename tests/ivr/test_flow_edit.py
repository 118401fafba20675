"""What the studio's form changes in a text: one entry, and nothing of what somebody wrote around it."""

import difflib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow_edit import NotEdited, edit
from ivr.lined_yaml import read_yaml
from tests.ivr.conftest import MAIN

TEXT = MAIN.read_text("utf-8")
REMARKED = """\
# The whole
nodes:  # all of them
  top:  # the first
    type: menu
    options:
      # by key
      1: sales  # the most wanted
      2: bye

    # how long
    timeout_s: 4  # seconds

  # the last
  bye: {type: hangup, prompt: bye}  # gone
prompts:
  bye:
    en: "Goodbye."  # as always
    hi:
      # formal
      text: 'नमस्ते'
      short: नम  # shorter

# The end
"""


def changed(path: tuple[str, ...], value: Any, text: str = TEXT) -> list[str]:
    """The lines that an edit took out and put in."""
    rows = difflib.unified_diff(text.splitlines(), edit(text, path, value).splitlines(), lineterm="", n=0)
    return [row for row in rows if row[0] in "+-" and row[:3] not in ("+++", "---")]


@pytest.mark.parametrize(
    ("path", "value", "rows"),
    [
        (
            ("prompts", "welcome", "hi", "text"),
            " नया ",
            ["-      text: सूरज होम अप्लायंसेज़ में आपका स्वागत है।", "+      text: नया"],
        ),
        (("prompts", "welcome", "en", "audio"), "https://x.example/a.mp3", ["+      audio: https://x.example/a.mp3"]),
        (
            ("prompts", "welcome", "en", "short"),
            "",
            [
                "-    en:",
                "-      text: Welcome to Suraj Home Appliances.",
                "-      short: Welcome back.",
                "+    en: Welcome to Suraj Home Appliances.",
            ],
        ),
        (("nodes", "main", "timeout_s"), 7, ["-    timeout_s: 4", "+    timeout_s: 7"]),
        (("nodes", "main", "options", "1"), "billing", ["-      1: sales", "+      1: billing"]),
        (("nodes", "main", "options", "4"), "sales", ["+      4: sales"]),
        (("nodes", "support_menu", "options", "4"), "sales", ["+      4: sales"]),
        (("nodes", "support_menu", "otherwise"), None, ["-    otherwise: support"]),
        (
            ("nodes", "sales", "reason"),
            None,
            ["-  sales: {type: enqueue, queue: sales, reason: new_order}", "+  sales: {type: enqueue, queue: sales}"],
        ),
        (("prompts", "later", "te", "text"), "తర్వాత: 1", ["+  later:", "+    te: 'తర్వాత: 1'"]),
        (("prompts", "later", "te", "text"), "", []),
        (("nodes", "goodbye", "prompt"), "goodbye", []),
    ],
)
def test_one_entry_is_changed_and_nothing_else(path: tuple[str, ...], value: Any, rows: list[str]) -> None:
    assert changed(path, value) == rows


def test_a_short_form_added_and_taken_back_leaves_the_text_as_it_was() -> None:
    path = ("prompts", "support_menu", "hi", "short")
    added = edit(TEXT, path, "मरम्मत 1")
    assert changed(path, "मरम्मत 1")[1:] == [
        "+    hi:",
        "+      text: मरम्मत के लिए 1 दबाएँ। ऑर्डर या डिलीवरी के लिए 2 दबाएँ। घर पर सर्विस के लिए 3 दबाएँ। या लाइन पर बने रहें।",
        "+      short: मरम्मत 1",
    ]
    assert edit(added, path, "") == TEXT


def test_words_on_lines_of_their_own_stay_on_them() -> None:
    rows = changed(("prompts", "goodbye", "en", "text"), "One \r\nTwo\n")
    assert rows[1:] == ["+    en: |-", "+      One", "+      Two"]
    text = edit(TEXT, ("prompts", "goodbye", "en", "text"), "One \r\nTwo\n")
    assert read_yaml(text, "main.yaml").data["prompts"]["goodbye"]["en"] == "One\nTwo"


PLACES: list[tuple[tuple[str, ...], Any]] = [
    (("nodes", "top", "options", "1"), ""),
    (("nodes", "top", "options", "2"), ""),
    (("nodes", "top", "options", "2"), "top"),
    (("nodes", "top", "options", "3"), "top"),
    (("nodes", "top", "timeout_s"), None),
    (("nodes", "top", "timeout_s"), 9),
    (("nodes", "top", "otherwise"), "bye"),
    (("nodes", "bye", "outcome"), "closed"),
    (("nodes", "bye", "prompt"), None),
    (("prompts", "bye", "en", "text"), "So long: bye"),
    (("prompts", "bye", "en", "short"), "Bye"),
    (("prompts", "bye", "hi", "text"), ""),
    (("prompts", "bye", "hi", "short"), ""),
    (("prompts", "bye", "hi", "audio"), "/a.mp3"),
    (("prompts", "new", "hi", "text"), "# no remark"),
]
# What stands behind an entry goes with it; every other remark is somebody's thought and stays.
GOING = {"# the most wanted", "# seconds", "# shorter", "# as always"}


@given(st.lists(st.sampled_from(PLACES), max_size=6))
def test_no_remark_is_lost_and_each_value_is_what_was_set(edits: list[tuple[tuple[str, ...], Any]]) -> None:
    text = REMARKED
    for path, value in edits:
        try:
            text = edit(text, path, value)
        except NotEdited:  # a remark has nowhere to go: nothing was changed
            continue
        here: Any = read_yaml(text, "x.yaml").data
        for part in path:
            here = here.get(part) if isinstance(here, dict) else here
        assert here == (value or None) or not value
    remarks = {f"#{line.partition('#')[2]}" for line in REMARKED.splitlines() if "#" in line}
    assert {remark for remark in remarks if remark not in text} <= GOING


@pytest.mark.parametrize("text", ["a: [", "- a", "", "nodes: 3"])
def test_what_is_no_menu_is_not_edited(text: str) -> None:
    with pytest.raises(NotEdited):
        edit(text, ("nodes", "main", "next"), "x")


def test_what_is_written_in_another_way_is_left_to_the_text() -> None:
    with pytest.raises(NotEdited, match="`main` is written in another way"):
        edit("nodes: {main: [1]}\n", ("nodes", "main", "next"), "x")


def test_a_new_entry_stands_behind_the_last_one_and_before_the_empty_line() -> None:
    rows = edit(TEXT, ("nodes", "support_menu", "options", "4"), "sales").splitlines()
    at = rows.index("      4: sales")
    assert (rows[at - 1], rows[at + 1]) == ("      3: visit_hours", "")
