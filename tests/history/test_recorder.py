"""The recorder process: nothing is lost and nothing is twice, whatever is killed, away or broken around it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, cast

import pytest
import redis

from adapters.event_stream import EVENTS, LIFE, EventStream
from adapters.history import History
from center import Center, assemble, read_settings
from launch.valkey import find_server
from queues.plan import Plan
from queues.recorder import record_once, run
from tests.conftest import free_port
from tests.history.told import CALL, WHOLE_CALL, entries

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def center(redis_client: redis.Redis, redis_url: str, database_url: str) -> Iterator[Center]:
    center = assemble(read_settings(redis_url=redis_url, database_url=database_url))
    yield center
    center.history.close()


def happen(client: redis.Redis, text: str, call: str = CALL, life: str = "first") -> None:
    """Put events on the stream as a commit does."""
    with client.pipeline() as commit:
        commit.set(LIFE, life, nx=True)
        for _, fields in entries(text, call):
            commit.xadd(EVENTS, cast(Any, fields))
        commit.execute()


def test_stream_is_recorded_and_let_go(center: Center, redis_client: redis.Redis) -> None:
    happen(redis_client, WHOLE_CALL)

    assert (record_once(center, limit=15), record_once(center), record_once(center)) == (15, 5, 0)

    assert (center.history.call(CALL, 300_000) or {})["status"] == "ended"
    assert center.live.stream.length() == 1


def test_recorder_killed_before_it_let_go_reads_again_and_changes_nothing(
    center: Center, redis_client: redis.Redis, plan: Plan
) -> None:
    happen(redis_client, WHOLE_CALL)
    life, read = center.live.stream.after("0", 500)
    center.history.record(read, plan, life)
    before = center.history.call(CALL, 300_000)

    assert record_once(center) == 0

    assert center.history.call(CALL, 300_000) == before
    assert len((before or {})["marks"]) == 16


def test_emptied_redis_is_read_from_its_new_beginning_and_the_loss_is_shown(
    center: Center, redis_client: redis.Redis
) -> None:
    happen(redis_client, "received 1000\nenqueued 2000 queue=support")
    record_once(center)
    redis_client.flushall()
    # A clock set back in between: the new stream's numbers are smaller than the recorded ones.
    redis_client.set(LIFE, "second")
    for stream_id, fields in entries("restored 60000 queue=support enqueued_ms=2000"):
        redis_client.xadd(EVENTS, cast(Any, fields), id=stream_id)

    assert record_once(center) == 1

    assert center.history.gaps() == [{"from_ms": 2000, "to_ms": 60_000}]
    assert center.history.position("second") == "1-0"


def test_redis_emptied_between_two_questions_is_noticed(center: Center, redis_client: redis.Redis) -> None:
    happen(redis_client, "received 1000\nenqueued 2000 queue=support")
    record_once(center)
    center.live.stream = EmptiedBehindOurBack(redis_client)

    assert record_once(center) == 1

    assert center.history.gaps() == [{"from_ms": 2000, "to_ms": 60_000}]


class EmptiedBehindOurBack(EventStream):
    """A stream that is lost, and begun anew with smaller numbers, right after it was asked for its life."""

    def life(self) -> str:
        known = super().life()
        if known == "first":
            self._client.flushall()
            self._client.set(LIFE, "second")
            self._client.xadd(EVENTS, {"name": "restored", "call": CALL, "at_ms": "60000"}, id="1-0")
        return known


def test_bytes_that_are_no_text_do_not_stop_the_recorder(center: Center, redis_client: redis.Redis) -> None:
    redis_client.xadd(EVENTS, {b"name": b"greeted\xff", b"at_ms": b"1\xff"})
    happen(redis_client, "received 1000")

    assert record_once(center) == 2

    assert [row["reason"] for row in center.history.set_aside()] == ["greeted\ufffd without call"]
    assert center.history.call(CALL, 2000) is not None


def test_calls_go_on_while_sql_is_down_and_are_recorded_once_it_is_back(
    redis_client: redis.Redis, redis_url: str, empty_database_url: str
) -> None:
    center = assemble(read_settings(redis_url=redis_url, database_url=empty_database_url))
    with recording(center):
        happen(redis_client, WHOLE_CALL)
        time.sleep(0.3)
        assert center.live.stream.length() == 20
        assert "recorder" not in center.live.beats()

        center.history.upgrade()

        until(lambda: (center.history.call(CALL, 300_000) or {}).get("status") == "ended")
        until(lambda: "recorder" in center.live.beats())
    center.history.close()


def test_recorder_outlives_a_restart_of_redis(sqlite_url: str, tmp_path: Path) -> None:
    port = free_port()
    center = assemble(read_settings(redis_url=f"redis://127.0.0.1:{port}/0", database_url=sqlite_url))
    with recording(center):
        for call in ("CAbefore", "CAafter"):
            with a_redis(port, tmp_path):
                until(center.live.ping)
                happen(center.live.client, "received 1000", call)
                until(partial(center.history.call, call, 2000))
    assert center.history.gaps() == []


def test_killed_recorder_process_loses_nothing_and_stops_cleanly_when_asked(
    redis_client: redis.Redis, redis_url: str, sqlite_url: str
) -> None:
    for call in range(40):
        happen(redis_client, WHOLE_CALL, f"CA{call:03}")
    history = History(sqlite_url)
    environ = os.environ | {"REDIS_URL": redis_url, "DATABASE_URL": sqlite_url, "LOG_LEVEL": "INFO"}

    first = start_recorder(environ)
    until(lambda: history.position() != "0")
    first.kill()
    first.wait()
    for call in range(40, 60):
        happen(redis_client, WHOLE_CALL, f"CA{call:03}")
    second = start_recorder(environ)
    until(lambda: history.call("CA059", 300_000) is not None)
    second.terminate()
    output, _ = second.communicate(timeout=10)

    calls = history.calls(limit=100)
    assert sorted(call["call"] for call in calls) == [f"CA{call:03}" for call in range(60)]
    assert {call["status"] for call in calls} == {"ended"}
    assert {len((history.call(call["call"], 300_000) or {})["marks"]) for call in calls} == {16}
    assert second.returncode == 0
    assert '"event":"stopped"' in output


@contextmanager
def recording(center: Center) -> Iterator[None]:
    """The recorder's loop beside the test."""
    stop = Event()
    thread = Thread(target=run, args=(center, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def until(true: Callable[[], object], seconds: float = 15) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def a_redis(port: int, folder: Path) -> Iterator[None]:
    """A Redis that keeps what it has in `folder`."""
    command = [find_server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()


def start_recorder(environ: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "queues.recorder"]
    return subprocess.Popen(command, cwd=HOUSE, env=environ, stdout=subprocess.PIPE, text=True)
