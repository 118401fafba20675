"""The atomic match is what its pure twin says, whatever the agents, calls and order of events."""

from typing import Any

import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues.lifecycle import caller_left
from queues.match import next_pair
from tests.dispatch.floor import Floor

SKILLS = ("lang:en", "lang:hi", "sales", "support")
held = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=4)
wanted = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 3), max_size=2)
arrivals = st.lists(
    st.one_of(
        st.tuples(st.just("agent"), st.integers(0, 4)),
        st.tuples(st.just("call"), wanted, st.integers(0, 3)),
        st.tuples(st.just("match")),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(agents=st.lists(held, min_size=1, max_size=5), events=arrivals)
def test_match_claims_the_pair_that_the_twin_names(
    redis_client: redis.Redis, agents: list[dict[str, int]], events: list[Any]
) -> None:
    redis_client.flushall()
    floor = Floor(redis_client, {f"a{number}": skills for number, skills in enumerate(agents)})
    now_ms = 1_000_000
    for number, event in enumerate(events):
        now_ms += 1000
        match event:
            case ("agent", who):
                floor.idle(f"a{who % len(agents)}", now_ms)
            case ("call", needs, minutes):
                floor.wait(f"CA{number:03d}", needs, now_ms, credit_ms=minutes * 60_000)
            case _:
                assert_rounds_agree(floor, now_ms)
    assert_rounds_agree(floor, now_ms)
    assert_nobody_waits_for_nothing(floor)


def assert_rounds_agree(floor: Floor, now_ms: int) -> None:
    """One round of the script against the twin, cause by cause."""
    while True:
        expected = expected_pair(floor)
        found = floor.live.match(now_ms)
        assert (found[:2] if found else None) == expected
        if not found:
            return


def expected_pair(floor: Floor) -> tuple[str, str] | None:
    causes = floor.live.client.lrange("tr:causes", 0, -1)
    lines, lists = floor.lines(), floor.lists()
    for cause in causes:
        pair = next_pair(cause, floor.stands, lines, lists)
        if pair:
            return pair
    return None


def assert_nobody_waits_for_nothing(floor: Floor) -> None:
    lists = floor.lists()
    assert [line for line, calls in floor.lines().items() if calls and lists.get(line)] == []
    assert floor.live.fitting() == []


def test_caller_whose_line_is_blocked_does_not_block_others(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1}})
    floor.wait("CA1", {"lang:gu": 1}, 1000)
    floor.wait("CA2", {"lang:en": 1}, 2000)
    floor.idle("asha", 3000)
    assert floor.pairs(3000) == [("CA2", "asha")]


def test_longest_idle_agent_is_taken_first(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1}, "ravi": {"lang:en": 1}})
    floor.idle("ravi", 1000)
    floor.idle("asha", 2000)
    floor.wait("CA1", {"lang:en": 1}, 3000)
    floor.wait("CA2", {"lang:en": 1}, 4000)
    assert floor.pairs(4000) == [("CA1", "ravi"), ("CA2", "asha")]


def test_oldest_caller_over_all_lines_of_an_agent_is_taken_first(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1, "sales": 1}})
    floor.wait("CA2", {"lang:en": 1}, 1000)
    floor.wait("CA1", {"sales": 1}, 500)
    floor.idle("asha", 2000)
    assert floor.pairs(2000) == [("CA1", "asha")]


def test_offer_numbers_grow_even_when_redis_forgets(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1}})
    floor.idle("asha", 1000)
    floor.wait("CA1", {"lang:en": 1}, 2000)
    first = floor.live.match(2000)
    redis_client.flushall()
    again = Floor(redis_client, {"asha": {"lang:en": 1}})
    again.idle("asha", 3000)
    again.wait("CA2", {"lang:en": 1}, 3000)
    second = again.live.match(3000)
    assert first is not None
    assert second is not None
    assert first[2] < second[2]


def test_two_changes_of_the_same_state_cannot_both_be_saved(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1}})
    call = floor.wait("CA1", {"lang:en": 1}, 1000)
    change = caller_left(call, None, None, 2000)
    assert [floor.live.commit(change, 2000), floor.live.commit(change, 2000)] == [True, False]


def test_wakeups_merge_until_a_round_begins(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, {"asha": {"lang:en": 1}})
    floor.wait("CA1", {"lang:en": 1}, 1000)
    floor.wait("CA2", {"lang:en": 1}, 1000)
    assert floor.woken == 1
    floor.live.rest()
    floor.wait("CA3", {"lang:en": 1}, 1000)
    assert floor.woken == 2
