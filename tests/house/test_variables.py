"""The environment of a development run: what the operator set wins, secrets are kept for their owner only."""

import os
import stat
from pathlib import Path

import pytest

from launch import variables


@pytest.fixture(autouse=True)
def _no_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variables, "HOUSE", tmp_path / "checkout")


def test_without_an_account_one_is_invented_and_everything_runs_here(tmp_path: Path) -> None:
    values = variables.for_dev({"PORT": "8123"}, tmp_path)
    assert values["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert values["TWILIO_ACCOUNT_SID"].startswith("AC")
    assert values["SIMULATOR_URL"] == f"http://127.0.0.1:{values['SIMULATOR_PORT']}"
    assert values["REDIS_URL"] == f"redis://127.0.0.1:{values['REDIS_PORT']}/0"
    assert values["DATABASE_URL"] == f"sqlite:///{tmp_path}/history.db"
    assert values["HOST"] == "127.0.0.1"


def test_the_invented_account_and_the_secrets_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    first, second = variables.for_dev({}, tmp_path), variables.for_dev({}, tmp_path)
    names = [*variables.ACCOUNT_MADE_UP, *variables.SECRETS_MADE_UP]
    assert [first[name] for name in names] == [second[name] for name in names]


def test_another_checkout_has_other_secrets(tmp_path: Path) -> None:
    first, second = variables.for_dev({}, tmp_path / "a"), variables.for_dev({}, tmp_path / "b")
    assert first["API_TOKEN"] != second["API_TOKEN"]
    assert first["TWILIO_AUTH_TOKEN"] != second["TWILIO_AUTH_TOKEN"]


def test_made_up_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    variables.for_dev({}, tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.env")}
    assert modes == {"dev.env": 0o600, "simulated.env": 0o600}


def test_an_account_that_is_set_is_used_as_it_is_and_nothing_is_simulated(tmp_path: Path) -> None:
    account = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_API_BASE_URL": "http://127.0.0.1:9"}
    values = variables.for_dev(account, tmp_path)
    assert {name: values[name] for name in account} == account
    # The operator must say where Twilio reaches us: a made-up address would refuse every signature.
    assert not {"SIMULATOR_PORT", "SIMULATOR_URL", "TWILIO_AUTH_TOKEN", "PUBLIC_URL"} & set(values)


def test_a_redis_that_is_set_is_used_and_none_is_started(tmp_path: Path) -> None:
    values = variables.for_dev({"REDIS_URL": "redis://db:6379/3"}, tmp_path)
    assert values["REDIS_URL"] == "redis://db:6379/3"
    assert "REDIS_PORT" not in values


def test_the_environment_wins_over_the_settings_file_and_empty_means_not_set(tmp_path: Path) -> None:
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / ".env").write_text("PORT=8001\nLOG_LEVEL=DEBUG\nREDIS_URL=\n")
    values = variables.for_dev({"PORT": "8002", "LOG_LEVEL": ""}, tmp_path)
    assert (values["PORT"], values["LOG_LEVEL"], "REDIS_PORT" in values) == ("8002", "DEBUG", True)


def test_what_another_run_left_in_the_shell_is_not_taken_over(tmp_path: Path) -> None:
    values = variables.for_dev({"SIMULATOR_URL": "http://127.0.0.1:1", "SIMULATOR_PORT": "1"}, tmp_path)
    assert values["SIMULATOR_PORT"] != "1"


def test_the_commands_of_the_checkout_come_first(tmp_path: Path) -> None:
    first = variables.for_dev({"PATH": "/usr/bin"}, tmp_path)["PATH"].split(os.pathsep)
    assert first == [str(tmp_path / "checkout" / ".venv" / "bin"), "/usr/bin"]
