"""A thousand promises to call back, with workers killed and Redis wiped in between: each kept once, in its window."""

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from queues import calling_back, lifecycle
from queues.callback import Window
from queues.records import Call
from queues.standing import standing
from tests.dispatch.mortal import MortalWorld
from tests.sizes import sized

PROMISES, LONG_PROMISES = 30, 1_000
HOURS_MS = 3_600_000
CHANGES = {
    "callbacks.countries": ["IN"],
    "callbacks.hours": "00:00-23:59",
    "queues.sales.wrap_up_s": 5,
    "queues.support.wrap_up_s": 5,
    "queues.billing.wrap_up_s": 5,
    "limits.missed_before_break": 20,
}
TAKES = "answer@1ring, press 1 on gather"
TALKS = "answer@1ring, press 1 on gather, hang up after 5s of talk"


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[MortalWorld]:
    world = MortalWorld(redis_url, sqlite_url, CHANGES)
    world.recording = True
    yield world
    world.close()


def number(index: int) -> str:
    return f"+91989811{index:04d}"


def promised(world: MortalWorld, index: int, luck: random.Random) -> str:
    """A caller who waited and was promised a call within four hours, or not before half an hour from now."""
    center, now_ms = world.center, world.net.now_ms
    sid = f"CA{index:032x}"
    call = Call(call=sid, caller=number(index), called="+18005550100", country="IN", language="en", received_ms=now_ms)
    place = standing(center, luck.choice(["sales", "support", "billing"]), "en", {"lang:en": 1}, call.caller, 0)
    center.live.settle(lambda: lifecycle.arrive(call, 3_000, now_ms, now_ms), now_ms)
    center.live.settle(lambda: lifecycle.enqueue(center.live.call(sid) or call, place, now_ms), now_ms)
    later = luck.random() < 0.3
    said = Window(now_ms + HOURS_MS // 2 if later else now_ms, now_ms + 4 * HOURS_MS)
    calling_back.promise(center, center.live.call(sid) or call, said, later=later)
    center.live.memories.keep_called(call.caller, now_ms)
    world.net.person(number(index), TALKS, country="IN")
    return sid


def harm(world: MortalWorld, luck: random.Random) -> str:
    """A worker is killed in the middle, a job is lost, or Redis is emptied."""
    deed = luck.choice(["killed", "killed", "lost job", "wiped"])
    if deed == "killed":
        world.http.kills = True
    elif deed == "lost job":
        world.loses_jobs = True
    else:
        world.wipe(recorded=luck.random() < 0.5)
    return deed


@pytest.mark.timeout(0)
def test_every_promise_is_kept_once_and_in_its_window_whatever_dies(world: MortalWorld) -> None:
    luck, count = random.Random(1123), sized(PROMISES, LONG_PROMISES)
    sids = [promised(world, index, luck) for index in range(count)]
    windows = {made.call: made for made in world.center.history.callbacks.open()}
    for name in ("asha", "ravi", "kiran"):
        world.agent(name, TAKES)
    book, end_ms = world.center.history.callbacks, world.net.now_ms + 4 * HOURS_MS
    harmed: Counter[str] = Counter()
    while book.open() and world.net.now_ms < end_ms:
        world.run(luck.uniform(5, 60))
        harmed[harm(world, luck)] += 1
    assert min(harmed[deed] for deed in ("killed", "lost job", "wiped")) > 0
    assert Counter(made.status for made in book.list("", 10_000)) == {"kept": count}
    legs = [leg for leg in world.net.exchange.legs.values() if leg.to.startswith("+91989811")]
    assert Counter(Counter(leg.to for leg in legs).values()) == {1: count}
    outside = [
        leg.to
        for leg, made in ((leg, windows[sids[int(leg.to[-4:])]]) for leg in legs)
        if not made.from_ms <= leg.created_ms <= made.to_ms
    ]
    assert outside == []
