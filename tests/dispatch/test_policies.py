"""Each policy of a queue as callers and agents meet it: real Valkey, the service's own commits, a clock of our own."""

from typing import Any

import redis

from queues import agent_life, endings, ticker
from queues.plan import AgentPlan, CallerPlan, Limits, Plan
from queues.policy import Importance, Overflow, QueuePlan, Relax, Reserve
from queues.standing import standing
from tests.dispatch.floor import START_MS, Floor, agent_plan, plan_of

MARIA = "+14155550123"
S = 1000


def floor_of(client: redis.Redis, agents: dict[str, dict[str, int]], queue: QueuePlan | None = None) -> Floor:
    return Floor(client, plan_of(agents, queue=queue))


def center_of(queues: dict[str, QueuePlan], agents: dict[str, AgentPlan], **rest: Any) -> Plan:
    return plan_of({"nobody": {}}, **rest).model_copy(update={"queues": queues, "agents": agents})


def call(
    floor: Floor, sid: str, queue: str, at_s: float, asked: str = "", caller: str = MARIA, minutes: float = 0
) -> None:
    """A caller who asks for this skill beyond what the queue needs goes into line as the service places them."""
    floor.now_ms = START_MS + round(at_s * S)
    place = standing(floor.center, queue, "en", {asked: 1} if asked else {}, caller, minutes)
    floor.stand(sid, place, floor.now_ms, caller)


def available(floor: Floor, *agents: str, at_s: float = 0) -> None:
    for agent in agents:
        floor.idle(agent, START_MS + round(at_s * S))


def pairs(floor: Floor, at_s: float) -> list[tuple[str, str]]:
    """Who is paired when the ticker has come to this moment."""
    floor.pass_time(START_MS + round(at_s * S))
    return floor.pairs(floor.now_ms)


def ends(floor: Floor, agent: str, outcome: str, at_s: float) -> None:
    """The offer to this agent ends without an answer."""
    floor.now_ms = START_MS + round(at_s * S)
    assert endings.end_offer(floor.center, floor.live.agent(agent).offer, outcome, "")


# -- which agent --------------------------------------------------------------------------------------------------


def test_agent_who_can_do_least_else_is_taken_first_unless_a_queue_says_otherwise(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"sales": 3, "support": 1}, "ravi": {"sales": 1}}, QueuePlan(title="Any"))
    available(floor, "asha", at_s=0)
    available(floor, "ravi", at_s=60)
    call(floor, "CA1", "any", 61)
    assert pairs(floor, 61) == [("CA1", "ravi")]


def test_least_flexible_of_the_same_width_is_the_longest_idle(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"sales": 1}, "ravi": {"support": 1}}, QueuePlan(title="Any"))
    available(floor, "ravi", at_s=0)
    available(floor, "asha", at_s=1)
    call(floor, "CA1", "any", 2)
    assert pairs(floor, 2) == [("CA1", "ravi")]


def test_longest_idle_looks_at_nothing_else(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", rule="longest_idle")
    floor = floor_of(redis_client, {"asha": {"sales": 3, "support": 1}, "ravi": {"sales": 1}}, queue)
    available(floor, "asha", at_s=0)
    available(floor, "ravi", at_s=1)
    call(floor, "CA1", "any", 2)
    assert pairs(floor, 2) == [("CA1", "asha")]


def test_best_level_is_the_sum_over_what_is_asked_for_and_then_the_longest_idle(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", rule="best_level", needs={"sales": 1})
    held = {"asha": {"sales": 1, "lang:en": 9}, "ravi": {"sales": 5, "lang:en": 2}, "kiran": {"sales": 4, "lang:en": 3}}
    floor = floor_of(redis_client, held, queue)
    available(floor, "asha", "kiran", at_s=0)
    available(floor, "ravi", at_s=1)
    for number in range(3):
        call(floor, f"CA{number}", "any", 2 + number, "lang:en")
    assert pairs(floor, 5) == [("CA0", "asha"), ("CA1", "kiran"), ("CA2", "ravi")]


def test_agent_below_the_level_is_not_offered_the_call(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"sales": 2}}, QueuePlan(title="Any", needs={"sales": 3}))
    available(floor, "asha")
    call(floor, "CA1", "any", 1)
    assert pairs(floor, 1) == []


def test_language_is_a_skill_like_any_other(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"lang:en": 1}, "ravi": {"lang:en": 3, "lang:te": 2}})
    available(floor, "asha", "ravi")
    call(floor, "CA1", "any", 1, "lang:te")
    assert pairs(floor, 1) == [("CA1", "ravi")]


def test_who_missed_the_last_call_comes_after_everybody_who_did_not(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"sales": 1}, "ravi": {"sales": 1, "support": 1}}, QueuePlan(title="Any"))
    available(floor, "asha", "ravi")
    call(floor, "CA1", "any", 1)
    assert pairs(floor, 1) == [("CA1", "asha")]
    ends(floor, "asha", "missed", 10)
    call(floor, "CA2", "any", 11)
    assert pairs(floor, 11) == [("CA1", "ravi"), ("CA2", "asha")]


def test_pair_is_not_tried_again_while_another_agent_is_free_even_one_who_missed(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {"sales": 1}, "ravi": {"sales": 1, "support": 1}}, QueuePlan(title="Any"))
    available(floor, "ravi")
    call(floor, "CA1", "any", 1)
    assert pairs(floor, 1) == [("CA1", "ravi")]
    available(floor, "asha", at_s=2)
    ends(floor, "ravi", "missed", 10)
    assert pairs(floor, 10) == [("CA1", "asha")]
    ends(floor, "asha", "declined", 12)
    assert pairs(floor, 12) == [("CA1", "ravi")]


def test_break_stops_the_idle_clock_and_does_not_set_it_back(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {}, "ravi": {}})
    available(floor, "asha", at_s=0)
    available(floor, "ravi", at_s=50)
    floor.choose("asha", "break", START_MS + 100 * S)
    available(floor, "asha", at_s=140)
    call(floor, "CA1", "any", 141)
    assert pairs(floor, 141) == [("CA1", "asha")]


def test_break_does_not_count_as_idle_time(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {}, "ravi": {}})
    available(floor, "asha", at_s=0)
    available(floor, "ravi", at_s=50)
    floor.choose("asha", "break", START_MS + 100 * S)
    available(floor, "asha", at_s=151)
    call(floor, "CA1", "any", 152)
    assert pairs(floor, 152) == [("CA1", "ravi")]


def test_time_without_a_phone_does_not_count_as_idle_time(redis_client: redis.Redis) -> None:
    plan = plan_of({"asha": {}, "meera": {}})
    meera = plan.agents["meera"].model_copy(update={"line": "client:meera"})
    floor = Floor(redis_client, plan.model_copy(update={"agents": plan.agents | {"meera": meera}}))

    def device(until_s: float, at_s: float) -> None:
        times = START_MS + round(until_s * S), START_MS + round(at_s * S)
        floor.live.settle(lambda: agent_life.device_seen(floor.live.agent("meera"), *times), times[1])

    device(until_s=30, at_s=0)
    available(floor, "meera", at_s=0)
    available(floor, "asha", at_s=20)
    device(until_s=30, at_s=30)
    device(until_s=90, at_s=60)
    assert floor.live.agent("meera").idle_ms == 30 * S
    call(floor, "CA1", "any", 61)
    assert pairs(floor, 61) == [("CA1", "asha")]


# -- which call ---------------------------------------------------------------------------------------------------


def test_agent_takes_their_first_queue_before_the_second_for_a_minute_of_waiting(redis_client: redis.Redis) -> None:
    queues = {"sales": QueuePlan(title="Sales"), "support": QueuePlan(title="Support")}
    agents = {"asha": agent_plan(0, {}, ("sales", "support"))}
    floor = Floor(redis_client, center_of(queues, agents))
    call(floor, "CA1", "support", 0)
    call(floor, "CA2", "support", 5)
    call(floor, "CA3", "sales", 61)
    available(floor, "asha", at_s=70)
    assert pairs(floor, 70) == [("CA1", "asha")]
    floor.answered("asha")
    assert pairs(floor, 71) == [("CA3", "asha")]
    floor.answered("asha")
    assert pairs(floor, 72) == [("CA2", "asha")]


def test_priority_is_waiting_time_given_in_advance(redis_client: redis.Redis) -> None:
    queues = {"gold": QueuePlan(title="Gold", priority_minutes=2), "any": QueuePlan(title="Any")}
    floor = Floor(redis_client, center_of(queues, {"asha": agent_plan(0, {})}))
    call(floor, "CA1", "any", 0)
    call(floor, "CA2", "any", 10)
    call(floor, "CA3", "gold", 125)
    available(floor, "asha", at_s=130)
    assert pairs(floor, 130) == [("CA1", "asha")]
    floor.answered("asha")
    assert pairs(floor, 131) == [("CA3", "asha")]


def test_importance_and_a_known_callers_priority_and_the_menus_add_up_to_the_bound(redis_client: redis.Redis) -> None:
    plan = plan_of(
        {"asha": {}},
        queue=QueuePlan(title="Any", priority_minutes=1),
        importance=[Importance(caller="+1415", minutes=2), Importance(caller="+44", minutes=40)],
        callers={MARIA: CallerPlan(name="Maria", priority_minutes=4)},
    )
    floor = Floor(redis_client, plan)
    credits_min = {}
    for number, (caller, minutes) in enumerate([(MARIA, 8), ("+14155550199", 0), ("+442071838750", 0), ("", 0)]):
        call(floor, f"CA{number}", "any", 0, "", caller, minutes)
        credits_min[caller] = (START_MS - floor.the(f"CA{number}").position_ms) / 60_000
    assert credits_min == {MARIA: 15, "+14155550199": 3, "+442071838750": 30, "": 1}


def test_bound_leaves_room_for_agents_orders_of_queues(redis_client: redis.Redis) -> None:
    queues = {"gold": QueuePlan(title="Gold", priority_minutes=10), "any": QueuePlan(title="Any")}
    agents = {"asha": agent_plan(0, {}, ("gold", "any"))}
    plan = center_of(queues, agents, limits=Limits(overtaking_minutes=10, queue_order_minutes=4))
    assert plan.credit_ms("gold", MARIA) == 6 * 60_000


# -- time passes --------------------------------------------------------------------------------------------------


def test_relaxing_asks_for_less_and_keeps_clock_and_place(redis_client: redis.Redis) -> None:
    steps = [Relax(after_s=30, needs={"sales": 1}), Relax(after_s=60, needs={"sales": 0})]
    floor = floor_of(redis_client, {"asha": {"sales": 2}}, QueuePlan(title="Any", needs={"sales": 3}, relax=steps))
    available(floor, "asha")
    call(floor, "CA1", "any", 1)
    call(floor, "CA2", "any", 2)
    before = floor.the("CA1")
    assert pairs(floor, 30.999) == []
    assert pairs(floor, 31) == [("CA1", "asha")]
    after = floor.the("CA1")
    assert (after.enqueued_ms, after.position_ms) == (before.enqueued_ms, before.position_ms)


def test_last_step_may_ask_for_nobody_in_particular(redis_client: redis.Redis) -> None:
    steps = [Relax(after_s=30, needs={"sales": 1}), Relax(after_s=60, needs={"sales": 0})]
    floor = floor_of(
        redis_client, {"asha": {}, "ravi": {"sales": 1}}, QueuePlan(title="Any", needs={"sales": 3}, relax=steps)
    )
    available(floor, "asha")
    call(floor, "CA1", "any", 0)
    assert pairs(floor, 59.999) == []
    assert pairs(floor, 60) == [("CA1", "asha")]


def test_relaxed_caller_stands_before_those_who_came_later(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", relax=[Relax(after_s=30, needs={"lang:hi": 0})])
    floor = floor_of(redis_client, {"asha": {"lang:en": 1}}, queue)
    call(floor, "CA1", "any", 0, "lang:hi")
    call(floor, "CA2", "any", 10)
    assert pairs(floor, 30) == []
    available(floor, "asha", at_s=31)
    assert pairs(floor, 31) == [("CA1", "asha")]


def test_last_agent_is_waited_for_and_no_longer_than_said(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {}, "ravi": {}}, QueuePlan(title="Any", preferred_s=20))
    available(floor, "asha", "ravi")
    floor.live.memories.keep_agent(MARIA, "asha")
    call(floor, "CA1", "any", 1, caller="+14155550199")
    assert pairs(floor, 1) == [("CA1", "asha")]
    call(floor, "CA2", "any", 2)
    assert pairs(floor, 21.999) == []
    assert pairs(floor, 22) == [("CA2", "ravi")]


def test_last_agent_who_becomes_free_in_time_takes_the_caller(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {}, "ravi": {}}, QueuePlan(title="Any", preferred_s=20))
    available(floor, "asha", "ravi")
    floor.live.memories.keep_agent(MARIA, "asha")
    call(floor, "CA1", "any", 1, caller="+14155550199")
    pairs(floor, 1)
    call(floor, "CA2", "any", 2)
    floor.pass_time(START_MS + 10 * S)
    floor.answered("asha")
    assert pairs(floor, 10) == [("CA2", "asha")]


def test_caller_is_used_to_the_agent_that_the_center_names(redis_client: redis.Redis) -> None:
    callers = {MARIA: CallerPlan(name="Maria", agent="ravi")}
    floor = Floor(
        redis_client, plan_of({"asha": {}, "ravi": {}}, queue=QueuePlan(title="Any", preferred_s=20), callers=callers)
    )
    available(floor, "asha", "ravi")
    floor.live.memories.keep_agent(MARIA, "asha")
    call(floor, "CA1", "any", 1)
    assert pairs(floor, 1) == [("CA1", "ravi")]


def test_last_agent_who_is_away_or_cannot_help_is_not_waited_for(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", preferred_s=20, needs={"sales": 1})
    floor = floor_of(redis_client, {"asha": {}, "ravi": {"sales": 1}, "kiran": {"sales": 1}}, queue)
    available(floor, "asha", "ravi")
    for number, last in enumerate(["asha", "kiran"]):
        floor.live.memories.keep_agent(MARIA, last)
        call(floor, f"CA{number}", "any", 1 + number)
    assert [floor.the(sid).preferred for sid in ("CA0", "CA1")] == ["", ""]
    assert pairs(floor, 2) == [("CA0", "ravi")]


def test_last_agent_who_does_not_take_the_call_is_not_rung_again_before_others(redis_client: redis.Redis) -> None:
    floor = floor_of(redis_client, {"asha": {}, "ravi": {}}, QueuePlan(title="Any", preferred_s=60))
    available(floor, "asha", "ravi")
    floor.live.memories.keep_agent(MARIA, "asha")
    call(floor, "CA1", "any", 1)
    assert pairs(floor, 1) == [("CA1", "asha")]
    ends(floor, "asha", "missed", 10)
    assert pairs(floor, 10) == [("CA1", "ravi")]


def test_reserved_specialist_takes_whoever_needs_them_at_once_and_others_later(redis_client: redis.Redis) -> None:
    queue = QueuePlan(title="Any", reserve=Reserve(skill="lang:te", after_s=40))
    floor = floor_of(redis_client, {"ravi": {"lang:en": 1, "lang:te": 1}}, queue)
    available(floor, "ravi")
    call(floor, "CA1", "any", 0, "lang:en")
    assert pairs(floor, 39) == []
    call(floor, "CA2", "any", 39, "lang:te")
    assert pairs(floor, 39) == [("CA2", "ravi")]
    floor.answered("ravi")
    assert pairs(floor, 39.999) == []
    assert pairs(floor, 40) == [("CA1", "ravi")]


# -- overflow -----------------------------------------------------------------------------------------------------


def two_queues(row: Overflow) -> Plan:
    queues = {
        "sales": QueuePlan(title="Sales", needs={"sales": 1}, overflow=[row]),
        "general": QueuePlan(title="General", needs={"lang:en": 1}),
    }
    agents = {"asha": agent_plan(0, {"sales": 1}), "ravi": agent_plan(1, {"lang:en": 1, "lang:hi": 1})}
    return center_of(queues, agents)


def test_caller_who_waited_stands_in_the_other_queue_too_in_the_same_place(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", after_s=30)))
    available(floor, "ravi")
    call(floor, "CA1", "sales", 0)
    assert pairs(floor, 29.999) == []
    floor.pass_time(START_MS + 30 * S)
    assert floor.lines() == {"sales|sales=1": {"CA1": START_MS}, "general|lang:en=1": {"CA1": START_MS}}
    assert pairs(floor, 30) == [("CA1", "ravi")]
    assert floor.lines() == {}


def test_overflowed_caller_is_still_answered_by_their_own_queue(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", after_s=30)))
    call(floor, "CA1", "sales", 0)
    floor.pass_time(START_MS + 30 * S)
    available(floor, "asha", at_s=31)
    assert pairs(floor, 31) == [("CA1", "asha")]


def test_overflowed_caller_asks_there_for_what_they_asked_for_themselves(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", after_s=30)))
    call(floor, "CA1", "sales", 0, "lang:hi")
    floor.pass_time(START_MS + 30 * S)
    assert sorted(floor.lines()) == ["general|lang:en=1&lang:hi=1", "sales|lang:hi=1&sales=1"]


def test_queue_that_is_long_enough_sends_the_next_to_the_other_too(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", when="length", length=2)))
    for number in range(3):
        call(floor, f"CA{number}", "sales", number)
    assert sorted(floor.lines()["sales|sales=1"]) == ["CA0", "CA1", "CA2"]
    assert list(floor.lines()["general|lang:en=1"]) == ["CA2"]


def test_queue_with_nobody_signed_in_sends_callers_to_the_other_at_once(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", when="nobody_signed_in")))
    available(floor, "ravi")
    call(floor, "CA1", "sales", 1)
    assert pairs(floor, 1) == [("CA1", "ravi")]
    floor.choose("asha", "break", START_MS + 2 * S)
    call(floor, "CA2", "sales", 3)
    assert floor.the("CA2").overflow == ""


def test_queue_whose_last_agent_signs_out_sends_the_waiting_to_the_other(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, two_queues(Overflow(to="general", when="nobody_signed_in")))
    floor.choose("asha", "break", START_MS)
    call(floor, "CA1", "sales", 1)
    assert floor.the("CA1").overflow == ""
    floor.choose("asha", "offline", START_MS + 2 * S)
    available(floor, "ravi", at_s=3)
    assert pairs(floor, 3) == []
    floor.now_ms = START_MS + 4 * S
    ticker.overflow_unmanned(floor.center)
    assert pairs(floor, 4) == [("CA1", "ravi")]
