"""Every night the days that are over are judged, once each, whatever comes between, and a day that was off is said."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from adapters import history_tables as tables
from adapters.history import History
from adapters.history_engine import open_engine
from center import Center
from queues import calibrating
from queues.plan import Plan

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
# 20 November 2026, midnight in Kolkata.
MIDNIGHT_MS = 1_795_113_000_000


@pytest.fixture
def night(history: History, plan: Plan) -> Callable[[float], Center]:
    """The parts that the errand uses, so many hours after that midnight."""

    def at(hours: float) -> Center:
        now_ms = MIDNIGHT_MS + round(hours * HOUR_MS)
        return cast(Center, SimpleNamespace(plan=plan, history=history, now_ms=lambda: now_ms))

    return at


@pytest.fixture
def told(history: History, database_url: str) -> Callable[..., None]:
    """Waits of so many ms, each told 50 to 100 ms at this hour after midnight."""

    def tell(hours: float, *waited_ms: int, outcome: str = "answered") -> None:
        at_ms = MIDNIGHT_MS + round(hours * HOUR_MS)
        rows = [_estimate(at_ms + number, wait_ms, outcome) for number, wait_ms in enumerate(waited_ms)]
        with open_engine(database_url).begin() as connection:
            connection.execute(insert(tables.estimates), rows)

    return tell


def _estimate(at_ms: int, wait_ms: int, outcome: str) -> dict[str, Any]:
    words = {"call": f"CA{at_ms}", "queue": "sales", "method": "queue_length", "news": "first", "outcome": outcome}
    times = {"at_ms": at_ms, "lo_ms": 50, "hi_ms": 100, "mean_ms": 60, "to_ms": at_ms + wait_ms}
    return words | times | dict.fromkeys(("ahead", "agents", "handle_ms", "patience_ms"), 0)


def kept(history: History) -> list[tuple[str, str, int, float | None]]:
    found = history.nights.between("2026-11-01", "2026-11-30")
    return [(row.day, row.queue, row.told, row.by_hi) for row in found if row.told]


def test_a_day_of_the_center_is_judged_at_three_in_the_night_after_it(
    history: History, night: Callable[[float], Center], told: Callable[..., None]
) -> None:
    told(-0.1, 500)  # the evening before
    told(0, 10, 200)
    told(23.9, 60, 70)
    calibrating.judge_nights(night(26.9))
    assert [day for day, *_ in kept(history)] == ["2026-11-19", "2026-11-19"]
    calibrating.judge_nights(night(27))
    assert kept(history)[2:] == [("2026-11-20", "", 4, 0.75), ("2026-11-20", "sales", 4, 0.75)]


def test_what_was_found_stays_whatever_is_told_later(
    history: History, night: Callable[[float], Center], told: Callable[..., None]
) -> None:
    told(1, 10)
    calibrating.judge_nights(night(30))
    before = history.nights.between("2026-11-01", "2026-11-30")
    told(2, 500)
    calibrating.judge_nights(night(54.5))
    assert history.nights.between("2026-11-01", "2026-11-20") == before
    assert history.nights.keep(before[-1:]) is False


def test_days_that_the_service_stood_still_are_made_up_for(
    history: History, night: Callable[[float], Center], told: Callable[..., None]
) -> None:
    for day in range(9):
        told(24 * day + 1, 10)
    calibrating.judge_nights(night(24 * 9 + 3))
    days = [day for day, queue, *_ in kept(history) if not queue]
    assert days == [f"2026-11-{day}" for day in range(22, 29)]


def test_a_day_that_was_off_is_said_with_its_figures(
    history: History, night: Callable[[float], Center], told: Callable[..., None]
) -> None:
    told(1, *[10] * 60, *[200] * 60)
    with capture_logs() as logs:
        calibrating.judge_nights(night(30))
        calibrating.judge_nights(night(31))
    said = [(one["queue"], one["by_hi"], one["verdict_hi"]) for one in logs if one["event"] == "estimates_off"]
    assert said == [("", 0.5, "low"), ("sales", 0.5, "low")]


def test_sql_that_is_away_is_asked_again(
    history: History, night: Callable[[float], Center], told: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    told(1, 10)
    with monkeypatch.context() as patched:
        patched.setattr(history, "estimates", away)
        calibrating.judge_nights(night(30))
    assert kept(history) == []
    calibrating.judge_nights(night(30))
    assert [day for day, *_ in kept(history)] == ["2026-11-20", "2026-11-20"]
