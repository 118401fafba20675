"""The world of the stories with parts that can die: jobs that get lost, workers killed in the middle, Redis wiped.

RQ's queues are a list here, because what is tested is what our own state makes of a job, a lost one included.
"""

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from twilio.http.response import Response

from adapters.carrier import connect
from adapters.job_queues import JobQueues
from adapters.live import Live
from queues import ticker, worker
from queues.dispatch import dispatch
from queues.recorder import record_once
from simulator import Faults
from tests.stories.world import ACCOUNT, InProcess, World

HEAL_EVERY_MS = 1_000
REPEATED_WITHIN_MS = 30_000
NOTICED_MS = 2_500


class Killed(BaseException):
    """The process that was doing this is gone."""


class Wishes(JobQueues):
    """The jobs asked for and not yet run."""

    def __init__(self) -> None:
        self.wanted: list[str] = []

    def wake_dispatch(self) -> None:
        self.wanted.append("dispatch_round")

    def errand(self, name: str) -> None:
        self.wanted.append(name)


class MortalPool(Executor):
    """Does what is submitted at once, unless its worker has been killed before or while doing it."""

    def __init__(self) -> None:
        self.dead = False

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            if self.dead:
                raise Killed
            done.set_result(work(*args, **options))
        except Killed as death:
            self.dead = True
            done.set_exception(death)
        return done


class MortalHttp(InProcess):
    """The way to the phone network. `kills`: the next request is carried out, but nobody lives to see the answer."""

    kills = False

    def request(self, *args: Any, **options: Any) -> Response:
        answer = super().request(*args, **options)
        if self.kills:
            self.kills = False
            raise Killed
        return answer


class MortalWorld(World):
    """A world whose workers die and come back, and whose ticker heals once a second as in service."""

    def __init__(self, redis_url: str, database_url: str, changes: Mapping[str, Any] = MappingProxyType({})) -> None:
        super().__init__(redis_url, database_url, changes)
        self.wishes, self.mortal_pool, self.http = Wishes(), MortalPool(), MortalHttp(self.net.app)
        self.center = replace(
            self.center,
            live=Live(self.client, self.center.plan, self.wishes.wake_dispatch),
            jobs=self.wishes,
            carrier=connect(ACCOUNT, (ACCOUNT, "secret"), "", self.http),
            pool=self.mortal_pool,
        )
        self.app.extensions["center"] = self.center
        self.recording = False
        self.heal_at_ms: int | None = self.net.now_ms
        self.loses_jobs, self.jobs_lost_ms = False, 0
        self.webhooks: list[tuple[int, tuple[str, str, bytes, dict[str, str]]]] = []
        self.failures: list[tuple[str, int]] = []

    def _send(self, method: str, url: str, body: bytes, headers: dict[str, str], limits: Any) -> tuple[int, Any, bytes]:
        answer = super()._send(method, url, body, headers, limits)
        self.webhooks.append((self.net.now_ms, (method, url, body, headers)))
        if answer[0] >= 400:
            self.failures.append((url, answer[0]))
        return answer

    def again(self, back: int) -> None:
        """Deliver an earlier webhook once more (1 is the last), unless it is older than Twilio would repeat it."""
        at_ms, request = self.webhooks[-back]
        if self.net.now_ms - at_ms <= REPEATED_WITHIN_MS:
            super()._send(*request, None)

    @property
    def jobs_lost(self) -> bool:
        """A job was lost so lately that the ticker may not have noticed."""
        return self.net.now_ms - self.jobs_lost_ms < NOTICED_MS

    def settle_down(self) -> None:
        """The network is well again, nothing more gets lost, and agents on plain phones take what comes."""
        self.net.faults = Faults()
        self.loses_jobs = self.http.kills = False
        for leg in list(self.net.exchange.legs.values()):
            self.net.hang_up(leg.sid)
        for name, plan in self.center.plan.agents.items():
            if not plan.on_browser:
                self.agent(name, "answer@1ring, press 1 on gather")

    def come_to_rest(self, seconds: float) -> None:
        """The network is well again, everybody hangs up, and time passes until nothing but memories is left."""
        self.net.faults = Faults()
        self.loses_jobs = self.http.kills = False
        for leg in list(self.net.exchange.legs.values()):
            self.net.hang_up(leg.sid)
        end_ms = self.net.now_ms + round(seconds * 1000)
        while self.net.now_ms < end_ms and (self.center.live.calls() or self._duties()):
            self.run(ticker.SWEEP_EVERY_MS / 1000, lambda: not self.center.live.calls() and not self._duties())
        self.sweep()
        self.run(ticker.SWEEP_EVERY_MS / 1000)
        self.sweep()

    def sweep(self) -> None:
        """What the ticker asks for once a minute."""
        self.wishes.errand("sweep")
        self.drain()

    def _duties(self) -> int:
        """Due times and orders that are not about forgetting."""
        dues = self.client.zrange("tr:due", 0, -1)
        return int(self.client.zcard("tr:orders")) + sum(not str(due).startswith(("forget:", "stand:")) for due in dues)

    def wipe(self, recorded: bool) -> None:
        """Redis is empty from one moment to the next; `recorded`: the recorder had kept up till then."""
        if recorded:
            while record_once(self.center):
                pass
        self.client.flushall()
        self.net.advance_to(self.net.now_ms + 10)  # offers are numbered from the clock, which does not stand still
        self.stir()

    def close(self) -> None:
        """Let go of the connections."""
        self.center.history.close()
        self.client.close()

    def _run_jobs(self) -> int:
        count = 0
        if self.loses_jobs and self.wishes.wanted:
            self.loses_jobs, self.jobs_lost_ms = False, self.net.now_ms
            self.wishes.wanted.clear()
        while self.wishes.wanted:
            name, self.mortal_pool.dead = self.wishes.wanted.pop(0), False
            if name == "dispatch_round":
                dispatch(self.center)
            else:
                with contextlib.suppress(Killed):
                    getattr(worker, name)()
            count += 1
        return count

    def step(self, until_ms: int) -> bool:
        """As in a story, and what the ticker does once a second is done a second after something happened."""
        self.drain()
        next_ms = max(self.net.now_ms, min(self._looked_at(), default=until_ms + 1))
        if next_ms > until_ms:
            self.net.advance_to(until_ms)
            self.drain()
            return False
        if self.heal_at_ms is not None and self.heal_at_ms <= next_ms:
            self._heal(next_ms)
            return True
        if self.net.next_due_ms() == next_ms:
            self.net.run_next()
        else:
            self.net.advance_to(next_ms)
        self.stir()
        return True

    def stir(self) -> None:
        """Something happened, so that the ticker may find something to heal."""
        if self.heal_at_ms is None:
            self.heal_at_ms = self.net.now_ms + HEAL_EVERY_MS

    def _looked_at(self) -> list[int]:
        """When something happens next on each side. What is due and has no job is looked at again by the next tick."""
        ours_ms = self.center.live.dues.next_ms()
        if ours_ms is not None and ours_ms <= self.net.now_ms:
            ours_ms = self.net.now_ms + ticker.LONGEST_SLEEP_MS
        return [ms for ms in (self.net.next_due_ms(), ours_ms, self.heal_at_ms) if ms is not None]

    def _heal(self, now_ms: int) -> None:
        self.net.advance_to(now_ms)
        ticker.heal(self.center)
        quiet = not (self.wishes.wanted or self.client.exists("tr:causes"))
        self.heal_at_ms = None if quiet else now_ms + HEAL_EVERY_MS
