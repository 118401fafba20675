"""Many callers who were promised a call, and a world in which workers die at any line, Redis is wiped and SQL is away.

What each of them does when the phone rings is part of the story, and so is what has to come of it.
"""

import contextlib
import random
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy
from sqlalchemy.exc import OperationalError

from queues import calling_back, lifecycle
from queues.callback import HALF_HOUR_MS, Window
from queues.records import Call
from queues.standing import standing
from tests.dispatch.mortal import Killed, MortalWorld

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
NUMBERS = "+91989811"
LIFTS = "answer@1ring, press 1 on gather, hang up after 5s of talk"
RINGS_IN = "press 1 on gather, press 1 on gather, hang up after 5s of talk"
OURS = tuple(str(Path(lifecycle.__file__).parents[1] / room) for room in ("queues", "adapters", "cases"))
# The recorder gathers what comes close together; what it has not recorded yet is what a wipe loses.
RECORDED_EVERY_MS = 500
# What people do when they are phoned, what becomes of the promise, and how often they are rung for it.
FIRST = {"lifts": LIFTS, "lifts later": "never", "never": "never", "machine": "answer@1ring", "rings in": "never"}
END = {"lifts": "kept", "lifts later": "kept", "never": "failed", "machine": "failed", "rings in": "merged"}
RUNG = {"lifts": 1, "lifts later": 2, "never": 3, "machine": 3, "rings in": 0}
TWENTY = ["never", "lifts later", "lifts later", "rings in", "machine"]


class UnsafeWorld(MortalWorld):
    """Whatever runs may die at any line of ours, and SQL may be away for a while."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.recording = True
        self.sql_back_ms = 0
        self.harmed: Counter[str] = Counter()
        self._lines_left = self._recorded_ms = 0
        sqlalchemy.event.listen(self.center.history.callbacks._engine, "before_cursor_execute", self._reach_sql)

    def die_after(self, lines: int) -> None:
        """Kill what runs then, when so many lines of ours have been carried out."""
        self._lines_left = lines

    def lose_sql(self, seconds: float) -> None:
        """Nothing is read from SQL or written to it for so long."""
        self.sql_back_ms, self.recording = self.net.now_ms + round(seconds * 1000), False

    def drain(self) -> None:
        """As in a story; who is killed leaves everything lying, and another goes on."""
        now_ms = self.net.now_ms
        self.recording = now_ms >= max(self.sql_back_ms, self._recorded_ms + RECORDED_EVERY_MS)
        self._recorded_ms = now_ms if self.recording else self._recorded_ms
        if self._lines_left:
            sys.settrace(self._enter)
            with contextlib.suppress(Killed):
                super().drain()
            sys.settrace(None)
        super().drain()

    def _reach_sql(self, *_: object) -> None:
        if self.net.now_ms < self.sql_back_ms:
            raise OperationalError("", {}, Exception("away"))

    def _enter(self, frame: FrameType, event: str, _: object) -> Any:
        return self._line if frame.f_code.co_filename.startswith(OURS) else None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        self._lines_left -= event == "line"
        if self._lines_left > 0:
            return self._line
        sys.settrace(None)
        self._lines_left = 0
        self.harmed["killed at a line"] += 1
        raise Killed

    def harm(self, luck: random.Random) -> None:
        """Something goes wrong, more often the small things."""
        deed = luck.choices(["line", "answer", "lost job", "wiped", "no sql"], [10, 5, 5, 2, 2])[0]
        if deed == "line":
            self.die_after(luck.randrange(1, 1_500))
            return
        self.harmed[deed] += 1
        if deed == "answer":
            self.http.kills = True
        elif deed == "lost job":
            self.loses_jobs = True
        elif deed == "wiped":
            self.wipe(recorded=luck.random() < 0.5 and self.recording)
        else:
            self.lose_sql(luck.uniform(5, 60))


@dataclass(frozen=True)
class Promised:
    """A person and what they were told: which call, from whom, what they are like, between when and when (UTC ms)."""

    sid: str
    number: str
    kind: str
    said: Window


def promised(world: UnsafeWorld, index: int, eight_ms: int, luck: random.Random) -> Promised:
    """A caller who was promised a call within hours, in half an hour of today or of tomorrow morning, or at eight."""
    center, now_ms = world.center, world.net.now_ms
    sid, number, kind = f"CA{index:032x}", f"{NUMBERS}{index:04d}", dict(enumerate(TWENTY)).get(index % 20, "lifts")
    call = Call(call=sid, caller=number, called="+18005550100", country="IN", language="en", received_ms=now_ms)
    queue = "sales" if kind == "rings in" else luck.choice(["sales", "support", "billing"])
    place = standing(center, queue, "en", {"lang:en": 1}, number, 0)
    center.live.settle(lambda: lifecycle.arrive(call, 3_000, now_ms, now_ms), now_ms)
    center.live.settle(lambda: lifecycle.enqueue(center.live.call(sid) or call, place, now_ms), now_ms)
    said = _window(kind, now_ms, eight_ms, luck)
    calling_back.promise(center, center.live.call(sid) or call, said, later=said.from_ms > now_ms)
    center.live.memories.keep_called(number, now_ms)
    world.net.person(number, FIRST[kind], country="IN")
    return Promised(sid, number, kind, said)


def _window(kind: str, now_ms: int, eight_ms: int, luck: random.Random) -> Window:
    slots = range(eight_ms - 6 * HOUR_MS, eight_ms, HALF_HOUR_MS)
    nine_ms = eight_ms + 13 * HOUR_MS
    when = (
        "tomorrow" if kind == "rings in" else luck.choices(["soon", "slot", "evening", "tomorrow"], [70, 20, 5, 5])[0]
    )
    if when == "soon":
        return Window(now_ms, now_ms + luck.randrange(1, 9) * HALF_HOUR_MS)
    from_ms = {
        "slot": luck.choice(slots),
        "evening": eight_ms - HALF_HOUR_MS,
        "tomorrow": nine_ms + luck.randrange(6) * HALF_HOUR_MS,
    }[when]
    return Window(from_ms, from_ms + HALF_HOUR_MS)
