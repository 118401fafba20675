"""Redis is wiped, SQL is away, the web server stumbles: callers stay where they were, the record is complete later."""

import pytest
import redis

from queues import agent_moves, recovery, ticker
from queues.records import Change
from simulator import RestError
from tests.stories.world import OURS, World


def test_waiting_callers_are_back_in_the_same_places_after_redis_was_wiped(world: World) -> None:
    first = world.call(from_="+14155550101")
    world.run(7)
    second = world.call(from_="+14155550102")
    world.run(20)
    places = [world.live(leg).enqueued_ms for leg in (first, second)]
    world.client.flushall()
    world.run(45)
    assert [world.live(leg).enqueued_ms for leg in (first, second)] == places
    assert [world.status(leg) for leg in (first, second)] == ["waiting", "waiting"]
    world.agent("asha")
    world.until_ended(first, second)
    assert world.record(first)["answered_ms"] < world.record(second)["answered_ms"]


def test_agents_are_available_again_after_redis_was_wiped(world: World) -> None:
    world.agent("asha")
    world.agent("kiran")
    world.drain()
    world.client.flushall()
    ticker.heal(world.center)
    world.drain()
    assert [world.center.live.agent(name).status for name in ("asha", "kiran", "ravi")] == [
        *("available", "available", "offline"),
    ]


def test_conversation_goes_on_and_is_known_again_after_redis_was_wiped(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 60s of talk")
    caller = world.call()
    world.run(30, until=lambda: bool(world.net.leg(caller.sid).talking))
    world.run(5)
    world.client.flushall()
    ticker.heal(world.center)
    world.drain()
    agent = world.center.live.agent("asha")
    assert (world.status(caller), agent.activity, agent.status) == ("talking", "talking", "available")
    world.until_ended(caller)
    assert (world.record(caller)["outcome"], world.record(caller)["queue"]) == ("answered", "sales")


def test_conversation_that_cannot_be_looked_up_keeps_no_other_from_coming_back(world: World) -> None:
    for name in ("asha", "kiran", "ravi"):
        world.agent(name, "answer@1ring, press 1 on gather, hang up after 90s of talk")
    support = "press 1 on gather, press 2 on gather, wait"
    callers = [world.call(support, from_=f"+1415555010{number}") for number in range(3)]
    world.run(40, until=lambda: all(world.net.leg(caller.sid).talking for caller in callers))
    world.drain()
    world.client.flushall()
    world.net.faults.rest_errors.append(RestError(20429, times=1, path="/Participants"))
    ticker.heal(world.center)
    world.drain()
    assert sorted(world.status(caller) for caller in callers) == ["", "talking", "talking"]
    assert {agent.status for agent in world.center.live.agents()} == {"offline"}
    ticker.heal(world.center)
    world.drain()
    assert [world.status(caller) for caller in callers] == ["talking"] * 3
    assert world.center.live.agent("asha").status == "available"


def test_agents_are_not_rung_before_it_is_known_who_is_talking(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 60s of talk")
    first = world.call(from_="+14155550101")
    world.run(30, until=lambda: bool(world.net.leg(first.sid).talking))
    second = world.call(from_="+14155550102")
    world.run(10)
    world.client.flushall()
    ticker.heal(world.center)
    world.until_ended(first, second)
    assert world.offers(second) == [("asha", "accepted")]
    assert world.record(second)["answered_ms"] > world.record(first)["ended_ms"]


def test_conversation_that_came_back_is_not_taken_for_a_leg_of_nothing(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 150s of talk")
    caller = world.call()
    world.run(30, until=lambda: bool(world.net.leg(caller.sid).talking))
    world.client.flushall()
    ticker.heal(world.center)
    for _ in range(2):
        world.run(60)
        recovery.sweep(world.center)
    assert world.net.leg(caller.sid).talking
    world.until_ended(caller)
    assert world.record(caller)["outcome"] == "answered"


@pytest.mark.parametrize("refusals", [0, 1], ids=["on the way", "not moved yet"])
def test_redis_wiped_between_yes_and_hello_keeps_the_place_and_no_two_agents_meet_the_caller(
    world: World, refusals: int
) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 20s of talk")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "offered")
    place = world.live(caller).enqueued_ms
    if refusals:
        world.net.faults.rest_errors.append(RestError(20429, times=refusals, path=caller.sid, method="POST"))
    world.run(30, until=lambda: world.status(caller) == "talking")
    said_yes = world.net.leg(world.live(caller).agent_leg)
    world.client.flushall()
    world.run(2)
    ticker.heal(world.center)
    world.run(2)
    assert said_yes.ended
    world.run(60, until=lambda: bool(caller.talking))
    assert world.live(caller).enqueued_ms == place
    world.until_ended(caller)
    assert [heard.kind for heard in said_yes.heard].count("talk") == 0
    assert world.record(caller)["outcome"] == "answered"


def test_standing_line_and_its_conversation_are_known_again_after_redis_was_wiped(world: World) -> None:
    world.stands_by("meera")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "offered")
    agent_moves.accept(world.center, "meera", world.live(caller).offer)
    world.run(30, until=lambda: bool(world.net.leg(caller.sid).talking))
    standing = world.center.live.agent("meera").standing_leg
    world.client.flushall()
    ticker.heal(world.center)
    world.drain()
    agent = world.center.live.agent("meera")
    assert (world.status(caller), agent.activity, agent.standing_leg) == ("talking", "talking", standing)


def test_agents_come_back_although_a_webhook_was_first_to_write_after_redis_was_wiped(world: World) -> None:
    world.agent("asha", "never")
    world.drain()
    world.client.flushall()
    world.call()
    world.run(1)
    assert world.center.live.life()
    ticker.heal(world.center)
    world.drain()
    assert world.center.live.agent("asha").status == "available"


def test_what_an_agent_chose_after_redis_was_wiped_is_not_overruled_by_what_they_chose_before(world: World) -> None:
    world.agent("asha")
    world.drain()
    world.client.flushall()
    agent_moves.choose_status(world.center, "asha", "break", "lunch")
    ticker.heal(world.center)
    world.drain()
    agent = world.center.live.agent("asha")
    assert (agent.status, agent.reason) == ("break", "lunch")


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(1, "left_in_menu"), (3, "abandoned"), (30, "answered")], ids=["menu", "line", "talk"]
)
def test_call_that_ended_while_redis_was_forgetting_ends_in_the_record(
    world: World, seconds: int, outcome: str
) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather")
    caller = world.call()
    world.run(seconds)
    world.client.flushall()
    world.net.hang_up(caller.sid)
    world.run(1)
    assert world.record(caller)["status"] != "ended"
    world.run(60)
    for _ in range(2):
        recovery.sweep(world.center)
    record = world.record(caller)
    assert (record["status"], record["outcome"]) == ("ended", outcome)
    assert len([name for name in world.marks(caller) if name == "ended"]) == 1


def test_leg_that_belongs_to_nothing_is_hung_up(world: World) -> None:
    line = world.center.plan.agents["asha"].line
    world.net.person(line, "answer@1ring")
    document = "<Response><Pause length='600'/></Response>"
    leg = world.center.carrier._client.calls.create(to=line, from_=OURS, twiml=document)
    world.run(20)
    recovery.sweep(world.center)
    world.run(20)
    assert [here.sid for here in world.net.legs_at(line)] == [leg.sid]
    recovery.sweep(world.center)
    world.run(1)
    assert not world.net.legs_at(line)


def test_calls_go_on_without_sql_and_the_record_is_complete_afterwards(world: World) -> None:
    world.recording = False
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    assert world.center.history.call(caller.sid, world.net.now_ms) is None
    world.recording = True
    assert (world.record(caller)["outcome"], world.offers(caller)) == ("answered", [("asha", "accepted")])


def test_lost_wakeup_is_healed(world: World) -> None:
    world.agent("asha")
    world.run(1)
    caller = world.call()
    while world.status(caller) != "waiting":
        world.net.run_next()
    world.client.delete("tr:causes")
    world.client.delete("rq:queue:dispatch")
    world.run(3)
    assert world.status(caller) == "waiting"
    ticker.heal(world.center)
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_order_of_a_killed_worker_is_carried_out_by_another(world: World) -> None:
    world.agent("asha")
    world.run(1)
    caller = world.call()
    while world.status(caller) != "waiting":
        world.net.run_next()
    world.center.live.wake_ups.rest()
    assert world.center.live.match(world.net.now_ms)
    world.center.live.orders.take(world.net.now_ms)  # a worker takes the order to ring and is killed
    world.until_ended(caller)
    assert world.offers(caller)[-1] == ("asha", "accepted")


def test_redis_away_for_a_moment_is_a_pause_for_the_caller(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 90s")
    healthy, failures = world.center.live.commit, [0]

    def stumbles(change: Change, now_ms: int) -> bool:
        failures[0] += 1
        if failures[0] in (3, 4, 5):
            raise redis.ConnectionError("away")
        return healthy(change, now_ms)

    monkeypatch.setattr(world.center.live, "commit", stumbles)
    world.run(60)
    assert (world.status(caller), failures[0] > 5) == ("waiting", True)
