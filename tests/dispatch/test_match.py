"""The atomic match is what its pure twin says, whatever the agents, calls and order of events."""

from itertools import permutations
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import endings, routing
from queues.match import next_pair
from queues.partings import caller_left
from queues.plan import AgentPlan, Limits, Plan
from queues.policy import Overflow, QueuePlan, Relax, Reserve
from queues.standing import standing
from tests.dispatch.floor import Floor, agent_plan, plan_of

SKILLS = ("lang:en", "lang:hi", "sales", "support")
QUEUES = ("blue", "green", "red")
seconds = st.integers(1, 60)
held = st.fixed_dictionaries({skill: st.sampled_from([0, 1, 2, 3]) for skill in SKILLS})
wanted = st.dictionaries(st.sampled_from(SKILLS), st.integers(1, 2), max_size=1)


@st.composite
def queue_plans(draw: st.DrawFn, name: str) -> QueuePlan:
    """A queue with any mixture of policies."""
    steps = sorted(draw(st.sets(seconds, max_size=2)))
    others = [other for other in QUEUES if other != name]
    rows = st.builds(
        Overflow,
        to=st.sampled_from(others),
        when=st.sampled_from(["waited", "length", "nobody_signed_in"]),
        after_s=seconds,
        length=st.integers(1, 2),
    )
    lower = st.dictionaries(st.sampled_from(SKILLS), st.integers(0, 2), min_size=1, max_size=2)
    return QueuePlan(
        title=name,
        needs=draw(wanted),
        rule=draw(st.sampled_from(["least_flexible", "longest_idle", "best_level"])),
        ring_several=draw(st.sampled_from([1, 1, 2])),
        priority_minutes=draw(st.sampled_from([0, 0, 1, 3])),
        relax=[Relax(after_s=after_s, needs=draw(lower)) for after_s in steps],
        preferred_s=draw(st.sampled_from([0, 20])),
        reserve=draw(st.none() | st.builds(Reserve, skill=st.sampled_from(SKILLS), after_s=seconds)),
        overflow=draw(st.lists(rows, max_size=2)),
    )


@st.composite
def agent_plans(draw: st.DrawFn, number: int) -> AgentPlan:
    """An agent for all queues, or for some in an order of their own."""
    queues = draw(st.sampled_from([(), *permutations(QUEUES, 2), *permutations(QUEUES)]))
    skills = {skill: level for skill, level in draw(held).items() if level}
    return agent_plan(number, skills, queues)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A center of three queues and up to five agents."""
    count = draw(st.integers(2, 5))
    return plan_of({"a0": {}}).model_copy(
        update={
            "queues": {name: draw(queue_plans(name)) for name in QUEUES},
            "agents": {f"a{number}": draw(agent_plans(number)) for number in range(count)},
            "limits": Limits(queue_order_minutes=draw(st.sampled_from([0, 0.5, 2])), missed_before_break=20),
        }
    )


a_call = st.tuples(st.just("call"), st.sampled_from(QUEUES), wanted, st.sampled_from([0, 0, 1, 5]), st.integers(0, 4))
an_agent = st.tuples(
    st.just("agent"), st.integers(0, 4), st.sampled_from(["available", "available", "available", "break", "offline"])
)
an_answer = st.tuples(st.sampled_from(["answered", "answered", "missed", "declined", "withdrawn"]), st.integers(0, 4))
others = st.one_of(
    st.tuples(st.just("match")),
    st.tuples(st.just("left"), st.integers(0, 9)),
    st.tuples(st.just("pass"), st.sampled_from([1, 7, 20, 45])),
)
happenings = st.lists(st.one_of(a_call, an_agent, an_answer, others), min_size=20, max_size=50)


@pytest.mark.timeout(1800)
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(plan=plans(), events=happenings)
def test_match_claims_the_pair_that_the_twin_names(redis_client: redis.Redis, plan: Plan, events: list[Any]) -> None:
    redis_client.flushall()
    floor = Floor(redis_client, plan)
    for number, event in enumerate(events):
        floor.pass_time(floor.now_ms + 1000)
        happen(floor, number, event)
    assert_rounds_agree(floor)
    assert_nobody_waits_for_nothing(floor)
    assert_all_stand_where_routing_says(floor)


def happen(floor: Floor, number: int, event: tuple[Any, ...]) -> None:
    """One thing that callers, agents or time do."""
    agents, live, now_ms = list(floor.center.plan.agents), floor.live, floor.now_ms
    match event:
        case ("agent", who, status):
            floor.choose(agents[who % len(agents)], status, now_ms)
        case ("call", queue, needs, minutes, who):
            live.memories.keep_agent(f"+9140000{number:03d}", agents[who % len(agents)])
            place = standing(floor.center, queue, "en", needs, f"+9140000{number:03d}", minutes)
            floor.stand(f"CA{number:03d}", place, now_ms)
        case ("answered" | "missed" | "declined" | "withdrawn" as outcome, which):
            rung = [agent for agent in live.agents() if agent.activity == "offered"]
            if rung and outcome == "answered":
                floor.answered(rung[which % len(rung)].agent)
            elif rung:
                endings.end_offer(floor.center, rung[which % len(rung)].offer, outcome, "")
        case ("left", which):
            if calls := live.calls():
                endings.caller_gone(floor.center, calls[which % len(calls)].call)
        case ("pass", seconds_):
            floor.pass_time(now_ms + seconds_ * 1000)
        case _:
            assert_rounds_agree(floor)


def assert_rounds_agree(floor: Floor) -> None:
    """One round of the script against the twin, cause by cause."""
    while True:
        expected = expected_pair(floor)
        found = floor.live.match(floor.now_ms)
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


def assert_all_stand_where_routing_says(floor: Floor) -> None:
    plan, lines, lists = floor.center.plan, dict[str, dict[str, int]](), dict[str, dict[str, int]]()
    for call in floor.live.calls():
        for line, score in routing.call_lines(call, plan, floor.now_ms).items():
            lines.setdefault(line, {})[call.call] = score
    known = floor.live.client.smembers("tr:lists")
    for agent in floor.live.agents():
        for line, score in routing.agent_lists(agent, plan, known).items():
            lists.setdefault(line, {})[agent.agent] = score
    assert (floor.lines(), floor.lists()) == (lines, lists)


def pool(client: redis.Redis, agents: dict[str, dict[str, int]]) -> Floor:
    return Floor(client, plan_of(agents))


def test_caller_whose_line_is_blocked_does_not_block_others(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1}})
    floor.wait("CA1", {"lang:gu": 1}, 1000)
    floor.wait("CA2", {"lang:en": 1}, 2000)
    floor.idle("asha", 3000)
    assert floor.pairs(3000) == [("CA2", "asha")]


def test_longest_idle_agent_is_taken_first(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1}, "ravi": {"lang:en": 1}})
    floor.idle("ravi", 1000)
    floor.idle("asha", 2000)
    floor.wait("CA1", {"lang:en": 1}, 3000)
    floor.wait("CA2", {"lang:en": 1}, 4000)
    assert floor.pairs(4000) == [("CA1", "ravi"), ("CA2", "asha")]


def test_oldest_caller_over_all_lines_of_an_agent_is_taken_first(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1, "sales": 1}})
    floor.wait("CA2", {"lang:en": 1}, 1000)
    floor.wait("CA1", {"sales": 1}, 500)
    floor.idle("asha", 2000)
    assert floor.pairs(2000) == [("CA1", "asha")]


def test_offer_numbers_grow_even_when_redis_forgets(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1}})
    floor.idle("asha", 1000)
    floor.wait("CA1", {"lang:en": 1}, 2000)
    first = floor.live.match(2000)
    redis_client.flushall()
    again = pool(redis_client, {"asha": {"lang:en": 1}})
    again.idle("asha", 3000)
    again.wait("CA2", {"lang:en": 1}, 3000)
    second = again.live.match(3000)
    assert first is not None
    assert second is not None
    assert first[2] < second[2]


def test_two_changes_of_the_same_state_cannot_both_be_saved(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1}})
    call = floor.wait("CA1", {"lang:en": 1}, 1000)
    change = caller_left(call, None, None, 2000)
    assert [floor.live.commit(change, 2000), floor.live.commit(change, 2000)] == [True, False]


def test_wakeups_merge_until_a_round_begins(redis_client: redis.Redis) -> None:
    floor = pool(redis_client, {"asha": {"lang:en": 1}})
    floor.wait("CA1", {"lang:en": 1}, 1000)
    floor.wait("CA2", {"lang:en": 1}, 1000)
    assert floor.woken == 1
    floor.live.wake_ups.rest()
    floor.wait("CA3", {"lang:en": 1}, 1000)
    assert floor.woken == 2
