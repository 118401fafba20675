"""One run of the service: its processes in the order in which they need each other, until all of it is ready.

Redis first, because a worker that finds none ends; then the database's migrations; then everything else together, with
the example center's people seeded meanwhile.
"""

import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import parse_procfile

from launch import HOUSE, Refused
from launch.preparation import Preparation, SignIns
from launch.processes import Processes
from launch.ready import wait_for_redis, wait_until_ready

REDIS_S = 5.0
READY_S = 90.0


@dataclass
class Service:
    """The processes of one run, the environment they share, and the directory of their state."""

    values: Mapping[str, str]
    var: Path
    processes: Processes

    def start(self, interrupted: Callable[[], None]) -> SignIns:
        """Start everything and return the sign-ins once all of it is ready.

        Raises Refused when a setting is wrong or a process does not start; `interrupted` may raise at any pause.
        """

        def check() -> None:
            interrupted()
            self.processes.need_alive()

        lines = _lines(self.values)
        preparation = Preparation(self.values, self.var / "prepared.json", lines.pop("release"))
        self._forget_counters()
        if "redis" in lines:
            self.processes.start("redis", lines.pop("redis"))
        if (sign_ins := preparation.remembered()) is None:
            preparation.check_and_migrate()
        wait_for_redis(self.values["REDIS_URL"], REDIS_S, check)
        for name, command in lines.items():
            self.processes.start(name, command)
        if sign_ins is None:
            sign_ins = preparation.seed()
        wait_until_ready(f"http://127.0.0.1:{self.values['PORT']}", READY_S, check)
        return sign_ins

    def _forget_counters(self) -> None:
        """Each process counts in files of its own here; those of an earlier run would be added to ours."""
        folder = self.var / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()


def _lines(values: Mapping[str, str]) -> dict[str, str]:
    """The Procfile lines of this run, by name: those of development only when this run has a port for them."""
    lines: dict[str, str] = dict(parse_procfile((HOUSE / "Procfile").read_text()).processes)
    for name, command in parse_procfile((HOUSE / "Procfile.dev").read_text()).processes.items():
        if f"{name.upper()}_PORT" in values:
            lines[name] = command
    return lines


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
