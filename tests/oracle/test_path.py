"""The real dispatcher answers every caller at the millisecond that the path oracle says, and breaking it is seen."""

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import routing
from queues.plan import Plan
from queues.records import Call
from tests.dispatch.floor import START_MS
from tests.oracle.path import Caller, callers, fates
from tests.oracle.service_floor import ServiceFloor
from tests.oracle.short_wire import ShortWire
from tests.sizes import sized

SEED = 20261122
AGENTS = 20
OVERLOAD_ERLANG = 24
CALLS, LONG_CALLS = 2_500, 20_000
FEWER = 200

lengths_ms = st.integers(0, 4)
crowds = st.lists(st.builds(Caller, st.integers(START_MS, START_MS + 6), *[lengths_ms] * 3), min_size=1, max_size=10)


@pytest.fixture(autouse=True)
def unexplained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Explanations decide nothing and would take half of the time."""
    monkeypatch.setattr("queues.dispatch.MOST_WEIGHED", 0)


@pytest.mark.timeout(900)
def test_thousands_of_calls_are_answered_to_the_millisecond(redis_client: redis.Redis, redis_url: str) -> None:
    coming = callers(sized(CALLS, LONG_CALLS), OVERLOAD_ERLANG, SEED, START_MS)
    expected = fates(AGENTS, coming)
    assert 0.1 < sum(fate == "left" for fate, _ in expected) / len(coming) < 0.3
    wire = ShortWire(redis_url)
    assert ServiceFloor(wire, AGENTS).play(coming) == expected
    wire.close()


@pytest.mark.timeout(1800)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agents=st.integers(1, 3), crowd=crowds)
def test_crowds_that_meet_in_one_millisecond_are_answered_in_turn(
    redis_client: redis.Redis, agents: int, crowd: list[Caller]
) -> None:
    redis_client.flushall()
    coming = sorted(crowd, key=lambda caller: caller.arrival_ms)
    assert ServiceFloor(redis_client, agents).play(coming) == fates(agents, coming)


# -- breaking it is seen ------------------------------------------------------------------------------------------


def fewer() -> list[Caller]:
    return callers(FEWER, OVERLOAD_ERLANG, SEED, START_MS)


def test_unbroken_floor_agrees_on_the_same_few_calls(redis_client: redis.Redis) -> None:
    assert ServiceFloor(redis_client, AGENTS).play(fewer()) == fates(AGENTS, fewer())


def test_one_agent_less_is_seen(redis_client: redis.Redis) -> None:
    assert ServiceFloor(redis_client, AGENTS - 1).play(fewer()) != fates(AGENTS, fewer())


def test_newest_first_is_seen(redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    right = routing.call_lines

    def newest_first(call: Call, plan: Plan, now_ms: int) -> dict[str, int]:
        return {line: -score for line, score in right(call, plan, now_ms).items()}

    monkeypatch.setattr(routing, "call_lines", newest_first)
    assert ServiceFloor(redis_client, AGENTS).play(fewer()) != fates(AGENTS, fewer())


def test_forgotten_wrap_up_is_seen(redis_client: redis.Redis) -> None:
    assert ServiceFloor(redis_client, AGENTS, wraps_up=False).play(fewer()) != fates(AGENTS, fewer())


def test_second_of_hidden_latency_is_seen_on_the_first_call(redis_client: redis.Redis) -> None:
    found, expected = ServiceFloor(redis_client, AGENTS, latency_ms=1000).play(fewer()), fates(AGENTS, fewer())
    assert (found[0], expected[0]) == (("start", expected[0][1] + 1000), expected[0])
