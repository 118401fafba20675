"""The service on a clock that the test owns."""

from collections.abc import Iterator

import pytest

from tests.stories.world import World


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[World]:
    """The example center."""
    world = World(redis_url, sqlite_url)
    yield world
    world.close()
