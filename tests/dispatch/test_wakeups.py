"""A change that makes a round useful always leads to one: through the job that stands by, or through a new job."""

import threading

import redis

from tests.dispatch.floor import Floor, plan_of

NOW_MS = 1_793_000_000_000


def test_job_that_stands_by_is_told_and_no_other_is_asked_for(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    floor.wait("CA1", {"lang:en": 1}, NOW_MS)
    assert (floor.woken, floor.live.wake_ups.awaited(10)) == (0, True)


def test_job_that_stands_by_hears_of_it_at_once(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    heard: list[bool] = []
    waiting = threading.Thread(target=lambda: heard.append(floor.live.wake_ups.awaited(5_000)))
    waiting.start()
    floor.wait("CA1", {"lang:en": 1}, NOW_MS)
    waiting.join(4)
    assert heard == [True]


def test_wakeup_between_the_last_look_and_the_end_is_not_lost(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    floor.wait("CA1", {"lang:en": 1}, NOW_MS)
    assert [floor.live.wake_ups.stand_down(), floor.live.wake_ups.stand_down()] == [True, False]


def test_nobody_who_stood_down_is_told(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    floor.live.wake_ups.stand_down()
    floor.wait("CA1", {"lang:en": 1}, NOW_MS)
    assert (floor.woken, floor.live.wake_ups.awaited(10)) == (1, False)


def test_job_that_was_killed_while_standing_by_is_not_counted_on_for_long(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    floor.wait("CA1", {"lang:en": 1}, NOW_MS + 5_001)
    assert floor.woken == 1


def test_wakeup_asked_for_again_reaches_the_one_who_stands_by(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.live.wake_ups.stand_by(NOW_MS + 5_000)
    floor.live.wake_ups.again(NOW_MS)
    assert floor.live.wake_ups.awaited(10)


def test_order_to_ring_is_leased_with_the_claim_and_a_second_try_afterwards(redis_client: redis.Redis) -> None:
    floor = Floor(redis_client, plan_of({"asha": {"lang:en": 1}}))
    floor.idle("asha", NOW_MS)
    floor.wait("CA1", {"lang:en": 1}, NOW_MS)
    [(_, _, offer)] = floor.live.matches(NOW_MS, 10)
    assert floor.live.orders.take(NOW_MS + 14_999) == []
    assert [(order.do, order.offer, tries) for order, tries in floor.live.orders.take(NOW_MS + 15_000)] == [
        ("ring", offer, 2)
    ]
