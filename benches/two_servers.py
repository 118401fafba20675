"""The service's web process and its floor side by side, on the same server with the same settings, Redis and token.

Only what a key press meets runs: the web process, the feed for open pages, the minimal view, and their Redis.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import parse_procfile

from benches.embedded import own_redis
from benches.figures import HOUSE, KEPT
from benches.press import Account
from benches.service import service_environ
from launch.processes import Processes
from launch.variables import free_port

START_S, QUIET_S = 60.0, 0.5
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Of /proc/PID/stat behind the process's name: the parent, and the ticks in its own code and in the kernel's.
PARENT, USER, SYSTEM = 1, 11, 12


@dataclass(frozen=True)
class Server:
    """A web server of this machine: where it listens, and the process that started its workers."""

    name: str
    port: int
    pid: int

    def workers(self) -> list[int]:
        """The processes under it."""
        parents = {pid: int(fields[PARENT]) for pid, fields in _all_processes()}
        found, wave = list[int](), {self.pid}
        while wave := {pid for pid, parent in parents.items() if parent in wave}:
            found += wave
        return sorted(found)

    def processor_s(self) -> float:
        """Processor time of its workers since they were started."""
        each = (processor_ticks(_stat(pid)) for pid in self.workers())
        return sum(each) / TICKS_PER_S


@dataclass(frozen=True)
class Running:
    """Both servers, and what they were told."""

    ours: Server
    minimal: Server
    environ: Mapping[str, str]

    @property
    def account(self) -> Account:
        """Who signs."""
        names = ("PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
        return Account(*(self.environ[name] for name in names))


def stat_fields(text: str) -> list[str]:
    """The fields of /proc/PID/stat behind the name, which may hold blanks and brackets."""
    return text.rpartition(")")[2].split()


def processor_ticks(fields: list[str]) -> int:
    """Clock ticks in its own code and in the kernel's."""
    return int(fields[USER]) + int(fields[SYSTEM])


def _stat(pid: int) -> list[str]:
    return stat_fields(Path(f"/proc/{pid}/stat").read_text())


def _all_processes() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                yield int(entry.name), _stat(int(entry.name))
            except OSError:  # ended meanwhile
                continue


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def both_servers(workers: int) -> Iterator[Running]:
    """Both, started and at rest; stopped and their files gone afterwards."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="webhook-", dir=KEPT))
    with own_redis() as redis_url:
        environ = service_environ(folder, redis_url, free_port())
        environ |= {"CENTER_FILE": str(HOUSE / "center.yaml"), "WEB_CONCURRENCY": str(workers)}
        processes = Processes(environ, folder / "logs")
        try:
            yield _start(processes, environ, workers)
        finally:
            processes.stop()
            shutil.rmtree(folder, ignore_errors=True)


def _start(processes: Processes, environ: dict[str, str], workers: int) -> Running:
    lines: dict[str, str] = dict(parse_procfile((HOUSE / "Procfile").read_text()).processes)
    subprocess.run(lines["release"].split(), cwd=HOUSE, env=environ, check=True, stdout=subprocess.DEVNULL)
    processes.start("web", lines["web"])
    processes.start("feed", lines["feed"])
    floor_port = free_port()
    processes.start("minimal", minimal_line(lines["web"], floor_port))
    ours = _at_rest(processes, "web", int(environ["PORT"]), workers)
    return Running(ours, _at_rest(processes, "minimal", floor_port, workers), environ)


def minimal_line(web: str, port: int) -> str:
    """The line of the web process with the other application and another port."""
    return web.replace("$PORT", str(port)).replace("wsgi:app", "benches.minimal_web:app")


def _at_rest(processes: Processes, name: str, port: int, workers: int) -> Server:
    """Every worker listens and does nothing any more. Raises TimeoutError, and Refused when it has ended."""
    child = processes.running[name].child
    server = Server(name, port, child.pid if child else 0)
    give_up_s, spent_s = time.monotonic() + START_S, -1.0
    # Who waits for a processor is quiet too: what has not listened yet is not at rest.
    while not _listens(port) or len(server.workers()) < workers or server.processor_s() - spent_s > 0.02:
        processes.need_alive()
        if time.monotonic() > give_up_s:
            raise TimeoutError(f"{name} is not at rest after {START_S:.0f} s")
        spent_s = server.processor_s()
        time.sleep(QUIET_S)
    return server
