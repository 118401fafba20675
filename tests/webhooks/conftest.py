"""The stories' world, without its check of our TwiML: here requests come from nobody's network."""

from collections.abc import Iterator

import pytest

from tests.stories.world import World


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[World]:
    """The service, to be knocked at."""
    world = World(redis_url, sqlite_url)
    yield world
    world.close()
