"""Every line of every process is one JSON object, and no line tells a number, a card or a name."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from logs import log, masked, start_logging


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator["_Lines"]:
    """The lines of the test, read once it has logged; what the test starts is taken back."""
    yield _Lines(capsys)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()
    logging.basicConfig(force=True)


class _Lines:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def start(self) -> None:
        start_logging("recorder", "INFO")

    def read(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]


def test_line_says_which_process_and_which_call(lines: _Lines) -> None:
    lines.start()
    structlog.contextvars.bind_contextvars(call_sid="CA0123456789abcdef0123456789abcdef")

    log.info("recorded", entries=12, at_ms=1732000000000)

    (line,) = lines.read()
    assert {key: line[key] for key in ("event", "level", "process", "call_sid", "entries", "at_ms")} == {
        "event": "recorded",
        "level": "info",
        "process": "recorder",
        "call_sid": "CA0123456789abcdef0123456789abcdef",
        "entries": 12,
        "at_ms": 1732000000000,
    }


@pytest.mark.parametrize("library", ["rq.worker", "_granian", "granian.access", "sqlalchemy.engine"])
def test_libraries_speak_the_same_way(library: str, lines: _Lines) -> None:
    lines.start()
    logging.getLogger(library).warning("asked for %s", "+14155550123")
    (line,) = lines.read()
    assert (line["logger"], line["event"], line["process"]) == (library, "asked for …23", "recorder")


def test_error_is_one_line_and_as_silent_about_numbers(lines: _Lines) -> None:
    lines.start()
    try:
        raise ValueError("no such caller +919898000111")
    except ValueError:
        log.exception("broke")

    (line,) = lines.read()
    assert "ValueError: no such caller …11" in str(line["exception"])


def test_lines_below_the_level_are_not_written(lines: _Lines) -> None:
    lines.start()
    log.debug("too much")
    assert lines.read() == []


def test_names_and_notes_are_never_written(lines: _Lines) -> None:
    lines.start()
    log.info("received", caller_name="Maria Lopez", facts={"note": "owes money", "queue": "billing"})
    (line,) = lines.read()
    assert (line["caller_name"], line["facts"]) == ("…", {"note": "…", "queue": "billing"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("+14155550123", "…23"),
        ("From=%2B14155550123&To=%2b919898000111", "From=…23&To=…11"),
        ("card 4111111111111111 given", "card …11 given"),
        ("CA0123456789abcdef0123456789abcdef", "CA0123456789abcdef0123456789abcdef"),
        ("1732000000000-0", "1732000000000-0"),
        ("2026-11-22T01:17:12.273561Z", "2026-11-22T01:17:12.273561Z"),
        ("pressed 2 of 4", "pressed 2 of 4"),
    ],
)
def test_numbers_keep_their_last_two_digits_and_other_digits_stay(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked({"deep": [text]}) == {"deep": [shown]}
