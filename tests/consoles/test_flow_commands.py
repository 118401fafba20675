"""The commands for whoever writes menus: what they print, and how they end."""

import re
from pathlib import Path

import pytest
from flask import Flask

MAIN = Path("ivr/flows/main.yaml")


@pytest.fixture
def copy(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flow of one's own, with stories, to be spoiled."""
    monkeypatch.chdir(house)
    for name in ("main.yaml", "main.stories.yaml"):
        (tmp_path / name).write_text((MAIN.parent / name).read_text("utf-8"), "utf-8")
    return tmp_path


def spoil(file: Path, right: str, wrong: str) -> None:
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")


def run(app: Flask, *words: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["flow", *words])
    return result.exit_code, result.output.splitlines()


def test_the_center_s_own_flow_is_checked_and_its_stories_are_played(app: Flask, copy: Path) -> None:
    assert run(app, "check") == (0, ["ivr/flows/main.yaml: no problem found"])
    code, (line,) = run(app, "test")
    assert code == 0
    assert re.fullmatch(r"ivr/flows/main\.stories\.yaml: [0-9]+ stories, [0-9]+ ms", line)


def test_a_problem_is_printed_with_file_and_line(app: Flask, copy: Path) -> None:
    spoil(copy / "main.yaml", "queue: sales,", "queue: sails,")
    line = 1 + next(n for n, text in enumerate((copy / "main.yaml").read_text().splitlines()) if "sails" in text)
    assert run(app, "check", str(copy / "main.yaml")) == (1, [f"{copy}/main.yaml:{line}: no queue is called `sails`"])


def test_a_flow_that_cannot_be_read_is_a_problem_too(app: Flask, copy: Path) -> None:
    spoil(copy / "main.yaml", "start: language", "start: nowhere")
    expected = (1, [f"{copy}/main.yaml:10: no node is called `nowhere`"])
    assert run(app, "check", str(copy / "main.yaml")) == expected
    assert run(app, "test", str(copy / "main.stories.yaml")) == expected


def test_a_story_that_fails_is_printed_with_file_and_line(app: Flask, copy: Path) -> None:
    spoil(copy / "main.stories.yaml", "waits in billing:hi", "waits in billing:gu")
    code, (line,) = run(app, "test", str(copy / "main.stories.yaml"))
    assert code == 1
    assert line.endswith(": Hindi, a bill: waits in billing:hi, not waits in billing:gu")


def test_a_file_that_holds_no_stories_is_refused(app: Flask, copy: Path) -> None:
    code, lines = run(app, "test", str(copy / "main.yaml"))
    assert (code, len(lines)) == (1, 1)
    (copy / "main.stories.yaml").unlink()
    assert run(app, "test", str(copy / "main.stories.yaml"))[0] == 2


def test_stories_are_played_in_milliseconds(app: Flask, copy: Path) -> None:
    _, (line,) = run(app, "test")
    assert int(line.rsplit(", ", 1)[1].removesuffix(" ms")) < 1_000
