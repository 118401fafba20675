"""The page about writing menus tells what there is: every kind of node, and an example that the checker likes."""

import re
from pathlib import Path
from typing import get_args

from ivr.check import check
from ivr.flow import load_flow
from ivr.nodes import Node
from ivr.voices import VOICES


def test_every_kind_of_node_has_its_row_with_its_own_entries(house: Path) -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", (house / "docs/menu.md").read_text("utf-8"), re.MULTILINE))
    kinds = {get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(Node)[0])}
    assert set(rows) - {"type"} == set(kinds)
    shared = {"type", "timeout_s", "retries", "otherwise"}
    for name, kind in kinds.items():
        entries = {field.alias or own for own, field in kind.model_fields.items()} - shared
        told = set(re.findall(r"`(\w+)[`:]", rows["enqueue"] if name == "callback" else rows[name]))
        assert entries - told == set(), name


def test_the_example_is_a_flow_without_a_problem(house: Path) -> None:
    texts = re.findall(r"```yaml\n(.*?)```", (house / "docs/menu.md").read_text("utf-8"), re.DOTALL)
    languages = ({"en", "hi"}, {"en"})
    for text, spoken in zip(texts, languages, strict=True):
        assert check(load_flow(text, "docs/menu.md"), {"billing", "general"}, spoken, VOICES) == []
