"""A world for each story."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stories.world import World


@pytest.fixture
def world_with(redis_url: str, sqlite_url: str) -> Iterator[Callable[[dict[str, Any]], World]]:
    """The service with some entries of the center file set; at the end nobody complains.

    Not the network of our TwiML, nor the record of our events.
    """
    made = []

    def make(changes: dict[str, Any]) -> World:
        made.append(World(redis_url, sqlite_url, changes))
        return made[-1]

    yield make
    for world in made:
        world.close()
    assert [world.net.warnings for world in made] == [[]]
    assert made[-1].center.history.set_aside() == []


@pytest.fixture
def world(world_with: Callable[[dict[str, Any]], World]) -> World:
    """The service and the network of the example center."""
    return world_with({})
