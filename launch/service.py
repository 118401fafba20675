"""One run of the service: its processes in the order in which they need each other, until all of it is ready.

Redis first, because a worker that finds none ends; then the database's migrations; then everything else together, with
the example center's people seeded meanwhile.
"""

import hashlib
import json
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile

from launch import HOUSE, Refused
from launch.processes import Processes
from launch.ready import wait_for_redis, wait_until_ready

REDIS_S = 10.0
READY_S = 60.0


@dataclass
class Service:
    """The processes of one run, the environment they share, and the directory of their state."""

    values: Mapping[str, str]
    var: Path
    processes: Processes

    def start(self, interrupted: Callable[[], None]) -> list[dict[str, Any]]:
        """Start everything and return the sign-ins once all of it is ready.

        Raises Refused when a setting is wrong or a process does not start; `interrupted` may raise at any pause.
        """

        def check() -> None:
            interrupted()
            self.processes.need_alive()

        lines = _lines(self.values)
        if "redis" in lines:
            self.processes.start("redis", lines.pop("redis"))
        need_right_settings()
        wait_for_redis(self.values["REDIS_URL"], REDIS_S, check)
        self._migrate(lines.pop("release"))
        for name, command in lines.items():
            self.processes.start(name, command)
        sign_ins = self._seed()
        wait_until_ready(f"http://127.0.0.1:{self.values['PORT']}", READY_S, check)
        return sign_ins

    def _seed(self) -> list[dict[str, Any]]:
        """Accounts for the people of the center file, passwords made up; on a real account people make their own."""
        if "SIMULATOR_PORT" not in self.values:
            return []
        said = self._once("python -m flask --app wsgi seed", "could not seed the example center")
        sign_ins: list[dict[str, Any]] = json.loads(said.splitlines()[-1])
        return sign_ins

    def _migrate(self, command: str) -> None:
        """Run the release line, unless this very SQLite file has seen these very migrations."""
        stamp, mark = self.var / "migrated", _migrations_mark(self.values["DATABASE_URL"])
        if mark and stamp.exists() and stamp.read_text() == mark:
            return
        self._once(command, "could not bring the database up to date")
        stamp.write_text(_migrations_mark(self.values["DATABASE_URL"]))

    def _once(self, command: str, failure: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=HOUSE,
            env=dict(self.values),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(f"{failure}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        return done.stdout


def _lines(values: Mapping[str, str]) -> dict[str, str]:
    """The Procfile lines of this run, by name: those of development only when this run has a port for them."""
    lines: dict[str, str] = dict(parse_procfile((HOUSE / "Procfile").read_text()).processes)
    for name, command in parse_procfile((HOUSE / "Procfile.dev").read_text()).processes.items():
        if f"{name.upper()}_PORT" in values:
            lines[name] = command
    return lines


def need_right_settings() -> None:
    """Raises Refused with one line per wrong setting, or per fault in the center file."""
    from center import SettingsError, read_plan, read_settings

    try:
        read_plan(read_settings())
    except SettingsError as error:
        raise Refused("\n         ".join(error.lines)) from None


def need_free_port(port: str) -> None:
    """Raises Refused when something already listens on this port of the loopback address."""
    if not port.isdigit():
        return  # need_right_settings() says so in the words of all settings
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(port)))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise Refused(f"PORT {port} cannot be used ({reason}): choose another, as in PORT=8001 bin/dev") from None


def _migrations_mark(database_url: str) -> str:
    """What identifies a migrated SQLite file: its own identity and the migrations. Empty for any other database."""
    path = Path(database_url.removeprefix("sqlite:///"))
    if not database_url.startswith("sqlite:///") or not path.exists():
        return ""
    digest = hashlib.sha256(f"{path} {path.stat().st_ino}".encode())
    for file in sorted((HOUSE / "adapters").rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
