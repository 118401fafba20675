"""A thousand promises to call back, with workers killed, Redis wiped and SQL away in between: each kept once, in time.

In time is within the window that was said, or within a later one that was said before the earlier one broke.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import pairwise

import pytest

from queues import agent_moves, call_windows, quiet_hours
from queues.callback import HALF_HOUR_MS, Window
from queues.records import Call
from simulator import Leg
from tests.sizes import sized
from tests.stories.promised_people import (
    DAY_MS,
    END,
    HOUR_MS,
    LIFTS,
    NUMBERS,
    RINGS_IN,
    RUNG,
    Promised,
    UnsafeWorld,
    promised,
)
from tests.stories.world import OURS

PROMISES, LONG_PROMISES = 60, 1_000
# With so few left, less goes wrong in an hour.
FEW = 60
AGENTS = ("asha", "ravi", "kiran")
TAKES = "answer@1ring, press 1 on gather"
CHANGES = {
    "callbacks.countries": ["IN"],
    "queues.sales.wrap_up_s": 5,
    "queues.support.wrap_up_s": 5,
    "queues.billing.wrap_up_s": 5,
    "limits.missed_before_break": 20,
}
# Attempts that nobody took are repeated after these, in what is a window of its own.
GAPS_MS = (600_000, 7_200_000)


@pytest.fixture
def world(redis_url: str, sqlite_url: str) -> Iterator[UnsafeWorld]:
    world = UnsafeWorld(redis_url, sqlite_url, CHANGES)
    yield world
    world.sql_back_ms = 0
    world.close()


class Days:
    """Two days of one center: what is done, and what is seen from outside."""

    def __init__(self, world: UnsafeWorld, count: int, luck: random.Random) -> None:
        self.world, self.luck = world, luck
        now_ms = world.net.now_ms
        self.eight_ms = now_ms - (now_ms + 19_800_000) % DAY_MS + 20 * HOUR_MS  # in the evening, where they all live
        self.people = [promised(world, index, self.eight_ms, luck) for index in range(count)]
        self.ring_in = [(now_ms + luck.randrange(6 * HOUR_MS), row) for row in self.people if row.kind == "rings in"]
        self.late = [row for row in self.people if row.kind == "lifts later"]
        self.moved: dict[str, list[tuple[int, Window]]] = {}

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Note every other window that is thought of, with the end of the one before; not all come to be promised."""
        found = call_windows.next_one

        def noted(center: object, call: Call) -> Window:
            said = found(center, call)  # type: ignore[arg-type]
            self.moved.setdefault(call.caller, []).append((call.until_ms, said))
            return said

        monkeypatch.setattr(call_windows, "next_one", noted)

    def pass_by(self) -> None:
        """Until nothing is owed, with everything that goes wrong by day and nobody at work from half past seven on."""
        world, end_ms, swept_ms = self.world, self.eight_ms + DAY_MS, 0
        while (owed := self.owed()) and world.net.now_ms < end_ms:
            night = self.eight_ms - HALF_HOUR_MS <= world.net.now_ms < self.eight_ms + 13 * HOUR_MS
            self.staff("offline" if night else "available")
            world.run(600 if night else self.luck.uniform(5, 60 if owed > FEW else 240))
            if not night:
                world.harm(self.luck)
            if world.net.now_ms - swept_ms >= 60_000:
                swept_ms = world.net.now_ms
                world.sweep()
            self.people_act()
        world.run(120)

    def owed(self) -> int:
        """How many promises are open; while SQL is away nobody can tell."""
        if self.world.net.now_ms < self.world.sql_back_ms:
            return len(self.people)
        return len(self.world.center.history.callbacks.open_calls())

    def staff(self, status: str) -> None:
        for name in AGENTS:
            if self.world.center.live.agent(name).status != status:
                agent_moves.choose_status(self.world.center, name, status)

    def people_act(self) -> None:
        """Some ring in by themselves; some who heard the phone too late sit beside it from now on."""
        now_ms, net = self.world.net.now_ms, self.world.net
        for row in [row for row in self.ring_in if row[0] <= now_ms]:
            self.ring_in.remove(row)
            net.place_call(row[1].number, OURS, RINGS_IN)
        legs = self.legs() if self.late else {}
        for person in [row for row in self.late if any(leg.ended for leg in legs.get(row.number, ()))]:
            self.late.remove(person)
            net.person(person.number, LIFTS, country="IN")

    def legs(self) -> dict[str, list[Leg]]:
        """Number → every time its phone was rung, in order."""
        found: dict[str, list[Leg]] = {}
        for leg in self.world.net.exchange.legs.values():
            if leg.to.startswith(NUMBERS):
                found.setdefault(leg.to, []).append(leg)
        return found

    # -- what has to be true ------------------------------------------------------------------------------------------

    def rung_out_of_time(self) -> list[tuple[str, int]]:
        """Who was rung at a moment that no window holds which they had been told of in time."""
        legs = self.legs()
        return [
            (person.number, leg.created_ms)
            for person in self.people
            for number, leg in enumerate(legs.get(person.number, ()))
            if not any(said.from_ms <= leg.created_ms <= said.to_ms for said in self.windows(person, number))
        ]

    def windows(self, person: Promised, rung: int) -> list[Window]:
        """What was said to a person, after so many attempts that they did not take."""
        told = [person.said, *self.told_in_time(person.number)]
        for leg, gap_ms in zip(self.legs().get(person.number, ())[:rung], GAPS_MS, strict=False):
            # It failed while they were on the line: between those moments, or when they wake.
            from_ms, to_ms = (self.by_day(person, at_ms + gap_ms) for at_ms in (leg.created_ms, leg.ended_ms or 0))
            told.append(Window(from_ms, to_ms + HALF_HOUR_MS))
        return told

    def by_day(self, person: Promised, at_ms: int) -> int:
        plan = self.world.center.plan
        return quiet_hours.next_decent_ms(person.number, plan.callbacks.hours, at_ms, plan.zone)

    def rung_twice_at_once(self) -> list[str]:
        """Whose phone was dialled while it rang or they spoke already."""
        return [
            number
            for number, legs in self.legs().items()
            if any(not one.ended or (one.ended_ms or 0) > two.created_ms for one, two in pairwise(legs))
        ]

    def told_in_time(self, number: str) -> list[Window]:
        """The other windows of which they had a text before the earlier one broke."""
        texts = self.texts.get(number, ())
        return [
            said
            for until_ms, said in self.moved.get(number, ())
            if any(until_ms - 360_000 <= at_ms <= until_ms for at_ms in texts)
        ]

    @cached_property
    def texts(self) -> dict[str, list[int]]:
        """Number → when they had a text that we need a little longer; asked for when all is over."""
        found: dict[str, list[int]] = {}
        for row in self.world.net.messages.by_sid.values():
            if "we need a little longer" in row.body:
                found.setdefault(row.to, []).append(row.created_ms)
        return found


@pytest.mark.timeout(0)
def test_every_promise_is_kept_once_and_in_time_whatever_dies(
    world: UnsafeWorld, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    seed = sized(1123, random.randrange(2**32))
    days = Days(world, sized(PROMISES, LONG_PROMISES), random.Random(seed))
    days.watch(monkeypatch)
    for name in AGENTS:
        world.agent(name, TAKES)
    days.pass_by()

    rung = {number: len(legs) for number, legs in days.legs().items()}
    ends = {made.call: made.status for made in world.center.history.callbacks.list("", 10_000)}
    told = f"{len(days.texts)} told later, {Counter(rung.values())} rung, {Counter(ends.values())}"
    figures = f"seed {seed}: {told}, {world.harmed}"
    assert min(world.harmed[deed] for deed in ("killed at a line", "answer", "lost job", "no sql")) > 0, figures
    assert world.harmed["wiped"] >= 2, figures
    assert ends == {person.sid: END[person.kind] for person in days.people}, figures
    assert (days.rung_out_of_time(), days.rung_twice_at_once()) == ([], []), figures
    assert rung == {row.number: RUNG[row.kind] for row in days.people if RUNG[row.kind]}, figures
    failed = {row.sid for row in days.people if END[row.kind] == "failed"}
    cases = {case.call for case in world.center.history.cases.listed("", "callback_failed", "", 10_000)}
    assert cases == failed, figures
    record_property("figures", figures)
