"""Setting up: what is missing is named in one line, what is there is not done again."""

import importlib.util
import json
import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from launch import Refused, debian, environment
from launch.logs import Follower, is_loud
from launch.preparation import need_right_settings
from launch.ready import wait_for_redis
from launch.service import need_free_port


def test_python_without_ensurepip_names_the_package_when_we_are_not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refused, match=r"no ensurepip: install the package python3\.\d+-venv"):
        environment._need_ensurepip()


def test_python_without_ensurepip_gets_it_when_we_are_root(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(debian, "may_install", lambda: True)
    monkeypatch.setattr(debian, "install", installed.extend)
    environment._need_ensurepip()
    assert len(installed) == 1
    assert installed[0].endswith("-venv")


def test_packages_are_installed_again_only_when_their_lock_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    runs: list[list[str]] = []
    monkeypatch.setattr(environment, "HOUSE", tmp_path)
    monkeypatch.setattr(environment, "VENV", tmp_path)
    monkeypatch.setattr(environment, "_with_uv", lambda files: runs.append(files) or True)  # type: ignore[func-returns-value]
    for name in ("one.txt", "two.txt"):
        (tmp_path / name).write_text("flask==3")
    environment.install("one.txt")
    environment.install("one.txt", "two.txt")
    (tmp_path / "one.txt").write_text("flask==4")
    environment.install("one.txt", "two.txt")
    assert runs == [["-r", "one.txt"], ["-r", "two.txt"], ["-r", "one.txt"]]


def test_a_port_in_use_is_refused_by_its_number() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=rf"^PORT {port} cannot be used \(Address already in use\): choose another"):
            need_free_port(str(port))


def test_wrong_settings_are_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eight")
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    with pytest.raises(Refused) as refusal:
        need_right_settings()
    assert [line.strip().split(":")[0] for line in str(refusal.value).splitlines()] == ["PORT", "LOG_LEVEL"]


def test_a_redis_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(Refused, match=r"REDIS_URL: redis://127\.0\.0\.1:1/0 does not answer") as refusal:
        wait_for_redis("redis://:secret@127.0.0.1:1/0", 0)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "loud"),
    [
        (json.dumps({"event": "offered", "level": "info", "error": "ERROR"}), False),
        (json.dumps({"event": "redis is away", "level": "warning"}), True),
        ("Traceback (most recent call last):", True),
        ("1:M 22 Nov * Ready to accept connections", False),
    ],
)
def test_the_terminal_shows_only_what_somebody_should_see(line: str, loud: bool) -> None:
    assert is_loud(line) is loud


def test_new_lines_are_shown_once_they_are_whole(tmp_path: Path) -> None:
    follower, log = Follower(tmp_path, everything=True), tmp_path / "web.log"
    log.write_text("one\ntw")
    assert follower.new_lines() == ["web              one"]
    log.write_text("one\ntwo\n")
    assert follower.new_lines() == ["web              two"]
    assert follower.new_lines() == []


@pytest.mark.parametrize(
    "command", ["bin/call", "bin/dev", "bin/lint", "bin/lock", "bin/python", "bin/test", ".ci/run"]
)
def test_every_command_is_an_executable_shell_script_that_says_what_it_does(house: Path, command: str) -> None:
    path = house / command
    first, second, *_ = path.read_text().splitlines()
    assert stat.S_IMODE(path.stat().st_mode) & 0o111 == 0o111
    assert first == "#!/bin/sh"
    assert second.startswith("# ")
    assert subprocess.run(["/bin/sh", "-n", path], check=False).returncode == 0
