"""The report of what callers were told: for supervisors, open to its calls, and honest where there is little to say."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from consoles.report_view import sentence, span
from queues.calibration import Calibration
from queues.pace import QueuePace
from simulator import Leg
from tests.consoles.visitor import TOKEN, Visitor, signed_in
from tests.stories.world import World

LONG_TALK = "answer@1ring, press 1 on gather, hang up after 60s of talk"


@pytest.fixture
def leela(world: World, app: Flask) -> Visitor:
    return signed_in(world, app, "leela", "supervisor")


def told(world: World, then: str) -> Leg:
    """A caller who is told to wait behind another, and then does what is said."""
    world.center.live.outlook.keep({"sales": QueuePace(180_000, 200)}, world.net.now_ms)
    world.agent("kiran", LONG_TALK)
    first = world.call(from_="+14155550101")
    world.run(60, lambda: world.status(first) == "talking")
    second = world.call(f"press 1 on gather, press 1 on gather, {then}", from_="+14155550102")
    world.until_ended(first, second, seconds=900)
    return second


def test_report_without_estimates_says_when_there_will_be_one(leela: Visitor) -> None:
    assert "no caller was told how long it will take" in leela.get("/reports").text
    assert "Nobody was told a time" in leela.get("/reports/estimates").text


def test_report_opens_to_the_calls_behind_a_number(world: World, leela: Visitor) -> None:
    leg = told(world, "wait")
    page = leela.get("/reports").text
    assert "100 % of the waits were over by the later time we said" in page
    assert "that says little yet" in page
    assert 'style="' not in page
    (link,) = [
        part.split('"')[0].replace("&amp;", "&")
        for part in page.split('href="')
        if "late=1" not in part and part.startswith("/reports/estimates")
    ]
    listed = leela.get(link).text
    assert f'href="/calls/{leg.sid}"' in listed
    assert "2 to 7 minutes" in listed
    assert "in time" in listed
    assert "Nobody: every answer came in time." in leela.get(f"{link}&late=1").text


def test_who_left_is_counted_as_one_who_left(world: World, app: Flask) -> None:
    told(world, "hang up at 60s")
    answer = app.test_client().get("/api/v1/reports/estimates", headers=TOKEN)
    (row,) = answer.json["rows"]
    assert {name: row[name] for name in ("queue", "method", "told", "answered", "left", "by_hi", "error_ms")} == {
        "queue": "sales",
        "method": "queue_length",
        "told": 1,
        "answered": 0,
        "left": 1,
        "by_hi": None,
        "error_ms": None,
    }
    assert answer.json["total"]["queue"] is None


def test_time_can_be_chosen_and_a_wrong_one_is_refused(world: World, app: Flask, leela: Visitor) -> None:
    told(world, "wait")
    assert "no caller was told" in leela.get("/reports?from=2020-01-01&to=2020-01-31").text
    for wrong in ("from=yesterday", "from=2026-11-22&to=2026-11-21", "from=2026-01-01&to=2026-12-31", "to=0001-01-01"):
        assert (wrong, leela.get(f"/reports?{wrong}").status_code) == (wrong, 422)
    client = app.test_client()
    path, now_ms = "/api/v1/reports/estimates", world.net.now_ms
    assert client.get(f"{path}?to_ms={now_ms - 86_400_000}", headers=TOKEN).json["rows"] == []
    assert client.get(f"{path}?from_ms=5&to_ms=5", headers=TOKEN).status_code == 422
    assert client.get(f"{path}?from_ms=0", headers=TOKEN).status_code == 422


def test_report_is_for_supervisors(world: World, app: Flask, leela: Visitor) -> None:
    asha = signed_in(world, app, "asha")
    assert asha.get("/reports").status_code == 403
    assert 'href="/reports"' not in asha.get("/calls").text
    assert 'href="/reports"' in leela.get("/calls").text


def test_report_says_so_when_the_record_is_away(world: World, leela: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise OperationalError("select", {}, Exception("down"))

    monkeypatch.setattr(world.center.history, "estimates", down)
    for path in ("/reports", "/reports/estimates"):
        answer = leela.get(path)
        assert (answer.status_code, "The record cannot be read just now" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("by_lo", "by_hi", "answered", "words"),
    [
        (0.5, 0.9, 100, "as it is meant to be"),
        (0.5, 0.86, 100, "We promise too much"),
        (0.5, 0.95, 100, "We promise less than we could"),
        (0.4, 0.9, 100, "The earlier time is off"),
        (0.5, 0.5, 99, "that says little yet"),
        (None, None, 100, "nobody can say"),
        (None, None, 0, "has been answered yet"),
    ],
)
def test_sentence_says_what_the_figures_mean(by_lo: Any, by_hi: Any, answered: int, words: str) -> None:
    assert words in sentence(Calibration("", "", 200, answered, 0, by_lo, by_hi, 0))


def test_days_are_those_of_the_center() -> None:
    days = span("2026-11-21", "2026-11-22", 0, "Asia/Kolkata")
    from_ms, to_ms = days.ms("Asia/Kolkata")
    assert (to_ms - from_ms, from_ms % 86_400_000) == (2 * 86_400_000, 86_400_000 - 19_800_000)
    spring = span("2026-03-29", "2026-03-29", 0, "Europe/Berlin").ms("Europe/Berlin")
    assert spring[1] - spring[0] == 23 * 3_600_000
