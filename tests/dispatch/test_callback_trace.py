"""The two scenarios of a kept place, reproduced to the second; losing the place would give another trace.

Two agents, every conversation lasts 100 s, the agent is reserved first and then the caller is dialled, who is there
after 12 s or does not answer for 20 s. `callback_trace.csv` was computed by hand and by an independent simulation; its
rows marked wrong are what must not happen.
"""

import csv
import heapq
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
import redis

from queues import callback, callback_attempt, lifecycle, offers, partings
from queues.callback import Window
from queues.records import Agent, Call, Change, Offer
from tests.dispatch.floor import START_MS, Floor, plan_of

TALK_S, ANSWERS_AFTER_S, GIVES_UP_AFTER_S = 100, 12, 20
TRACE = Path(__file__).with_name("callback_trace.csv")
Row = tuple[str, float, float | None]


def wanted(scenario: str) -> dict[str, Row]:
    """Call → agent, reserved at, connected at (seconds), from the file."""
    with TRACE.open(encoding="utf-8") as lines:
        header, *rows = csv.reader(lines)
    names = header[1:]
    found = [dict(zip(names, row[1:], strict=True)) for row in rows if row[0] == scenario]
    return {
        row["call"]: (row["agent"], float(row["agent_reserved_at_s"]), _seconds(row["customer_connected_at_s"]))
        for row in found
    }


def _seconds(text: str) -> float | None:
    return float(text) if text else None


class Day:
    """Five callers, the fourth of whom asks to be called back at 50 s."""

    def __init__(self, client: redis.Redis, answers: bool) -> None:
        self.floor = Floor(client, plan_of({"a": {"any": 1}, "b": {"any": 1}}))
        self.answers, self.order = answers, count()
        self.ahead: list[tuple[int, int, Callable[[], None]]] = []
        self.told: dict[str, Row] = {}
        for agent in "ab":
            self.floor.idle(agent, START_MS)
        for number, at_s in enumerate((0, 10, 20, 30, 40), 1):
            self.at(at_s, lambda sid=f"c{number}": self.floor.wait(sid, {"any": 1}, self.floor.now_ms))  # type: ignore[misc]
        self.at(50, self.ask)

    def at(self, at_s: float, work: Callable[[], object]) -> None:
        heapq.heappush(self.ahead, (START_MS + round(at_s * 1000), next(self.order), work))  # type: ignore[misc]

    @property
    def now_s(self) -> float:
        return (self.floor.now_ms - START_MS) / 1000

    def move(self, decide: Callable[[], Change]) -> None:
        assert self.floor.live.settle(decide, self.floor.now_ms)

    def ask(self) -> None:
        now_ms = self.floor.now_ms
        said = Window(now_ms, now_ms + 1_800_000)
        self.move(lambda: callback.promise(self.floor.the("c4"), "CB1", said, now_ms))

    def run(self) -> dict[str, Row]:
        while self.ahead:
            self.floor.now_ms, _, work = heapq.heappop(self.ahead)
            work()
            for sid, agent in self.floor.pairs(self.floor.now_ms):
                self.reserved(sid, agent)
        return self.told

    def parties(self, sid: str) -> tuple[Call, Offer, Agent]:
        call, offer, agent = self.floor.live.parties(sid)
        assert call is not None
        assert offer is not None
        assert agent is not None
        return call, offer, agent

    def reserved(self, sid: str, agent: str) -> None:
        now_ms = self.floor.now_ms
        call, offer, held = self.parties(sid)
        self.move(lambda: offers.accept(offer, call, held, "", now_ms))
        if not call.callback:
            self.move(lambda: lifecycle.join(self.floor.the(sid), offer, now_ms))
            self.talks(sid, agent, self.now_s)
        else:
            self.told[sid] = (agent.upper(), self.now_s, None)
            self.move(lambda: callback_attempt.dialled(self.floor.the(sid), "CAleg", 1, now_ms))
            after_s = ANSWERS_AFTER_S if self.answers else GIVES_UP_AFTER_S
            self.at(self.now_s + after_s, lambda: self.dialled(sid, agent))

    def dialled(self, sid: str, agent: str) -> None:
        now_ms = self.floor.now_ms
        call, offer, held = self.parties(sid)
        if self.answers:
            self.move(lambda: callback_attempt.connected(call, offer, now_ms))
            self.talks(sid, agent, self.told[sid][1])
        else:
            self.move(
                lambda: callback_attempt.missed(
                    call, held, "no_answer", now_ms, callback_attempt.next_attempt_ms(1, now_ms)
                )
            )

    def talks(self, sid: str, agent: str, reserved_s: float) -> None:
        self.told[sid] = (agent.upper(), reserved_s, self.now_s)
        self.at(self.now_s + TALK_S, lambda: self.over(sid, agent))

    def over(self, sid: str, agent: str) -> None:
        live, now_ms = self.floor.live, self.floor.now_ms
        self.move(lambda: partings.agent_left(self.floor.the(sid), live.agent(agent), now_ms))
        self.move(lambda: partings.wrap_up(live.agent(agent), self.floor.the(sid), {}, "agent", now_ms))


@pytest.mark.parametrize(
    ("scenario", "answers"), [("keep_place_customer_answers", True), ("keep_place_customer_no_answer_20s", False)]
)
def test_place_that_was_kept_gives_the_trace(redis_client: redis.Redis, scenario: str, answers: bool) -> None:
    told = Day(redis_client, answers).run()
    assert told == wanted(scenario)
    assert told != wanted("lose_place_customer_answers (wrong)")


def test_place_that_is_lost_gives_the_wrong_trace(redis_client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same day with the place taken anew shows that the test above can fail."""
    kept = callback.promise

    def anew(call: Call, id: str, said: Window, now_ms: int, not_before_ms: int = 0) -> Change:
        lost = replace(call, position_ms=now_ms)
        change = kept(lost, id, said, now_ms, not_before_ms)
        return replace(change, before=(call,))

    monkeypatch.setattr(callback, "promise", anew)
    told = Day(redis_client, answers=True).run()
    assert (told["c4"], told["c5"]) == (("A", 200, 212), ("B", 110, 110))
