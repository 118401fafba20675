"""Two dispatch workers at once, real processes on a real Redis: no pair is ever made twice, and none waits long."""

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import redis
from honcho.environ import parse_procfile
from rq import Worker

from adapters.job_queues import DISPATCH, JobQueues
from adapters.live import Live
from benches.wire import loop_in_thread, receive
from launch.processes import Processes
from launch.variables import free_port
from queues.plan import Plan, load_plan
from tests.chaos.center import HOUSE, center_of, environment
from tests.dispatch.shift import PhoneEnd, Shift
from tests.dispatch.stream_replay import StreamReplay
from tests.oracle.short_wire import ShortWire
from tests.sizes import sized

AGENTS = 50
CALLS, LONG_CALLS = 1_200, 5_000
SEED = 20261122
P99_MS = 250
WORKERS = ("first", "second")


@pytest.fixture
def plan() -> Plan:
    center = center_of(AGENTS, callers=0)
    center["limits"]["calls_per_second"] = 1000
    return load_plan(json.dumps(center), "center.yaml")


@pytest.fixture
def phones() -> PhoneEnd:
    return PhoneEnd()


@pytest.fixture
def shift(redis_url: str, redis_client: redis.Redis, plan: Plan, phones: PhoneEnd, tmp_path: Path) -> Iterator[Shift]:
    """The workers run, and wait for the first call."""
    port = free_port()
    center = plan.model_dump(mode="json", exclude_unset=True)
    told = {"TWILIO_API_BASE_URL": f"http://127.0.0.1:{port}", "SIMULATOR_URL": ""}
    processes = Processes(environment(tmp_path, redis_url, center) | told, tmp_path / "logs")
    line = parse_procfile((HOUSE / "Procfile").read_text()).processes["worker_dispatch"]
    jobs, wire = JobQueues(redis_url), ShortWire(redis_url)
    with loop_in_thread() as run:
        run(receive(port, phones.answer))
        try:
            for name in WORKERS:
                processes.start(name, line)
            while Worker.count(queue=jobs.queue(DISPATCH)) < len(WORKERS):
                processes.need_alive()
            yield Shift(Live(wire, plan, jobs.wake_dispatch), phones, Random(SEED))
        finally:
            wire.close()
            processes.stop()


@pytest.mark.timeout(120)
def test_two_workers_never_offer_anybody_twice_and_no_pair_waits_long(
    shift: Shift, plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    shift.begin(list(plan.agents))
    calls = sized(CALLS, LONG_CALLS)
    shift.play(calls, patience_s=100)
    replay = StreamReplay(plan).play(shift.live.client.xrange("tr:events"))
    assert replay.doubled == []
    assert len(replay.ends) == calls == sum(replay.ends.values())
    assert len(replay.delays_ms) > calls
    p50_ms, p99_ms = (statistics.quantiles(replay.delays_ms, n=100)[at] for at in (49, 98))
    with capsys.disabled():
        sys.stdout.write(f"\n{len(replay.delays_ms)} offers by two workers: p50 {p50_ms:.0f} ms, p99 {p99_ms:.0f} ms\n")
    # A short run is mostly the workers' first second: it tells the figure and judges the middle.
    assert sized(p50_ms, p99_ms) < P99_MS


def test_second_offer_to_an_agent_or_of_a_call_is_seen(plan: Plan) -> None:
    """The replay itself: of these offers the second and the third should not have been."""
    first, second = list(plan.agents)[:2]
    line = {"queue": "billing", "needs": "billing=1"}
    told = [
        *(
            {"name": "agent_status", "agent": agent, "status": "available", "activity": "idle"}
            for agent in (first, second)
        ),
        *({"name": "enqueued", "call": call} | line for call in ("CA1", "CA2")),
        {"name": "offered", "call": "CA1", "agent": first, "offer": "1"},
        {"name": "offered", "call": "CA2", "agent": first, "offer": "2"},
        {"name": "offered", "call": "CA1", "agent": second, "offer": "3"},
    ]
    replay = StreamReplay(plan).play((f"{number}-0", event) for number, event in enumerate(told, 1))
    assert (replay.doubled, replay.delays_ms) == ([("CA2", first), ("CA1", second)], [2])
