"""The command that looks at a center file before it is used: what it prints, and how it ends."""

from pathlib import Path

import pytest
from flask import Flask

LINE = "    needs: {sales: 1}"


@pytest.fixture
def copy(tmp_path: Path, house: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A center of one's own, with its menu, to be spoiled."""
    monkeypatch.chdir(house)
    (tmp_path / "ivr/flows").mkdir(parents=True)
    for name in ("center.yaml", "ivr/flows/main.yaml"):
        (tmp_path / name).write_text((house / name).read_text("utf-8"), "utf-8")
    return tmp_path / "center.yaml"


def run(app: Flask, *words: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["center", "check", *words])
    return result.exit_code, result.output.splitlines()


def spoiled(file: Path, right: str, wrong: str) -> int:
    """The line, from 1, that has been spoiled."""
    text = file.read_text("utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong, 1), "utf-8")
    return text[: text.index(right)].count("\n") + 1


def test_the_center_s_own_file_has_no_problem(app: Flask, copy: Path) -> None:
    code, lines = run(app)
    assert (code, lines[-1].endswith("center.yaml: no problem found")) == (0, True)


def test_fault_is_printed_with_file_and_line(app: Flask, copy: Path) -> None:
    line = spoiled(copy, LINE, "    needs: {plumbing: 1}")
    expected = f"{copy}:{line}: queue `sales` needs plumbing at level 1, which no agent has"
    assert run(app, str(copy)) == (1, [expected])


def test_doubt_is_printed_and_is_no_fault(app: Flask, copy: Path) -> None:
    spoiled(copy, "  rings: 3", "  rings: 3\n  overtaking_minutes: null")
    code, lines = run(app, str(copy))
    doubt = f"{copy}: limits.overtaking_minutes is off: a caller may be overtaken without end"
    assert (code, lines[-2:]) == (0, [doubt, f"{copy}: no problem found"])


def test_fault_of_the_menu_has_the_menu_s_name(app: Flask, copy: Path) -> None:
    spoiled(copy.parent / "ivr/flows/main.yaml", "queue: sales,", "queue: sails,")
    code, (line,) = run(app, str(copy))
    assert (code, line.startswith("ivr/flows/main.yaml:"), line.endswith("no queue is called `sails`")) == (
        1,
        True,
        True,
    )


def test_menu_that_is_not_there_is_said(app: Flask, copy: Path) -> None:
    spoiled(copy, "flow: ivr/flows/main.yaml", "flow: gone.yaml")
    code, (line,) = run(app, str(copy))
    assert (code, "cannot read" in line, "gone.yaml" in line) == (1, True, True)
