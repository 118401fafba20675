"""The webhook bench's figures are the medians of its rounds, and its judgement is that of the parts."""

import os

import pytest

from benches import webhook
from benches.two_servers import minimal_line, processor_ticks, stat_fields
from benches.webhook_told import judgement, part_lines, rest_us

PARTS = {
    "ours": {"signature": 250.0, "form": 150.0, "Redis": 300.0, "menu step": 100.0, "TwiML": 200.0, "whole": 1500.0},
    "minimal": {"signature": 250.0, "form": 150.0, "Redis": 100.0, "TwiML": 150.0, "whole": 900.0},
    "faster": {"signature": 25.0, "form": 45.0, "TwiML": 100.0},
}


def fast(cpu_us: float, per_second: float, refused: int = 0) -> dict[str, float]:
    return {"count": 100, "refused": refused, "per_second": per_second, "cpu_us": cpu_us, "p50_us": 1.0}


def held(ratio: float, open_pages: int) -> dict[str, object]:
    row = {"count": 10, "p50_us": 1.0, "p99_us": 2.0, "refused": 0}
    came = [{"open": open_pages, "frames": 9}, {"reports": 3}]
    return {"per_second": 100.0, "pages": 100, "p99_ratio": ratio, "alone": row, "beside": row, "beside_it": came}


def test_one_disturbed_round_moves_no_figure() -> None:
    ours = [fast(1200, 900), fast(9000, 100, refused=1), fast(1300, 850)]
    rows = webhook.told_together(ours, [fast(1000, 1000), fast(1000, 1000), fast(1000, 1000)])
    assert (rows["cpu_ratio"], rows["speed_ratio"]) == (1.3, 0.85)
    assert (rows["ours"]["cpu_us"], rows["ours"]["refused"]) == (1300, 1)


def test_goals_are_those_of_the_promise() -> None:
    rows = webhook.told_together([fast(1300, 750)], [fast(1000, 1000)])
    assert [goal.met for goal in webhook.goals_of(rows, held(1.5, 100))] == [True] * 4
    worse = webhook.told_together([fast(1310, 740)], [fast(1000, 1000)])
    assert [goal.met for goal in webhook.goals_of(worse, held(1.51, 99))] == [False] * 4


def test_rounds_go_by_turns() -> None:
    turns = webhook.by_turns("a", "b")
    assert turns[:6] == ["a", "b", "b", "a", "a", "b"]
    assert (turns.count("a"), turns.count("b")) == (webhook.ROUNDS, webhook.ROUNDS)


def test_judgement_names_what_gives_a_tenth_back() -> None:
    line = judgement(PARTS)
    assert "signature 15%, form 7%, TwiML 7%" in line
    assert line.endswith("worth its code: signature (from 10%)")
    assert "none is worth" in judgement(PARTS | {"faster": {"form": 45.0}})


def test_all_else_is_what_no_part_took() -> None:
    assert (rest_us(PARTS["ours"]), rest_us(PARTS["minimal"])) == (500.0, 250.0)
    assert rest_us({"whole": 10.0, "form": 11.0}) == 0
    assert part_lines(PARTS)[-3].split() == ["all", "else", "500", "250"]


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")
def test_processor_time_is_that_of_the_process() -> None:
    with open("/proc/self/stat") as stat:
        fields = stat_fields(stat.read())
    assert int(fields[1]) == os.getppid()
    told = os.times()
    spent_s = processor_ticks(fields) / os.sysconf("SC_CLK_TCK")
    assert spent_s == pytest.approx(told.user + told.system, abs=0.5)


def test_name_of_a_process_may_hold_anything() -> None:
    fields = stat_fields("12 (a b) c) S 7 " + " ".join("0" for _ in range(9)) + " 30 12 0")
    assert (fields[1], processor_ticks(fields)) == ("7", 42)


def test_floor_runs_on_the_same_server_with_the_same_settings() -> None:
    web = "python -m granian --interface wsgi --port $PORT --workers ${WEB_CONCURRENCY:-2} --log-level warning wsgi:app"
    expected = web.replace("$PORT", "81").replace("wsgi:app", "benches.minimal_web:app")
    assert minimal_line(web, 81) == expected
    assert "${WEB_CONCURRENCY:-2}" in expected
