"""What every test of the network starts from: a town with one number and one customer."""

import pytest

from tests.simulator.customer import Town


@pytest.fixture
def town() -> Town:
    return Town()
