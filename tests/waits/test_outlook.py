"""What the live state tells of a call's place, on real Redis, in one trip; and what a wait costs in trips."""

from typing import Any

import pytest
import redis

from queues.estimate import Seen
from queues.policy import QueuePlan, Relax
from tests.dispatch.floor import START_MS, Floor, plan_of
from tests.stories.world import World
from webhooks import line

SKILLED = {"a": {"x": 2}, "b": {"x": 1}, "c": {"y": 1}}


def test_place_agents_and_head_are_seen(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of(SKILLED))
    for number in range(3):
        floor.wait(f"CA{number}", {"x": 1}, START_MS + number * 1000)
    for agent in SKILLED:
        floor.choose(agent, "available", START_MS + 5_000)
    second = floor.the("CA1")
    assert floor.live.outlook.of(second, START_MS + 60_000) == Seen(1, 2, 2, 2, False, 60_000)
    floor.choose("b", "break", START_MS + 60_000)
    assert floor.live.outlook.of(floor.the("CA0"), START_MS + 60_000) == Seen(0, 2, 1, 1, False, 0)


def test_agents_who_are_rung_or_talk_are_on_duty_until_they_chose_to_leave(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of(SKILLED))
    for agent in ("a", "b"):
        floor.choose(agent, "available", START_MS)
    for number in range(3):
        floor.wait(f"CA{number}", {"x": 1}, START_MS)
    assert len(floor.pairs(START_MS)) == 2
    third = floor.the("CA2")
    assert floor.live.outlook.of(third, START_MS) == Seen(0, 0, 2, 0, False, 0)
    floor.choose("a", "offline", START_MS)
    assert floor.live.outlook.of(third, START_MS).agents == 1


def test_line_whose_agents_serve_another_is_shared(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of(SKILLED))
    only, easy = floor.wait("CA1", {"y": 1}, START_MS), floor.wait("CA2", {"x": 1}, START_MS)
    assert [floor.live.outlook.of(call, START_MS).shared for call in (only, easy)] == [False, False]
    hard = floor.wait("CA3", {"x": 2}, START_MS)
    assert [floor.live.outlook.of(call, START_MS).shared for call in (only, easy, hard)] == [False, True, True]


def test_callers_whose_needs_were_relaxed_are_still_ahead(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", relax=[Relax(after_s=30, needs={"x": 1})])
    floor = Floor(redis_client, plan_of(SKILLED, queue=queue))
    floor.wait("CA1", {"x": 2}, START_MS)
    floor.pass_time(START_MS + 40_000)
    second = floor.wait("CA2", {"x": 2}, START_MS + 40_000)
    seen = floor.live.outlook.of(second, START_MS + 40_000)
    assert (seen.ahead, seen.others, seen.head_waited_ms) == (1, 1, 40_000)


def test_wait_costs_two_trips_to_redis_more_than_the_place_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.call(from_="+14155550101"), world.call(from_="+14155550102")
    world.run(60)
    trips: list[str] = []
    execute = redis.Redis.execute_command

    def counted(client: redis.Redis, *args: Any, **options: Any) -> Any:
        trips.append(str(args[0]))
        return execute(client, *args, **options)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(redis.Redis, "execute_command", counted)
    for leg in (first, second):
        trips.clear()
        with world.app.test_request_context("/voice/wait", method="POST", data={"CallSid": leg.sid, "QueueTime": "50"}):
            assert line.wait().status_code == 200
        # The call, what is ahead of it, the menus in force (does any put callers in front?), and the commit.
        assert sorted(trips) == ["EVALSHA", "EVALSHA", "HGETALL", "HGETALL"]
