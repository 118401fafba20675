"""What holds for every test run: the profiles of the property tests, and one running service for tests of the whole.

Fixtures for the parts are in tests/conftest.py.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, configuration, settings

from tests.house.running import DevService, start_dev

configuration.set_hypothesis_home_dir(Path(__file__).resolve().parent / "var" / "cache" / "hypothesis")
# The same examples on every run, so that a red test is red for everyone; `bin/test --long` looks further.
settings.register_profile("ci", derandomize=True, deadline=None, database=None, max_examples=100)
settings.register_profile(
    "long", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci")


@pytest.fixture(scope="session")
def dev_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevService]:
    """The whole service as `bin/dev` runs it, with state of its own; stopped with Ctrl-C when the last test is done."""
    service = start_dev(tmp_path_factory.mktemp("service"))
    yield service
    service.interrupt()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the running service go first and to one worker: it is started once, and the others run meanwhile."""
    for item in items:
        if "dev_service" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.service)
        if item.get_closest_marker("service"):
            item.add_marker(pytest.mark.xdist_group("service"))
            item.add_marker(pytest.mark.timeout(180))
    items.sort(key=lambda item: item.get_closest_marker("service") is None)


@pytest.fixture(scope="session")
def house() -> Path:
    """The top of the checkout."""
    return Path(__file__).resolve().parent
