"""No instant with a waiting call and an idle agent who may take it: the real dispatcher on a stepped clock."""

from typing import Any

import pytest
import redis

from queues.plan import canonical
from tests.dispatch.floor import START_MS
from tests.dispatch.stream_replay import StreamReplay
from tests.oracle.path import callers
from tests.oracle.service_floor import ServiceFloor
from tests.oracle.short_wire import ShortWire
from tests.sizes import sized

SEED = 20261122
AGENTS = 50
ERLANG = 50
LANGUAGES = ("en", "hi", "gu", "te")


@pytest.fixture(autouse=True)
def unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations decide nothing and would take half of the time."""
    monkeypatch.setattr("queues.dispatch.MOST_WEIGHED", 0)


def skills_of(agent: int) -> dict[str, int]:
    """Every agent speaks one to three languages, some better than others."""
    return {f"lang:{LANGUAGES[(agent + also) % 4]}": 1 + (agent + also) % 2 for also in range(1 + agent % 3)}


def needs_of(call: int) -> str:
    """Every call is in one language, and every fifth has to be spoken well."""
    return canonical({f"lang:{LANGUAGES[call * 7 % 4]}": 1 + (call % 5 == 0)})


def played(wire: Any, calls: int, latency_ms: int = 0) -> StreamReplay:
    floor = ServiceFloor(wire, AGENTS, latency_ms, skills=skills_of, needs=needs_of)
    floor.play(callers(calls, ERLANG, SEED, START_MS))
    return StreamReplay(floor.live.plan, stepped=True).play(wire.xrange("tr:events"))


@pytest.mark.timeout(300)
def test_nobody_waits_while_somebody_idle_could_help(redis_client: redis.Redis, redis_url: str) -> None:
    wire = ShortWire(redis_url)
    calls = sized(1_200, 5_000)
    day = played(wire, calls)
    wire.close()
    assert (len(day.ends), sum(day.ends.values()), day.doubled) == (calls, calls, [])
    assert sum(waited_ms > 0 for waited_ms in day.waits_ms) > calls // 10
    assert day.avoidable_idle_ms == 0


def test_a_dispatcher_that_is_late_by_a_millisecond_is_seen(redis_client: redis.Redis) -> None:
    assert played(redis_client, 20, latency_ms=1).avoidable_idle_ms > 10
