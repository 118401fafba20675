"""The migrations make exactly the tables that the code reads and writes, on both kinds of database."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.history import History
from adapters.history_engine import open_engine
from adapters.history_tables import metadata

HOUSE = Path(__file__).resolve().parents[2]


def test_upgraded_empty_database_is_exactly_what_the_code_expects(empty_database_url: str) -> None:
    History(empty_database_url).upgrade()

    with open_engine(empty_database_url).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_twice_is_harmless_and_keeps_what_is_there(empty_database_url: str) -> None:
    history = History(empty_database_url)
    history.upgrade()
    history.add_user("asha", "agent", "hash", "asha")

    history.upgrade()

    assert [user.name for user in history.users()] == ["asha"]


def test_a_database_without_tables_does_not_answer(empty_database_url: str) -> None:
    history = History(empty_database_url)
    assert history.ping() is False
    history.upgrade()
    assert history.ping() is True


def test_release_command_makes_the_database_of_the_environment(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'history.db'}"

    done = _upgrade(url)

    assert (done.returncode, done.stderr) == (0, "")
    assert History(url).ping()


def test_release_command_says_in_one_line_why_it_cannot(tmp_path: Path) -> None:
    done = _upgrade("postgres://nobody:secret@127.0.0.1:1/none")

    assert done.returncode == 1
    assert done.stderr.startswith("DATABASE_URL: the database cannot be upgraded: ")
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


def _upgrade(url: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "adapters.history", "upgrade"]
    environ = {"DATABASE_URL": url, "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=HOUSE, env=environ, capture_output=True, text=True, check=False)
