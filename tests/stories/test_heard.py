"""Callers in four languages hear, word for word, what is written down in heard.yaml."""

from collections.abc import Callable
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.stories.heard import FILE, LANGUAGES, OPEN, STORIES, heard
from tests.stories.world import World

WRITTEN = YAML(typ="safe").load(FILE.read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("story", STORIES)
def test_caller_hears_what_is_written(world_with: Callable[[dict[str, Any]], World], story: str, language: str) -> None:
    assert heard(world_with(OPEN), story, language) == WRITTEN[story][language]


def test_every_story_is_written_in_every_language() -> None:
    assert {story: set(told) for story, told in WRITTEN.items()} == {story: set(LANGUAGES) for story in STORIES}
