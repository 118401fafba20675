"""A key press in the menu goes to Redis once, to save the step; one that comes twice changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from queues.records import Call, Change
from tests.stories.world import World
from tests.webhooks.test_guard import FORM, SID, post

AT_MAIN = "/voice/menu?n=main&l=en&b=language&s=2"


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that Redis gets, of a call whose caller has heard the main menu."""
    post(world, "/voice/incoming", FORM)
    post(world, "/voice/menu?n=language&s=1", FORM | {"Digits": "1"})
    commands: list[str] = []
    client = world.center.live.client
    before = client.execute_command

    def noted(name: str, *arguments: Any, **options: Any) -> Any:
        commands.append(name)
        return before(name, *arguments, **options)

    monkeypatch.setattr(client, "execute_command", noted)
    return commands


def at_main(world: World) -> str:
    """The address at which that menu is answered."""
    return f"{AT_MAIN}&v={world.center.flow.version}"


def steps(world: World) -> int:
    call = world.center.live.call(SID)
    return call.steps if call else -1


def test_all_that_is_remembered_of_a_caller_comes_with_one_command(world: World, asked: list[str]) -> None:
    world.center.live.memories.of_caller(FORM["From"])  # a Redis that knows the script already
    asked.clear()
    assert world.center.live.memories.of_caller(FORM["From"]).called_ms == world.net.now_ms
    assert asked == ["EVALSHA"]


def test_key_is_saved_and_nothing_else(world: World, asked: list[str]) -> None:
    assert "support_menu" in post(world, at_main(world), FORM | {"Digits": "2"}).get_data(as_text=True)
    assert asked == ["EVALSHA"]
    assert steps(world) == 2


def test_repeated_key_is_only_looked_at(world: World, asked: list[str]) -> None:
    first, second = (post(world, at_main(world), FORM | {"Digits": "2"}).get_data() for _ in range(2))
    assert first == second
    assert asked == ["EVALSHA", "EVALSHA", "HGETALL"]
    assert steps(world) == 2


def test_address_without_the_version_of_the_menu_costs_the_ordinary_way(world: World, asked: list[str]) -> None:
    assert "support_menu" in post(world, AT_MAIN, FORM | {"Digits": "2"}).get_data(as_text=True)
    assert asked == ["EVALSHA", "HGETALL", "EVALSHA"]


def test_who_was_quicker_is_kept(world: World, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    live, load = world.center.live, world.center.live.call
    meanwhile = iter([True])

    def call(sid: str) -> Call | None:
        found = load(sid)
        if found and next(meanwhile, None):
            live.commit(Change((found,), (replace(found, name="Maria"),)), world.center.now_ms())
        return found

    # The guard of versions is at the save, so the change falls between it and the load.
    monkeypatch.setattr(type(live), "call", lambda _self, sid: call(sid))
    assert post(world, AT_MAIN, FORM | {"Digits": "2"}).status_code == 200
    monkeypatch.undo()
    found = live.call(SID)
    assert found is not None
    assert (found.name, found.steps) == ("Maria", 2)


def test_language_is_remembered_where_the_place_has_none(world: World, asked: list[str]) -> None:
    world.center.live.memories.keep_language(FORM["From"], "te")
    asked.clear()
    answer = post(world, "/voice/menu?n=language&s=2", FORM | {"Digits": "0"}).get_data(as_text=True)
    assert "HGET" in asked
    call = world.center.live.call(SID)
    assert call is not None
    assert (call.status, call.language) == ("waiting", "te")
    assert "<Enqueue" in answer
