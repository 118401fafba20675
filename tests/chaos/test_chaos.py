"""A day on which everything goes wrong, with the real processes: no call is lost, none doubled, nothing stays stuck."""

import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import create_engine, text

from queues.plan import load_plan
from tests.chaos.center import center_of
from tests.chaos.day import FAULTS, Day
from tests.chaos.service import KILLED_IN_TURN, Service

AGENTS = 80
# A killed ticker is back within a second and has to start, on a machine that is busy with all the others; then
# everything that is overdue is moved on at once.
OVERDUE_MS = 15_000
# From the last event that the recorder had saved to the first of the new life of Redis.
GAP_MS = 15_000
# An event is in the stream a little after the moment that it tells of.
LEEWAY_MS = 1_000


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Behind `bin/test --long`: ten times the calls, another order of deaths and other faults each time."""
    return bool(request.config.getoption("--hypothesis-profile") == "long")


@pytest.fixture
def luck(is_long: bool, capsys: pytest.CaptureFixture[str]) -> random.Random:
    seed = random.randrange(1_000_000) if is_long else 20261122
    with capsys.disabled():
        sys.stdout.write(f"\nchaos with seed {seed}\n")
    return random.Random(seed)


@pytest.fixture
def day(
    redis_url: str, redis_client: redis.Redis, sqlite_url: str, tmp_path: Path, luck: random.Random, is_long: bool
) -> Iterator[Day]:
    service = Service(tmp_path, redis_url, center_of(AGENTS, callers_of(is_long)))
    assert service.environ["DATABASE_URL"] == sqlite_url
    plan = load_plan(json.dumps(service.center), "center.yaml")
    try:
        service.start()
        with Day(service, redis_client, plan, luck) as day:
            yield day
    finally:
        service.stop()


def callers_of(is_long: bool) -> int:
    return 5_000 if is_long else 500


def faults_of(luck: random.Random) -> dict[str, float]:
    """Other faults: each up to twice as often, or as long, as in the short run."""
    return {name: type(much)(much * luck.random() * 2) for name, much in FAULTS.items()}


@pytest.mark.timeout(2400)
def test_no_call_is_lost_or_doubled_whatever_dies(day: Day, luck: random.Random, is_long: bool) -> None:
    deaths = [*KILLED_IN_TURN, *luck.choices(KILLED_IN_TURN, k=44 if is_long else 0)]
    if is_long:
        luck.shuffle(deaths)
    day.agents_come()
    day.run(callers_of(is_long), deaths, lambda: faults_of(luck) if is_long else FAULTS)
    day.come_to_rest(90)
    assert set(day.service.deaths) == set(KILLED_IN_TURN)
    assert_record_is_complete(day)
    assert_calls_ended_once(day)
    assert_people_were_not_doubled(day)
    assert day.worst_overdue_ms < OVERDUE_MS
    assert {agent.activity for agent in day.live.agents()} == {"idle"}


def assert_record_is_complete(day: Day) -> None:
    """Every event that went into the stream is in SQL, but the last before the wipe; and those are shown as a gap."""
    gaps = day.history.gaps()
    assert len(gaps) == 1
    assert gaps[0]["from_ms"] - LEEWAY_MS <= day.wiped_ms <= gaps[0]["to_ms"] + LEEWAY_MS
    assert gaps[0]["to_ms"] - gaps[0]["from_ms"] < GAP_MS
    kept = {f"{row.stream_ms}-{row.stream_seq}" for row in recorded(day, "SELECT stream_ms, stream_seq FROM events")}
    last_ms = min(row.ms for row in recorded(day, "SELECT max(stream_ms) AS ms FROM events GROUP BY life"))
    lost_ms = [int(stream_id.partition("-")[0]) for stream_id, _ in day.told if stream_id not in kept]
    assert [at_ms for at_ms in lost_ms if not last_ms <= at_ms <= day.wiped_ms] == []
    assert day.history.set_aside() == []


def assert_calls_ended_once(day: Day) -> None:
    """Each call has its one end in the record; but those that we answered in the gap, and of whom no more was told.

    Nor can a call be there that was over before anybody had answered: its caller heard nothing but the ringing.
    """
    rows = {row.call: row for row in recorded(day, "SELECT call, status, outcome FROM calls")}
    assert set(rows) <= set(day.placed)
    assert {row.status for row in rows.values()} == {"ended"}
    assert Counter(row.outcome for row in rows.values())["answered"] > len(rows) / 3
    legs = [day.service.network("GET", f"/calls/{sid}") for sid in day.placed if sid not in rows]
    gap = day.history.gaps()[0]
    heard = [leg for leg in legs if {heard["kind"] for heard in leg["heard"]} - {"ring"}]
    assert [leg for leg in heard if leg["answered_at_ms"] < gap["from_ms"] or leg["created_at_ms"] > day.wiped_ms] == []
    assert len(legs) < len(day.placed) / 20
    assert recorded(day, "SELECT call FROM events WHERE name = 'ended' GROUP BY call HAVING count(*) > 1") == []


def assert_people_were_not_doubled(day: Day) -> None:
    """As the network saw it: nobody was in two conversations at once, and no conference had a third."""
    talks: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for leg in day.service.network("GET", "/legs")["legs"]:
        began = [heard["at_ms"] for heard in leg["heard"] if heard["kind"] == "talk"]
        if began:
            talks[leg["line"]].append((min(began), leg["ended_at_ms"], leg["call"]))
    assert [
        (line, first, second)
        for line, spans in talks.items()
        for first, second in pairwise(sorted(spans))
        if second[0] < first[1]
    ] == []
    assert day.crowded == set()


def recorded(day: Day, query: str) -> list[Any]:
    """Rows of the record."""
    with create_engine(day.service.environ["DATABASE_URL"]).connect() as connection:
        return list(connection.execute(text(query)))
