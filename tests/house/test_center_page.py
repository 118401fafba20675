"""The page about the center file tells what there is: every entry of every part of it."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from queues.plan import AgentPlan, CallerPlan, Limits, Plan
from queues.policy import (
    WAYS_OUT,
    CallbackPlan,
    FlowPlan,
    Overflow,
    QueuePlan,
    RecordingPlan,
    Rule,
    SurveyPlan,
    VoicemailPlan,
)

PARTS: dict[str, tuple[type[BaseModel], ...]] = {
    "The whole": (Plan,),
    "`queues`": (QueuePlan, Overflow),
    "`agents`": (AgentPlan,),
    "`callers`": (CallerPlan,),
    "`callbacks`": (CallbackPlan,),
    "`voicemail`, `survey`, `recording`": (VoicemailPlan, SurveyPlan, RecordingPlan),
    "`flows`": (FlowPlan,),
    "`limits`": (Limits,),
}


def told(house: Path) -> dict[str, set[str]]:
    """Heading → the words set as code under it."""
    text = (house / "docs/center.md").read_text("utf-8")
    parts = re.split(r"^## (.*)$", text, flags=re.MULTILINE)[1:]
    return {
        name: set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", body))))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("heading", PARTS)
def test_every_entry_of_a_part_is_told(house: Path, heading: str) -> None:
    entries = {entry for part in PARTS[heading] for entry in part.model_fields}
    assert entries - told(house)[heading] == set()


def test_every_rule_and_every_way_out_of_a_line_is_told(house: Path) -> None:
    assert {*get_args(Rule), *WAYS_OUT} - told(house)["`queues`"] == set()


def test_every_part_has_its_heading(house: Path) -> None:
    assert list(told(house)) == list(PARTS)


def test_defaults_are_told_as_they_are(house: Path) -> None:
    rows = re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", (house / "docs/center.md").read_text("utf-8"), re.MULTILINE)
    numbers = {name: text for name, text in rows if re.fullmatch(r"[\d.]+", text)}
    fields = {
        name: field.default
        for parts in PARTS.values()
        for part in parts
        for name, field in part.model_fields.items()
        if isinstance(field.default, (int, float)) and not isinstance(field.default, bool)
    }
    assert {name: float(text) for name, text in numbers.items()} == {name: float(fields[name]) for name in numbers}
    assert len(numbers) > 15
