"""No caller is overtaken, for one agent, by somebody who arrived more than the bound later, whatever the priorities."""

from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from queues import routing
from queues.match import next_pair
from queues.plan import Limits, Plan
from queues.policy import Importance, QueuePlan
from queues.records import Agent, Call
from tests.dispatch.floor import START_MS, agent_plan, plan_of

QUEUES = ("blue", "green", "red")
MINUTE_MS = 60_000
PRIORITIES = [0, 0, 1, 5, 60]


class Arrival(NamedTuple):
    """A caller: minutes after the start, queue, number, and the priority that the menu gives."""

    after_min: float
    queue: str
    caller: str
    minutes: float


def any_plan(random: Random) -> Plan:
    """Queues with priorities, callers of importance, and agents with orders of queues, within a bound.

    Few different values, so that callers often stand just within the bound of each other, or just beyond.
    """
    step, bound = random.choice([(0, 0), (1, 10), (5, 10), (2.5, 20)])
    orders = [random.sample(QUEUES, random.randint(0, 3)) for _ in range(3)]
    return plan_of({"a0": {}}).model_copy(
        update={
            "queues": {name: QueuePlan(title=name, priority_minutes=random.choice(PRIORITIES)) for name in QUEUES},
            "agents": {f"a{number}": agent_plan(number, {}, tuple(order)) for number, order in enumerate(orders)},
            "importance": [Importance(caller="+1", minutes=random.choice(PRIORITIES))],
            "limits": Limits(overtaking_minutes=bound, queue_order_minutes=step),
        }
    )


def any_arrivals(random: Random) -> list[Arrival]:
    """Callers of half an hour."""
    return [
        Arrival(
            2.5 * random.randint(0, 12),
            random.choice(QUEUES),
            random.choice(["+1415", ""]),
            random.choice(PRIORITIES),
        )
        for _ in range(random.randint(2, 10))
    ]


def waiting(plan: Plan, arrival: Arrival, number: int) -> Call:
    """The call in its line."""
    enqueued_ms = START_MS + round(arrival.after_min * MINUTE_MS)
    return Call(
        call=f"CA{number:02d}",
        status="waiting",
        queue=arrival.queue,
        needs="anyone",
        enqueued_ms=enqueued_ms,
        position_ms=enqueued_ms - plan.credit_ms(arrival.queue, arrival.caller, arrival.minutes),
    )


def overtakings_ms(plan: Plan, coming: list[Arrival]) -> list[int]:
    """By how much later each caller taken had arrived than each who waits on in a line of the same agent.

    All callers wait first; then all agents take calls until none is left.
    """
    calls = {call.call: call for call in (waiting(plan, row, number) for number, row in enumerate(coming))}
    names = [f"{queue}|anyone" for queue in QUEUES]
    found = []
    while calls:
        now_ms = START_MS + 61 * MINUTE_MS
        free = [Agent(agent=agent, status="available", idle_since_ms=now_ms) for agent in plan.agents]
        served = {agent.agent: routing.agent_lists(agent, plan, names) for agent in free}
        lines: dict[str, dict[str, int]] = {name: {} for name in names}
        idle = {name: {agent: lists[name] for agent, lists in served.items() if name in lists} for name in names}
        stands = {
            f"agent:{agent}": {name: routing.held_back_ms(agent, routing.parse(name), plan) for name in lists}
            for agent, lists in served.items()
        }
        for call in calls.values():
            for line, score in routing.call_lines(call, plan, now_ms).items():
                lines[line][call.call] = score
        pairs = [next_pair(cause, stands.__getitem__, lines, idle) for cause in stands]
        pair = next((pair for pair in pairs if pair), None)
        if pair is None:
            break
        taken, agent = calls.pop(pair[0]), pair[1]
        others = [call for call in calls.values() if f"{call.queue}|anyone" in served[agent]]
        found += [taken.enqueued_ms - other.enqueued_ms for other in others]
    return found


@settings(deadline=None, max_examples=250)
@given(random=st.randoms(use_true_random=True))
def test_nobody_is_overtaken_by_one_who_came_later_than_the_bound(random: Random) -> None:
    plan, coming = any_plan(random), any_arrivals(random)
    bound = plan.limits.overtaking_minutes
    assert bound is not None
    assert max(overtakings_ms(plan, coming), default=0) <= round(bound * MINUTE_MS)


def test_bound_is_reached_and_not_passed_by_priority_and_order_together() -> None:
    plan = plan_of({"a0": {}}).model_copy(
        update={
            "queues": {"blue": QueuePlan(title="Blue", priority_minutes=60), "red": QueuePlan(title="Red")},
            "agents": {"a0": agent_plan(0, {}, ("blue", "red"))},
            "limits": Limits(overtaking_minutes=10, queue_order_minutes=4),
        }
    )
    early, late = Arrival(0, "red", "", 0), Arrival(10, "blue", "", 0)
    assert overtakings_ms(plan, [early, late]) == [10 * MINUTE_MS]
    assert overtakings_ms(plan, [early, late._replace(after_min=10.5)]) == [-10.5 * MINUTE_MS]


def test_without_a_bound_a_caller_may_be_overtaken_by_an_hour() -> None:
    plan = plan_of({"a0": {}}, queue=QueuePlan(title="Any"), limits=Limits(overtaking_minutes=None)).model_copy(
        update={"queues": {name: QueuePlan(title=name) for name in QUEUES}}
    )
    coming = [Arrival(0, "blue", "", 0), Arrival(59, "red", "", 60)]
    assert overtakings_ms(plan, coming) == [59 * MINUTE_MS]
