"""Which oracle tests run: those marked `long` only behind `bin/test --long`, where property tests look further too."""

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: minutes of simulation with fresh seeds, only with --long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--hypothesis-profile") == "long":
        return
    held_back = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=held_back)
    items[:] = [item for item in items if item not in held_back]
