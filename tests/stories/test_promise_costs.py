"""Open promises cost nothing while nothing is due: not the ticker, not the sweep, however many there are."""

from collections.abc import Iterator

import pytest
import sqlalchemy

from queues import calling_back, lifecycle, recovery, ticker
from queues.callback import Window
from queues.records import Call
from queues.standing import standing
from tests.stories.world import World

HOUR_MS = 3_600_000


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[World]:
    world = World(redis_url, sqlite_url)
    yield world
    world.close()


def promise(world: World, number: int) -> None:
    """A caller who waits in sales, where nobody is, and was promised a call within four hours."""
    live, now_ms = world.center.live, world.net.now_ms
    call = Call(call=f"CA{number:032x}", caller=f"+91989811{number:04d}", country="IN", language="en")
    place = standing(world.center, "sales", "en", {"lang:en": 1}, call.caller, 0)
    live.settle(lambda: lifecycle.arrive(call, 3_000, now_ms, now_ms), now_ms)
    live.settle(lambda: lifecycle.enqueue(live.call(call.call) or call, place, now_ms), now_ms)
    calling_back.promise(world.center, live.call(call.call) or call, Window(now_ms, now_ms + 4 * HOUR_MS))


def minute(world: World) -> tuple[int, list[str]]:
    """What a minute asks of Redis, in commands, and of SQL, statement by statement."""
    asked: list[str] = []
    engine = world.center.history.callbacks._engine
    sqlalchemy.event.listen(engine, "before_cursor_execute", note := lambda *row: asked.append(row[2]))
    before = int(world.client.info("stats")["total_commands_processed"])
    for _ in range(60):
        world.net.advance_to(world.net.now_ms + 1_000)
        ticker.tick(world.center)
        ticker.heal(world.center)
    recovery.sweep(world.center)
    sqlalchemy.event.remove(engine, "before_cursor_execute", note)
    return int(world.client.info("stats")["total_commands_processed"]) - before, asked


def test_quiet_minute_asks_no_more_with_many_promises_than_with_few(world: World) -> None:
    recovery.recover(world.center)
    for number in range(5):
        promise(world, number)
    world.run(180)
    few = minute(world)
    for number in range(5, 105):
        promise(world, number)
    world.run(180)
    assert len(world.center.history.callbacks.open()) == 105
    assert minute(world) == few
