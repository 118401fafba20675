"""The doors people use, hung over a whole center with a phone network in process."""

from collections.abc import Iterator

import pytest
from flask import Flask

import wsgi
from tests.stories.world import World


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[World]:
    """The service and the network on a clock that the test owns."""
    world = World(redis_url, sqlite_url)
    yield world
    world.close()
    world.center.history.close()


@pytest.fixture
def app(world: World) -> Flask:
    """The web process's app over that center."""
    return wsgi.create_app(world.center)
