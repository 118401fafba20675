"""A busy day in a minute: callers of every kind ring, agents take calls, and what may go wrong does, one after another.

What the test needs to know afterwards is gathered on the way: the oldest overdue state, and every event that went into
the stream, by the life of Redis in which it did.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import redis

from adapters.history import History
from adapters.job_queues import JobQueues
from adapters.live import Live
from queues.plan import Plan
from tests.chaos.center import OURS, caller_of
from tests.chaos.service import Service

HURRY_EVERY_S = 4.0

TAKES = "answer@0.3s, press 1 on gather, hang up after 1s of talk"
PEOPLE = (*[TAKES] * 9, "answer@0.3s, press 1 on gather", "answer@0.3s, press 2 on gather", "decline@1s")
# What callers do once a language is chosen, and how many of twenty do it.
CALLERS = (
    *["press {queue} on gather, hang up after 1s of talk"] * 10,
    *["press {queue} on gather, hang up at {soon}s"] * 3,
    *["hang up at {soon}s"] * 7,
)
MOST_AT_ONCE = 90
PACE_S = 0.03
FAULTS = {
    "doubled": 0.1,
    "late": 0.1,
    "late_ms": 900,
    "post_dial_delay_ms": 50,
    "reordered": 0.05,
    "repeated_requests": 0.05,
    "refused": 0.02,
    "lost": 0.02,
    "rest_error_rate": 0.05,
    "rest_lost_answers": 5,
}
CALM: dict[str, object] = dict.fromkeys(FAULTS, 0)


@dataclass
class Day:
    """The service, its Redis and plan, and what was noticed while the day went on.

    `crowded` names the conferences in which the network saw more than a caller and an agent.
    """

    service: Service
    client: redis.Redis
    plan: Plan
    luck: random.Random
    placed: list[str] = field(default_factory=list)
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    crowded: set[str] = field(default_factory=set)
    worst_overdue_ms: int = 0
    wiped_ms: int = 0

    def __post_init__(self) -> None:
        self.live = Live(self.client, self.plan, lambda: None)
        self.jobs = JobQueues(self.service.redis_url)
        self.history = History(self.service.environ["DATABASE_URL"])
        self._over = threading.Event()
        self._watchers = [threading.Thread(target=work, daemon=True) for work in (self._listen, self._look)]

    def __enter__(self) -> "Day":
        for watcher in self._watchers:
            watcher.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        for watcher in self._watchers:
            watcher.join()
        self.history.close()

    # -- what happens ---------------------------------------------------------------------------------------------

    def agents_come(self) -> None:
        """Every agent is available, and somebody is at their phone."""
        for number, (name, agent) in enumerate(self.plan.agents.items()):
            self.service.network("PUT", f"/people/{agent.line}", {"script": PEOPLE[number % len(PEOPLE)]})
            self.service.api("PUT", f"/agents/{name}/status", {"status": "available", "reason": None})

    def run(self, calls: int, deaths: Sequence[str], faults: Callable[[], Mapping[str, float]]) -> None:
        """So many calls, never more than MOST_AT_ONCE, and `deaths` spread over them, each with other faults after it.

        Half way Redis is emptied.
        """
        moments = {round(calls * (number + 1) / (len(deaths) + 1)): name for number, name in enumerate(deaths)}
        self.service.network("PUT", "/faults", faults())
        while len(self.placed) < calls:
            time.sleep(PACE_S)
            if self.client.scard("tr:calls") >= MOST_AT_ONCE:
                continue
            self._call()
            if name := moments.get(len(self.placed)):
                self.service.kill(name)
                self.service.network("PUT", "/faults", faults())
            if len(self.placed) == calls // 2:
                self.client.flushall()
                self.wiped_ms = time.time_ns() // 1_000_000
        self.service.network("PUT", "/faults", CALM)

    def _call(self) -> None:
        """A caller of whom the center knows the language, or one who has to choose it first."""
        number = len(self.placed)
        script = self.luck.choice(CALLERS).format(queue=self.luck.choice("13"), soon=self.luck.randint(1, 4))
        if caller_of(number) not in self.plan.callers:
            script = f"press 1 on gather, {script}"
        body = {"from": caller_of(number), "to": OURS, "script": script}
        self.placed.append(self.service.network("POST", "/calls", body)["call"])

    # -- the evening ----------------------------------------------------------------------------------------------

    def come_to_rest(self, patience_s: float) -> None:
        """Nobody calls any more. Looks at the carrier that are due within minutes are asked for now."""
        began_s = hurried_s = time.monotonic()
        while left := self.left():
            time.sleep(0.25)
            now_s = time.monotonic()
            assert now_s - began_s < patience_s, left
            if now_s - hurried_s > HURRY_EVERY_S:
                hurried_s = now_s
                self._hurry()

    def left(self) -> list[str]:
        """What is not over: calls, duties and orders of ours, legs of the network."""
        dues = [str(due) for due in self.client.zrange("tr:due", 0, -1) if not str(due).startswith("forget:")]
        legs = [leg["call"] for leg in self.service.network("GET", "/legs?live=true")["legs"]]
        calls = [f"{call.call} {call.status}" for call in self.live.calls()]
        unended = [row["call"] for row in self.history.open_calls(time.time_ns() // 1_000_000)]
        return [*calls, *dues, *map(str, self.client.zrange("tr:orders", 0, -1)), *legs, *unended]

    def _hurry(self) -> None:
        now_ms = time.time_ns() // 1_000_000
        for due in self.client.zrange("tr:due", 0, -1):
            if str(due).startswith("check:"):
                self.client.zadd("tr:due", {str(due): now_ms}, lt=True)
        self.jobs.errand("sweep")

    # -- what is noticed ------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Keep every event, as it goes into the stream. Its numbers come from the clock, so they grow over a wipe."""
        last = "0"
        while not self._over.wait(0.05):
            entries: Any = self.client.xrange("tr:events", f"({last}", "+")
            self.told += entries
            last = entries[-1][0] if entries else last

    def _look(self) -> None:
        while not self._over.wait(0.2):
            now_ms = time.time_ns() // 1_000_000
            self.worst_overdue_ms = max(self.worst_overdue_ms, self.live.dues.oldest_overdue_ms(now_ms))
            rooms = self.service.network("GET", "/state")["conferences"]
            self.crowded |= {room["name"] for room in rooms if len(room["participants"]) > 2}
