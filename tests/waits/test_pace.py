"""How fast a queue moves, from its newest contacts; and that it is back in Redis after a loss."""

import pytest

from queues.pace import Contact, paces, patience_ms, served
from queues.recorder import keep_pace
from tests.stories.world import World

NOW_MS = 10_000_000


def contact(enqueued_s: int, waited_s: int = 10, handled_s: int = 100, needs: str = "a=1") -> Contact:
    """Answered five seconds after the offer; handled from the offer on."""
    at_ms = enqueued_s * 1000
    offered_ms = at_ms + waited_s * 1000
    over_ms = offered_ms + handled_s * 1000
    return Contact(needs, at_ms, offered_ms, offered_ms + 5_000, over_ms - 1_000, over_ms, "answered")


def gone(enqueued_s: int, waited_s: int) -> Contact:
    ended_ms = (enqueued_s + waited_s) * 1000
    return Contact("a=1", enqueued_s * 1000, 0, 0, ended_ms, 0, "abandoned")


def test_handle_time_is_shrunk_towards_that_of_the_center() -> None:
    record = {"sales": [contact(at, handled_s=100) for at in range(1, 61)], "new": [contact(99, handled_s=500)]}
    found = paces(record, NOW_MS)
    usual_s = (60 * 100 + 500) / 61
    assert found["sales"].handle_ms == pytest.approx((60 * 100 + 20 * usual_s) / 80 * 1000, abs=1)
    assert found["new"].handle_ms == pytest.approx((500 + 20 * usual_s) / 21 * 1000, abs=1)
    assert (found["sales"].contacts, found["new"].contacts, found["sales"].ring_ms) == (60, 1, 5_000)


def test_only_the_two_hundred_newest_contacts_count() -> None:
    old, new = (
        [contact(at, handled_s=900) for at in range(1, 50)],
        [contact(at, handled_s=60) for at in range(5000, 5200)],
    )
    assert paces({"sales": old + new}, NOW_MS)["sales"].handle_ms == 60_000


def test_patience_counts_the_waits_of_all_over_those_who_left() -> None:
    waits = [contact(at, waited_s=25) for at in range(1, 91)] + [gone(at, 60) for at in range(1, 11)]
    assert patience_ms(waits) == (90 * 30_000 + 10 * 60_000) // 10
    assert patience_ms(waits[:-1]) == 0


def test_rate_counts_who_was_offered_after_a_wait_in_the_last_quarter_of_an_hour() -> None:
    now_s = NOW_MS // 1000
    waits = [
        contact(now_s - 2000, waited_s=60),  # long ago
        contact(now_s - 930, waited_s=60),  # half of the wait is too old
        contact(now_s - 500, waited_s=100),
        contact(now_s - 450, waited_s=150),  # 50 s of it together with the one before
        contact(now_s - 200, waited_s=0),  # an agent was free
        gone(now_s - 100, 20),
        contact(now_s - 50, waited_s=10, needs="b=1"),
        Contact("b=1", NOW_MS - 30_000, 0, 0, 0, 0, ""),  # still there
    ]
    assert served(waits, NOW_MS) == {"a=1": (3, 30_000 + 200_000 + 20_000), "b=1": (1, 40_000)}


def test_pace_is_worked_out_from_the_record_and_back_after_a_loss_of_redis(world: World) -> None:
    world.agent("asha", "answer@1ring, press 1 on gather, hang up after 30s of talk")
    leg = world.call()
    world.until_ended(leg)
    keep_pace(world.center)
    call = world.live(leg)
    before = world.center.live.outlook.of(call, world.net.now_ms).pace
    record = world.record(leg)
    (offer,) = record["offers"]
    assert (before.contacts, before.handle_ms) == (1, record["wrapped_ms"] - offer["offered_at_ms"])
    assert before.ring_ms == record["answered_ms"] - offer["offered_at_ms"]
    world.client.flushall()
    assert world.center.live.outlook.of(call, world.net.now_ms).pace.contacts == 0
    keep_pace(world.center)
    assert world.center.live.outlook.of(call, world.net.now_ms).pace == before
