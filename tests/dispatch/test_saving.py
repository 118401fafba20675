"""A save writes what is new and no more, and a command that the client library repeats is known for what it is."""

import json
from dataclasses import replace
from typing import Any

import pytest
import redis

from adapters.live import Live
from queues.plan import Plan
from queues.records import Call, Change, Event

SID = "CA" + "1" * 32
KEY = f"tr:call:{SID}"
NEW = Call(call=SID, caller="+14155550123", name="Maria", steps=1)


@pytest.fixture
def live(redis_client: redis.Redis, plan: Plan) -> Live:
    """The live state with one call in it."""
    live = Live(redis_client, plan, lambda: None)
    assert live.commit(Change(after=(NEW,)), 1_000)
    return live


def loaded(live: Live) -> Call:
    call = live.call(SID)
    assert call is not None
    return call


def row(live: Live) -> dict[str, str]:
    found: dict[str, str] = live.client.hgetall(KEY)
    return found


def test_first_save_writes_every_field_and_names_the_life(live: Live) -> None:
    assert row(live) == NEW.to_hash() | {"version": "1"}
    assert (live.life(), live.client.smembers("tr:calls")) == ("1000", {SID})


def test_save_leaves_alone_what_has_not_changed(live: Live) -> None:
    call = loaded(live)
    live.client.hset(KEY, "name", "Asha")  # a mark to see what is written: nothing else writes without the version
    assert live.commit(Change((call,), (replace(call, steps=2),)), 2_000)
    assert row(live) == NEW.to_hash() | {"name": "Asha", "steps": "2", "version": "2"}


def test_what_was_changed_before_the_decision_is_new_too(live: Live) -> None:
    heard = replace(loaded(live), leg_status="completed")
    assert live.commit(Change((heard,), (replace(heard, status="ended"),)), 2_000)
    assert (loaded(live).leg_status, loaded(live).status) == ("completed", "ended")


def test_record_made_from_another_version_is_written_whole(live: Live) -> None:
    old = loaded(live)
    assert live.commit(Change((old,), (replace(old, name="Asha"),)), 2_000)
    assert live.commit(Change((loaded(live),), (replace(old, steps=2),)), 3_000)
    assert row(live) == NEW.to_hash() | {"steps": "2", "version": "3"}


def twice(live: Live, change: Change, between: Change = Change()) -> list[str]:  # noqa: B008  # frozen and empty
    """What the script says of a change that comes twice, with another one in between."""
    body = json.dumps(live._body(change, 2_000))
    first = str(live._commit(body)[0])
    assert live.commit(between, 2_500)
    return [first, str(live._commit(body)[0])]


def test_repeated_change_of_a_record_is_known(live: Live) -> None:
    call = loaded(live)
    change = Change((call,), (replace(call, steps=2),), (Event("menu_choice", 2_000, SID),))
    assert twice(live, change) == ["done", "seen"]
    assert (loaded(live).version, live.stream.length()) == (2, 1)


def test_repeated_change_is_known_when_the_record_has_moved_on(live: Live) -> None:
    call = loaded(live)
    mine, other = replace(call, steps=2, version=2), replace(call, steps=3)
    assert twice(live, Change((call,), (replace(call, steps=2),)), Change((mine,), (other,))) == ["done", "seen"]
    assert (loaded(live).steps, loaded(live).version) == (3, 3)


def test_repeated_event_of_no_record_is_known(live: Live) -> None:
    assert twice(live, Change(events=(Event("flow_changed", 2_000),))) == ["done", "seen"]
    assert live.stream.length() == 1


def test_another_change_of_an_old_record_is_stale(live: Live) -> None:
    call = loaded(live)
    assert [live.commit(Change((call,), (replace(call, steps=2),)), 2_000) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(
    ("changed", "told"),
    [({"steps": 2, "node": "main"}, []), ({"steps": 2, "status": "ended"}, [f"call:{SID}"]), ({}, [f"call:{SID}"])],
)
def test_pages_are_told_of_what_they_could_show(live: Live, changed: dict[str, Any], told: list[str]) -> None:
    ear = live.client.pubsub(ignore_subscribe_messages=True)
    ear.subscribe("tr:changes")
    ear.get_message(timeout=1)
    call = loaded(live)
    assert live.commit(Change((call,), (replace(call, **changed),)), 2_000)
    assert live.commit(Change(after=(Call(call="CA2"),)), 2_000)  # heard of, so the one before has been too
    heard: list[str] = []
    while "call:CA2" not in heard:
        heard += json.loads((ear.get_message(timeout=5) or {"data": "[]"})["data"])
    ear.close()
    assert heard == [*told, "call:CA2"]
