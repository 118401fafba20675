"""The whole service and the phone network in one process, on a clock that the test owns.

Everything is real but time: Valkey, SQL, RQ's queues, the webhooks, Twilio's SDK. Nothing sleeps. One event of the
network is delivered, then job queues, ticker and recorder are drained until idle, then the clock jumps to the next due
time on either side.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

import redis
from flask import Flask
from pydantic import SecretStr
from rq.job import Job
from rq.serializers import JSONSerializer
from twilio.http import HttpClient
from twilio.http.response import Response
from werkzeug.test import Client

import webhooks
from adapters.carrier import connect
from adapters.history import History
from adapters.job_queues import JobQueues
from adapters.live import Live
from center import Center, Settings, read_plan
from ivr.flow import Flow
from queues import agent_moves, dispatch, ticker, worker
from queues.plan import Plan
from queues.recorder import record_once
from queues.records import Call
from simulator import Leg, Network

START_MS = 1_793_000_000_000
OURS = "+18005550100"
BASE = "http://center.test"
ACCOUNT = "AC" + "1" * 32


class Inline(Executor):
    """A pool that waits: what is submitted has happened."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **options))
        return done


class InProcess(HttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's requests, answered by the simulated network's WSGI face."""

    def __init__(self, app: Any) -> None:
        super().__init__(None, False, None)
        self.client = Client(app)

    def request(
        self,
        method: str,
        uri: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: Any = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = urlsplit(uri)
        query = urlencode(params or {}, doseq=True)
        answer = self.client.open(
            parts.path, method=method.upper(), query_string=query, data=data, headers=dict(headers or {}), auth=auth
        )
        return Response(answer.status_code, answer.get_data(as_text=True), dict(answer.headers))

    def fetch(self, url: str, auth: tuple[str, str]) -> tuple[int, bytes]:
        answer = self.client.get(urlsplit(url).path, auth=auth)
        return answer.status_code, answer.get_data()


@cache
def _plan_and_flow() -> tuple[Plan, Flow]:
    return read_plan(Settings(_env_file=None))


def changed(plan: Plan, changes: Mapping[str, Any]) -> Plan:
    """The example center with some entries set, each named by its path: `queues.sales.rule`."""
    tree = plan.model_dump(exclude_unset=True)
    for path, value in changes.items():
        *folders, name = path.split(".")
        part = tree
        for folder in folders:
            part = part.setdefault(folder, {})
        part[name] = value
    return Plan.model_validate(tree)


class World:
    """One center, one network, one clock."""

    def __init__(self, redis_url: str, database_url: str, changes: Mapping[str, Any] = MappingProxyType({})) -> None:
        settings = Settings(
            _env_file=None,
            public_url=BASE,
            redis_url=redis_url,
            database_url=database_url,
            secret_key=SecretStr("test"),
            api_token=SecretStr("token"),
            simulator_url="http://network.test",
            twilio_account_sid=ACCOUNT,
            twilio_auth_token=SecretStr("secret"),
            twilio_caller_id=OURS,
        )
        self.net = Network(ACCOUNT, "secret", now_ms=START_MS, send=self._send, base_url="https://api.twilio.com")
        plan, flow = _plan_and_flow()
        plan = changed(plan, changes) if changes else plan
        self.client = redis.Redis.from_url(redis_url, decode_responses=True)
        self.client.flushall()
        jobs = JobQueues(redis_url)
        self.center = Center(
            settings=settings,
            plan=plan,
            flow=flow,
            live=Live(self.client, plan, jobs.wake_dispatch),
            jobs=jobs,
            history=History(database_url),
            carrier=connect(ACCOUNT, (ACCOUNT, "secret"), "", InProcess(self.net.app)),
            now_ms=lambda: self.net.now_ms,
            pool=Inline(),
        )
        app = Flask("stories", static_folder=None)
        webhooks.hang(app, self.center)
        self.app = app
        self.web = Client(app)
        self.net.number(OURS, f"{BASE}/voice/incoming", f"{BASE}/voice/fallback", f"{BASE}/voice/status")
        self._was = worker.center
        worker.center = lambda: self.center
        dispatch.stopping.set()  # a job that stays would wait for a clock that only the story moves
        self.recording = True
        self._unreachable: list[str] = []

    def _send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], limits: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        parts = urlsplit(url)
        if self._unreachable and self._unreachable[0] == parts.path:
            self._unreachable.pop(0)
            raise ConnectionRefusedError(url)
        answer = self.web.open(
            parts.path, base_url=BASE, method=method, query_string=parts.query, data=body, headers=headers
        )
        return answer.status_code, dict(answer.headers), answer.get_data()

    def unreachable(self, path: str, times: int) -> list[str]:
        """The next so many requests to this path find nobody listening. Returns those that are still to come."""
        self._unreachable = [path] * times
        return self._unreachable

    def close(self) -> None:
        """Give the jobs of this process back to whoever had them."""
        worker.center = self._was
        dispatch.stopping.clear()

    # -- people ---------------------------------------------------------------------------------------------------

    def agent(self, name: str, script: str = "answer@2rings, press 1 on gather, hang up after 30s of talk") -> None:
        """An agent of the example center is available, and whoever is at their line does as scripted."""
        plan = self.center.plan.agents[name]
        self.net.person(plan.line, script, country=self.center.plan.agent_country(name))
        if plan.on_browser:
            agent_moves.device_seen(self.center, name)
        agent_moves.choose_status(self.center, name, "available")

    def stands_by(self, name: str) -> Leg:
        """A browser agent calls in and stands on their line for the shift."""
        self.net.application(voice_url=f"{BASE}/voice/client")
        leg = self.net.place_call(self.center.plan.agents[name].line, OURS, "wait")
        agent_moves.choose_status(self.center, name, "available")
        self.run(2)
        return leg

    def call(self, script: str = "press 1 on gather, press 1 on gather, wait", from_: str = "+14155550123") -> Leg:
        """A caller rings our number: by default English, then sales."""
        return self.net.place_call(from_, OURS, script)

    # -- time -----------------------------------------------------------------------------------------------------

    def drain(self) -> None:
        """Run jobs, due times and the recorder until nothing is left to do at this instant."""
        for _ in range(1000):
            busy = self._run_jobs() + ticker.tick(self.center)
            busy += record_once(self.center) if self.recording else 0
            if not busy:
                return
        raise AssertionError("the service does not come to rest")

    def _run_jobs(self) -> int:
        count = 0
        for name in ("dispatch", "errands"):
            queue = self.center.jobs.queue(name)
            while queue.count:
                job_id = queue.pop_job_id() or ""
                job = Job.fetch(job_id, connection=queue.connection, serializer=JSONSerializer)
                job.perform()
                job.delete()
                count += 1
        return count

    def step(self, until_ms: int) -> bool:
        """One event, on whichever side is first; False when nothing is due by `until_ms`."""
        self.drain()
        network_ms, ours_ms = self.net.next_due_ms(), self.center.live.dues.next_ms()
        next_ms = min((ms for ms in (network_ms, ours_ms) if ms is not None), default=None)
        if next_ms is None or next_ms > until_ms:
            self.net.advance_to(until_ms)
            self.drain()
            return False
        if network_ms == next_ms:
            self.net.run_next()
        else:
            self.net.advance_to(max(next_ms, self.net.now_ms))
        return True

    def run(self, seconds: float = 120, until: Callable[[], object] = lambda: False) -> None:
        """Let time pass, event by event, for so long or until something is true."""
        end_ms = self.net.now_ms + round(seconds * 1000)
        while not until() and self.step(end_ms):
            pass
        self.drain()

    def until_ended(self, *legs: Leg, seconds: float = 600) -> None:
        """Until these calls are complete, wrap-up and all."""

        def complete() -> bool:
            calls = [self.center.live.call(leg.sid) for leg in legs]
            return all(leg.ended for leg in legs) and all(call is None or call.status == "ended" for call in calls)

        self.run(seconds, complete)
        assert complete(), [(leg.sid, leg.status, self.center.live.call(leg.sid)) for leg in legs]

    # -- what came of it ------------------------------------------------------------------------------------------

    def live(self, leg: Leg) -> Call:
        """The call as it is in Redis now."""
        call = self.center.live.call(leg.sid)
        assert call is not None, "the call is not known"
        return call

    def status(self, leg: Leg) -> str:
        """The call's live status; empty before its first webhook."""
        call = self.center.live.call(leg.sid)
        return call.status if call else ""

    def record(self, leg: Leg) -> dict[str, Any]:
        """The call as the record in SQL has it."""
        self.drain()
        found = self.center.history.call(leg.sid, self.net.now_ms)
        assert found is not None, "the call is not in the record"
        return found

    def marks(self, leg: Leg) -> list[str]:
        """The names of the call's marks, in order."""
        return [mark["name"] for mark in self.record(leg)["marks"]]

    def offers(self, leg: Leg) -> list[tuple[str, str]]:
        """(agent, outcome) of each offer, in order."""
        return [(offer["agent"], offer["outcome"]) for offer in self.record(leg)["offers"]]

    def said(self, leg: Leg) -> list[str]:
        """What a leg was told, in order."""
        return [heard.text for heard in leg.heard if heard.kind == "say"]
