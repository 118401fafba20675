"""The service as its Procfile runs it, with a supervisor that brings back what is killed, as systemd would.

Two web processes share one port, because a single one that is killed leaves callers with nobody to answer for as long
as it takes to start; everything else runs once. No feed: nobody looks at pages here.
"""

import json
import os
import signal
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile

from launch.processes import Processes
from launch.ready import not_ready, wait_for_redis
from queues.addresses import RETRIED
from tests.chaos.center import HOUSE, OURS, environment

LOOK_EVERY_S = 0.05
READY_S = 60.0
NO_HEADERS: Mapping[str, str] = {}
CARRIED = ("worker_dispatch", "worker_errands", "ticker", "recorder")
WEBS = ("web_a", "web_b")
# Redis and the phone network are not ours to kill.
KILLED_IN_TURN = ("web_a", "ticker", "worker_dispatch", "web_b", "recorder", "worker_errands")


@dataclass
class Service:
    """The running processes, and how to speak to them over HTTP as a program and as the network's owner would."""

    folder: Path
    redis_url: str
    center: Mapping[str, Any]
    deaths: Counter[str] = field(default_factory=Counter)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environ = environment(self.folder, self.redis_url, self.center)
        self._processes = Processes(self.environ, self.folder / "logs")
        self._stopped = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    def start(self) -> None:
        """Start everything, wait until it is ready, and give our number its addresses as the README says."""
        lines = parse_procfile((HOUSE / "Procfile").read_text()).processes
        wait_for_redis(self.redis_url, 5)
        self._processes.start("simulator", "python -m simulator")
        for name in CARRIED:
            self._processes.start(name, lines[name])
        for name in WEBS:
            self._processes.start(name, lines["web"])
        give_up_s = time.monotonic() + READY_S
        while missing := set(not_ready(self.web)) - {"feed"}:
            self._processes.need_alive()
            assert time.monotonic() < give_up_s, missing
            time.sleep(LOOK_EVERY_S)
        doors = {"voice_url": "incoming", "fallback_url": "fallback", "status_callback": "status"}
        urls = {name: f"{self.web}/voice/{door}{RETRIED}" for name, door in doors.items()}
        self.network("POST", "/numbers", {"number": OURS} | urls)
        self._supervisor.start()

    def stop(self) -> None:
        """End everything."""
        self._stopped.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        self._processes.stop()

    def kill(self, name: str) -> None:
        """-9, to the process and its own workers; the supervisor notices. Of two web processes one must be left."""
        while name in WEBS and listening(int(self.environ["PORT"])) < len(WEBS):
            time.sleep(LOOK_EVERY_S)
        child = self._processes.running[name].child
        assert child is not None
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            self.deaths[name] += 1

    def _supervise(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self._processes.restart_dead()

    # -- over HTTP ------------------------------------------------------------------------------------------------

    @property
    def web(self) -> str:
        return self.environ["PUBLIC_URL"]

    def network(self, method: str, path: str, body: object = None) -> Any:
        """The control interface of the simulated network."""
        return _asked(method, f"{self.environ['SIMULATOR_URL']}/control{path}", body)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """The service's own API."""
        return _asked(
            method, f"{self.web}/api/v1{path}", body, {"Authorization": f"Bearer {self.environ['API_TOKEN']}"}
        )


def _asked(method: str, url: str, body: object, headers: Mapping[str, str] = NO_HEADERS) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers}, method=method)
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.load(answer)


def listening(port: int) -> int:
    """How many processes listen on this port of the loopback address (Linux tells)."""
    address = f"0100007F:{port:04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return sum(row[1] == address and row[3] == "0A" for row in rows)
