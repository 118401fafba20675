"""The network misbehaves: webhooks doubled, late, reordered, lost; requests refused or unanswered. The story stays."""

from typing import Any

import pytest

from ivr import wording
from queues import agent_moves
from simulator import Leg, RestError
from tests.stories.world import World

STORY = [("asha", "missed"), ("kiran", "accepted")]
STATUSES = [
    "initiated",
    "ringing",
    "in-progress",
    "completed",
    "participant-join",
    "participant-leave",
    "conference-end",
]


def play(world: World) -> Leg:
    """Asha lets it ring, Kiran takes the call and talks for twenty seconds."""
    world.agent("asha", "never")
    world.run(5)
    world.agent("kiran", "answer@2rings, press 1 on gather, hang up after 20s of talk")
    return world.call()


@pytest.mark.parametrize(
    "faults",
    [
        {"doubled": STATUSES},
        {"late": STATUSES, "late_ms": 700},
        {"reordered": STATUSES, "late_ms": 500},
        {"doubled": STATUSES, "reordered": ["ringing", "in-progress"], "late_ms": 400},
        {"repeated_requests": 1.0},
        {"refused": 0.2},
        {"answered_before_ringing": True},
        {"rest_error_rate": 0.3},
    ],
    ids=lambda faults: "-".join(faults),
)
def test_outcome_is_the_same_whatever_the_network_does_to_webhooks(world: World, faults: dict[str, Any]) -> None:
    world.net.faults.change(faults)
    caller = play(world)
    world.until_ended(caller)
    assert (world.offers(caller), world.record(caller)["outcome"]) == (STORY, "answered")
    assert world.center.live.dues.oldest_overdue_ms(world.net.now_ms) == 0


def test_doubled_webhooks_leave_the_same_marks(world: World) -> None:
    world.net.faults.change({"doubled": STATUSES, "repeated_requests": 1.0})
    caller = play(world)
    world.until_ended(caller)
    marks = [(mark["name"], mark.get("offer")) for mark in world.record(caller)["marks"] if mark["name"] != "leg"]
    assert len(marks) == len(set(marks)) + sum(1 for name, _ in marks if name == "menu_choice") - 1


def test_leg_whose_creation_was_not_answered_is_found_and_not_made_twice(world: World) -> None:
    world.net.faults.rest_lost_answers = 1
    world.agent("asha", "answer@2rings, press 1 on gather, hang up after 5s of talk")
    caller = world.call()
    world.until_ended(caller)
    created = [leg for leg in world.net.exchange.legs.values() if not leg.inbound]
    assert (len(created), world.offers(caller)) == (1, [("asha", "accepted")])


def test_leg_whose_creation_was_not_answered_is_looked_for_even_when_looking_is_refused_at_first(world: World) -> None:
    world.net.faults.rest_lost_answers = 1
    world.net.faults.rest_errors.append(RestError(20429, times=1, path="/Calls.json", method="GET"))
    world.net.faults.lost = ["initiated", "ringing"]
    world.agent("asha", "answer@9s, press 1 on gather, hang up after 5s of talk")
    caller = world.call()
    world.until_ended(caller)
    created = [leg for leg in world.net.exchange.legs.values() if not leg.inbound]
    assert (len(created), world.offers(caller)) == (1, [("asha", "accepted")])


def complained(world: World) -> set[str]:
    """What the network found wrong with our documents, by its code; forgotten with that."""
    codes = {warning.partition(" ")[0] for warning in world.net.warnings}
    world.net.warnings.clear()
    return codes


@pytest.mark.parametrize(("path", "times"), [("/voice/incoming", 2), ("/voice/menu", 4), ("/voice/wait", 4)])
def test_caller_whose_document_cannot_be_fetched_begins_again_and_keeps_the_place(
    world: World, path: str, times: int
) -> None:
    failures = world.unreachable(path, times)
    caller = world.call("press 1 on gather, press 1 on gather, press 1 on gather, wait")
    world.run(60, until=lambda: not failures and world.status(caller) == "waiting")
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 5s of talk")
    world.until_ended(caller)
    assert (world.record(caller)["outcome"], wording.say("apology", "en") in world.said(caller)) == ("answered", False)
    assert complained(world) == {"11205"}


def test_caller_whom_we_cannot_serve_hears_an_apology_after_a_few_tries(world: World) -> None:
    world.unreachable("/voice/incoming", times=99)
    caller = world.call()
    world.run(60)
    assert (world.said(caller), caller.ended) == ([wording.say("apology", "en")], True)
    assert complained(world) == {"11205"}


def test_request_refused_as_too_many_is_repeated(world: World) -> None:
    world.net.faults.rest_errors.append(RestError(20429, times=2, path="/Calls.json", method="POST"))
    world.agent("asha")
    caller = world.call()
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "accepted")]


def test_line_that_the_account_may_not_call_is_not_rung_for_ever(world: World) -> None:
    world.net.faults.rest_errors.append(RestError(21215, times=99, path="/Calls.json", method="POST"))
    world.agent("asha")
    caller = world.call("press 1 on gather, press 1 on gather, hang up at 60s")
    world.until_ended(caller)
    assert world.offers(caller) == [("asha", "missed"), ("asha", "missed")]
    assert world.center.live.agent("asha").status == "break"


@pytest.mark.parametrize("code", [20404, 21220])
def test_caller_who_is_gone_when_the_agent_accepts_frees_the_agent(world: World, code: int) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather")
    world.net.faults.lost = lambda params: params.get("CallStatus") == "completed"
    caller = world.call()
    world.run(40, until=lambda: world.status(caller) == "offered")
    world.net.faults.rest_errors.append(RestError(code, times=1, path=caller.sid, method="POST"))
    world.run(20)
    assert world.record(caller)["outcome"] == "abandoned"
    assert world.center.live.agent("asha").activity == "idle"


def test_lost_end_of_the_callers_leg_is_noticed_by_asking_the_carrier(world: World) -> None:
    world.net.faults.lost = lambda params: params.get("CallStatus") == "completed"
    caller = world.call("hang up at 3s")
    world.run(600, until=lambda: world.status(caller) == "ended")
    assert world.record(caller)["outcome"] == "left_in_menu"


def test_lost_ends_of_both_legs_are_noticed_when_the_conference_ends(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 10s of talk")
    caller = world.call()
    world.run(60, until=lambda: world.status(caller) == "talking")
    world.net.faults.lost = lambda params: params.get("CallStatus") == "completed"
    world.run(60, until=lambda: world.status(caller) == "wrap_up")
    assert world.status(caller) == "wrap_up"


def test_late_answer_to_an_old_offer_is_told_that_the_call_is_taken(world: World) -> None:
    world.agent("asha", "answer@12s, press 1 on gather")
    world.run(5)
    world.agent("kiran", "answer@1ring, press 1 on gather, hang up after 60s of talk")
    # the cut is refused again and again, so Asha's phone rings on
    world.net.faults.rest_errors.append(RestError(20429, times=20, path="/Calls/", method="POST"))
    caller = world.call()
    world.run(20)
    late = next(leg for leg in world.net.exchange.legs.values() if leg.line == world.center.plan.agents["asha"].line)
    assert world.offers(caller)[0] == ("asha", "missed")
    assert wording.say("already_taken", "en") in world.said(late)


def test_full_queue_of_the_network_is_said_and_not_a_loop(world: World) -> None:
    world.net.queues.create("sales", 1)
    first = world.call("press 1 on gather, press 1 on gather, hang up at 60s", from_="+14155550101")
    world.run(5)
    second = world.call("press 1 on gather, press 1 on gather, wait", from_="+14155550102")
    world.until_ended(second)
    assert (world.record(second)["outcome"], world.said(second)[-1]) == ("failed", wording.say("queue_full", "en"))
    world.until_ended(first)


def test_account_of_one_call_a_second_still_rings_everybody(world: World) -> None:
    world.net.exchange.pace(1)
    for name in ("asha", "kiran", "ravi"):
        world.agent(name, "answer@1ring, press 1 on gather, hang up after 5s of talk")
    support = "press 1 on gather, press 2 on gather, wait"
    callers = [world.call(support, from_=f"+1415555010{number}") for number in range(3)]
    world.until_ended(*callers)
    created = [leg for leg in world.net.exchange.legs.values() if not leg.inbound]
    assert [world.record(leg)["outcome"] for leg in callers] == ["answered"] * 3
    assert max(leg.queue_time_ms for leg in created) > 1000


def test_a_chosen_caller_is_taken_while_another_is_in_front(world: World) -> None:
    gujarati = world.call("press 3 on gather, press 1 on gather, hang up at 90s", from_="+919898000111")
    world.run(5)
    english = world.call(from_="+14155550102")
    world.run(5)
    world.agent("meera", "answer@1ring, hang up after 5s of talk")  # no Gujarati
    world.until_ended(english)
    assert (world.offers(english), world.status(gujarati)) == ([("meera", "accepted")], "waiting")


def test_agent_declines_on_the_desk_and_the_late_decline_is_stale(world: World) -> None:
    world.agent("asha", "never")
    caller = world.call()
    world.run(30, until=lambda: world.status(caller) == "offered")
    number = world.live(caller).offer
    world.agent("kiran")
    assert agent_moves.decline(world.center, "asha", number, "lunch")
    world.run(10)
    assert not agent_moves.decline(world.center, "asha", number, "lunch")
    assert world.offers(caller)[0] == ("asha", "declined")
