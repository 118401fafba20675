"""The processes of a development run: started from Procfile lines, started again when they die, stopped together.

A killed worker or web server comes back as it would under systemd, so that what is tried here by killing processes is
what happens in production. Nothing outlives `bin/dev`, not even when it is killed itself: on Linux the kernel then
sends every child SIGTERM.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from launch import HOUSE, Refused

STOP_S = 8.0  # what a process gets to finish what it is doing
AGAIN_S = 0.2  # before a dead process is started again; doubled each time it dies young
AGAIN_AT_MOST_S = 5.0
YOUNG_S = 10.0
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Process:
    """One Procfile line and the running child, if any. Times are of the monotonic clock, in seconds."""

    name: str
    command: str
    log: Path
    child: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    again_s: float = AGAIN_S
    due_s: float | None = None


@dataclass
class Processes:
    """All children of one run, by name, in the order in which they were started."""

    environ: Mapping[str, str]
    logs: Path
    running: dict[str, Process] = field(default_factory=dict)

    def start(self, name: str, command: str) -> None:
        """Start a line. Its output goes to a file of its own, which is begun anew."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        self.running[name] = process = Process(name, command, log)
        self._spawn(process)

    def _spawn(self, process: Process) -> None:
        with process.log.open("ab") as output:
            process.child = subprocess.Popen(
                ["/bin/sh", "-c", f"exec {process.command}"],
                cwd=HOUSE,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid()),
            )
        process.started_s, process.due_s = time.monotonic(), None

    def dead(self) -> list[Process]:
        """Those that have ended by themselves."""
        return [one for one in self.running.values() if one.child is not None and one.child.poll() is not None]

    def restart_dead(self) -> list[str]:
        """Start again what has died, later each time it dies young; one sentence for each death."""
        now_s, said = time.monotonic(), []
        for process in self.dead():
            if process.due_s is None:
                _signal(process.child, signal.SIGKILL)
                lived_s = now_s - process.started_s
                process.again_s = min(process.again_s * 2, AGAIN_AT_MOST_S) if lived_s < YOUNG_S else AGAIN_S
                process.due_s = now_s + process.again_s
                said.append(f"{process.name} ended ({_how(process)}); it is started again")
            elif now_s >= process.due_s:
                self._spawn(process)
        return said

    def need_alive(self) -> None:
        """Raises Refused, with its last words, when one has ended: during start-up that is a fault, not an accident."""
        for process in self.dead():
            raise Refused(f"{process.name} ended ({_how(process)}): {last_words(process.log)} — see {process.log}")

    def stop(self, last: str = "redis") -> list[str]:
        """Stop everything that uses `last`, then `last`; one sentence for each that had to be killed."""
        users = [one for one in self.running.values() if one.name != last]
        used = [one for one in self.running.values() if one.name == last]
        return stop_together(users) + stop_together(used)


def stop_together(processes: list[Process]) -> list[str]:
    """Ask these to end, wait up to STOP_S for all of them, then kill what is left of their process groups."""
    give_up_s, late = time.monotonic() + STOP_S, []
    for process in processes:
        _signal(process.child, signal.SIGTERM)
    try:
        for process in processes:
            if process.child and not _ended(process.child, give_up_s):
                late.append(f"{process.name} did not stop within {STOP_S:.0f} s and was killed")
    finally:  # also when a second Ctrl-C says that this takes too long
        for process in processes:
            _signal(process.child, signal.SIGKILL)
            if process.child:
                process.child.wait()
    return late


def _ended(child: subprocess.Popen[bytes], give_up_s: float) -> bool:
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(max(0.0, give_up_s - time.monotonic()))
    return child.returncode is not None


def _signal(child: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    """To the whole process group: a server's own workers must not be left holding its port."""
    with contextlib.suppress(ProcessLookupError):
        if child is not None:
            os.killpg(child.pid, number)


def last_words(log: Path) -> str:
    """The last line that is not blank, for a message of one line."""
    lines = (
        [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()] if log.exists() else []
    )
    return lines[-1][:300] if lines else "it said nothing"


def _how(process: Process) -> str:
    code = process.child.returncode if process.child else None
    return f"exit code {code}" if code is not None and code >= 0 else f"signal {-(code or 0)}"


def _die_with(parent: int) -> Callable[[], None]:
    """What the child runs before its program: ask the kernel for SIGTERM when the parent goes away."""

    def ask() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:  # it went away in between
                os._exit(1)

    return ask
