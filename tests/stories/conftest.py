"""A world for each story."""

from collections.abc import Iterator

import pytest

from queues import worker
from tests.stories.world import World


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[World]:
    """The service and the network; at the end the network must have nothing to complain about in our TwiML."""
    was = worker.center
    world = World(redis_url, sqlite_url)
    yield world
    worker.center = was
    assert world.net.warnings == []
