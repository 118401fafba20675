"""Starts `bin/dev` as a person would, on a free port with state of its own, and finds what it leaves behind."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launch.variables import free_port

HOUSE = Path(__file__).resolve().parents[2]
READY_S = 120.0  # a cold machine installs first
MARKER = "THIRD_RING_RUN"


@dataclass
class DevService:
    """A running `bin/dev`, and what it wrote about itself."""

    process: subprocess.Popen[bytes]
    var: Path
    web: str
    run: str  # marks every process of this run in its environment
    facts: dict[str, Any]

    def output(self) -> str:
        """What bin/dev has said so far."""
        return (self.var / "output").read_text()

    def password(self, name: str) -> str:
        """The made-up password of one of the example center's people."""
        _mark, sign_ins = json.loads((self.var / "prepared.json").read_text())
        return next(str(row["password"]) for row in sign_ins if row["name"] == name)

    def interrupt(self) -> int:
        """Ctrl-C, and the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def left_behind(self, patience_s: float = 10.0) -> dict[int, str]:
        """The processes of this run that are still there after `patience_s`."""
        give_up_s = time.monotonic() + patience_s
        while (left := marked_processes(self.run)) and time.monotonic() < give_up_s:
            time.sleep(0.05)
        return left


def start_dev(folder: Path, **settings: str) -> DevService:
    """Run `bin/dev` and return once it has said that it is ready; fails with its output when it ends instead."""
    process, var, run, port = spawn_dev(folder, **settings)
    give_up_s = time.monotonic() + READY_S
    while not (var / "run.json").exists():
        if process.poll() is not None or time.monotonic() > give_up_s:
            process.kill()
            raise AssertionError(f"bin/dev did not become ready:\n{(var / 'output').read_text()}")
        time.sleep(0.05)
    return DevService(process, var, f"http://127.0.0.1:{port}", run, json.loads((var / "run.json").read_text()))


def spawn_dev(folder: Path, **settings: str) -> tuple[subprocess.Popen[bytes], Path, str, str]:
    """`bin/dev` started and not waited for: its process, its state, the mark of its run, and its port."""
    run, port = f"{folder.name}-{os.getpid()}-{time.monotonic_ns()}", settings.pop("PORT", str(free_port()))
    folder.mkdir(exist_ok=True)
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "REDIS_", "DATABASE_"))
    }
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [HOUSE / "bin" / "dev", "--var", folder],
            env={**clean, "PORT": port, MARKER: run, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return process, folder, run, port


def marked_processes(run: str) -> dict[int, str]:
    """The processes of a run: process id -> command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARKER}={run}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue  # it ended while we looked, or is not ours
    return found
