"""The report of what callers were told: for supervisors, open to its calls, and honest where there is little to say."""

# The JSON of an answer is untyped, and a test that indexes nothing fails as it should.
# mypy: disable-error-code="index"

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from consoles.report_view import sentence
from queues.calibration import GOAL_HI, GOAL_LO, Calibration, End, Reading
from queues.days import day_at, span
from queues.pace import QueuePace
from queues.shares import Share, interval
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
    assert "Nobody on these days." in leela.get("/reports/estimates").text


def test_report_opens_to_the_calls_behind_a_number(world: World, leela: Visitor) -> None:
    leg = told(world, "wait")
    page = leela.get("/reports").text
    assert "100\u00a0% of the waits were over by the later time we said" in page
    assert "Not enough waits yet: 1 answered call says little" in page
    assert "not enough waits yet" in page
    assert 'style="' not in page
    listed = {link.rpartition("which=")[2]: leela.get(link).text for link in links(page, "/reports/estimates")}
    own = f'href="/calls/{leg.sid}"'
    assert {which.partition("&")[0].partition("/")[0]: own in text for which, text in listed.items()} == {
        "": True,
        "answered": True,
        "left": False,
        "earlier": False,
        "later": True,
    }
    assert "2 to 7 minutes" in listed["answered"]
    assert "in time" in listed["answered"]


def links(page: str, path: str) -> list[str]:
    """Where a page's numbers lead, one each."""
    found = (part.split('"')[0].replace("&amp;", "&") for part in page.split('href="'))
    return list(dict.fromkeys(link for link in found if link.startswith(path)))


def test_the_night_after_a_day_is_on_the_page_as_it_was_found(world: World, app: Flask, leela: Visitor) -> None:
    told(world, "wait")
    day = str(day_at(world.net.now_ms, world.center.plan.zone))
    assert "None of these days has been judged yet." in leela.get("/reports").text
    world.run(30 * 3600)
    world.center.jobs.errand("judge_nights")
    world.run(1)
    assert f'<a href="/reports?from={day}&to={day}">{day}</a>' in leela.get("/reports").text
    nights = app.test_client().get("/api/v1/reports/estimates", headers=TOKEN).json["nights"]
    assert [(row["day"], row["queue"], row["told"], row["verdict_hi"]) for row in nights if row["told"]] == [
        (day, None, 1, "few"),
        (day, "sales", 1, "few"),
    ]


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
    assert row["hi"] == dict.fromkeys(row["hi"]) | {"over": 0, "verdict": "few"}
    assert (answer.json["total"]["queue"], answer.json["nights"]) == (None, [])


def test_api_tells_each_end_with_its_interval(world: World, app: Flask) -> None:
    told(world, "wait")
    row = app.test_client().get("/api/v1/reports/estimates", headers=TOKEN).json["total"]
    one = {"share": 1.0, "low": pytest.approx(0.206549, abs=1e-6), "high": 1.0}
    assert row["hi"] == one | {f"answered_{name}": value for name, value in one.items()} | {
        "over": 1,
        "loss_ms": row["hi"]["loss_ms"],
        "verdict": "few",
    }
    assert (row["lo"]["over"], row["by_lo"], row["by_hi"]) == (0, 0.0, 1.0)
    assert row["loss_ms"] > 0


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
        (0.5, 0.9, 1000, ", as it is meant to be."),
        (0.5, 0.8, 1000, "We promise too much"),
        (0.5, 0.97, 1000, "We promise less than we could"),
        (0.4, 0.9, 1000, "The earlier time is off"),
        (0.5, 0.86, 100, "a little off, but may be chance"),
        (0.5, 0.5, 99, "Not enough waits yet"),
        (None, None, 100, "nobody can say"),
        (None, None, 0, "has been answered yet"),
    ],
)
def test_sentence_says_what_the_figures_mean(by_lo: Any, by_hi: Any, answered: int, words: str) -> None:
    lo, hi = (
        End(goal, Share(0, answered), None if ratio is None else Reading(ratio, *interval(ratio, answered)), 0)
        for goal, ratio in ((GOAL_LO, by_lo), (GOAL_HI, by_hi))
    )
    assert words in sentence(Calibration("", "", 2000, answered, 0, lo, hi, 0))


def test_days_are_those_of_the_center() -> None:
    days = span("2026-11-21", "2026-11-22", 0, "Asia/Kolkata")
    from_ms, to_ms = days.ms("Asia/Kolkata")
    assert (to_ms - from_ms, from_ms % 86_400_000) == (2 * 86_400_000, 86_400_000 - 19_800_000)
    spring = span("2026-03-29", "2026-03-29", 0, "Europe/Berlin").ms("Europe/Berlin")
    assert spring[1] - spring[0] == 23 * 3_600_000
