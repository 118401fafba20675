"""The service under the ring bench: its own Procfile lines, its own Redis and database, the bench as phone network."""

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile
from ruamel.yaml import YAML

from benches.embedded import own_redis
from benches.figures import HOUSE, KEPT
from launch.processes import Processes
from launch.ready import wait_until_ready
from launch.variables import free_port

# The line that is never empty, and the team of the callers whose rings are missed.
SALES, RELAY = "sales", "support"
LANGUAGES = {f"lang:{code}": 1 for code in ("en", "hi", "gu", "te")}


@dataclass(frozen=True)
class Running:
    """What the bench needs to know of the running service."""

    environ: Mapping[str, str]
    center: Mapping[str, Any]
    carrier_port: int

    @property
    def port(self) -> int:
        """Where the web process listens."""
        return int(self.environ["PORT"])

    def lines(self, skill: str) -> dict[str, str]:
        """Agent → phone line, of one team."""
        return {name: str(row["line"]) for name, row in self.center["agents"].items() if skill in row["skills"]}


def center_for(agents: int) -> dict[str, Any]:
    """The example center with other people: nine of ten in sales, the others (at least two) for the relay."""
    center: dict[str, Any] = YAML(typ="safe").load((HOUSE / "center.yaml").read_text())
    relay = max(2, agents // 10)
    center["agents"] = {f"agent_{number:04d}": _agent(number, number < relay) for number in range(agents)}
    center["callers"] = {}
    center["flow"] = str(HOUSE / center["flow"])
    center["limits"] = {"calls_per_second": 1000, "missed_before_break": 20, "rings": 3}
    return center


def _agent(number: int, relay: bool) -> dict[str, Any]:
    skills = {RELAY: 1} if relay else {SALES: 1, "billing": 1}
    return {"name": f"Agent {number}", "line": f"+9198123{number:05d}", "skills": skills | LANGUAGES}


@contextmanager
def running_service(agents: int, carrier_port: int) -> Iterator[Running]:
    """The service with so many agents, ready; stopped and its files gone afterwards."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="ring-", dir=KEPT))
    center = center_for(agents)
    (folder / "center.yaml").write_text(json.dumps(center))
    with own_redis() as redis_url:
        environ = service_environ(folder, redis_url, carrier_port)
        processes = Processes(environ, folder / "logs")
        try:
            _start(processes, environ)
            yield Running(environ, center, carrier_port)
        finally:
            processes.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _start(processes: Processes, environ: Mapping[str, str]) -> None:
    lines: dict[str, str] = dict(parse_procfile((HOUSE / "Procfile").read_text()).processes)
    release = lines.pop("release").split()
    subprocess.run(release, cwd=HOUSE, env=dict(environ), check=True, stdout=subprocess.DEVNULL)
    for name, command in lines.items():
        processes.start(name, command)
    wait_until_ready(f"http://127.0.0.1:{environ['PORT']}", 60, processes.need_alive)


def service_environ(folder: Path, redis_url: str, carrier_port: int) -> dict[str, str]:
    """The variables of a service of the bench's own, whose files lie in `folder`; the center file is there already."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "SIMULATOR_"))}
    port, feed_port = free_port(), free_port()
    (folder / "metrics").mkdir()
    return ours | {
        "PATH": f"{HOUSE / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FEED_PORT": str(feed_port),
        "FEED_URL": f"http://127.0.0.1:{feed_port}",
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder / 'history.db'}",
        "CENTER_FILE": str(folder / "center.yaml"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "SECRET_KEY": secrets.token_hex(32),
        "API_TOKEN": secrets.token_urlsafe(24),
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_CALLER_ID": "+18005550100",
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{carrier_port}",
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "WARNING",
    }
