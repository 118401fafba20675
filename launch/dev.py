"""`bin/dev`: set up this checkout and run the whole service on one machine, until Ctrl-C.

Without TWILIO_ACCOUNT_SID it also runs the simulated phone network, with a phone in the browser at /phone.
"""

import argparse
import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from launch import HOUSE, Refused, run, setup

if TYPE_CHECKING:
    from launch.logs import Follower
    from launch.processes import Processes

LOOK_EVERY_S = 0.1


def main(arguments: list[str]) -> int:
    """Run until told to stop. Returns 0 after a clean stop."""
    options, stop, began_s = _options(arguments), _stop_on_signals(), time.monotonic()
    try:
        setup.set_up()
        with _only_one(options.var.resolve()) as var:
            _run_service(var, options.logs, stop, began_s)
    except Refused:
        if not stop.is_set():  # Ctrl-C also reaches what was being started; only the stop is news then
            raise
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/dev",
        description="Run all of Third Ring on this machine: web, workers, ticker, an embedded Redis, SQLite and, "
        "unless TWILIO_ACCOUNT_SID is set, a simulated phone network. Ctrl-C stops everything.",
        epilog="Settings come from the environment and from .env (see .env.example). "
        "A second checkout runs beside this one on its own port: PORT=8001 bin/dev",
    )
    parser.add_argument("--logs", action="store_true", help="show every log line here, not only warnings and errors")
    parser.add_argument(
        "--var", type=Path, default=HOUSE / "var", help="where state lives (default: var)", metavar="DIR"
    )
    return parser.parse_args(arguments)


def _stop_on_signals() -> threading.Event:
    """The first Ctrl-C or SIGTERM asks for a clean stop; the second interrupts even that."""
    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    return stop


@contextmanager
def _only_one(var: Path) -> Iterator[Path]:
    """Hold the state directory: two services on one append-only file would ruin it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "dev.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(f"bin/dev already runs on {var}: stop it, or use another checkout") from None
        yield var


def _run_service(var: Path, show_all: bool, stop: threading.Event, began_s: float) -> None:
    # Imported here because they need packages that set_up() has only now installed.
    from launch import greeting, variables
    from launch.logs import Follower
    from launch.processes import Processes
    from launch.service import Service, need_free_port

    values = variables.for_dev(os.environ, var)
    os.environ.update(values)
    need_free_port(values["PORT"])
    processes = Processes(values, var / "logs")
    try:
        sign_ins = Service(values, var, processes).start(lambda: _raise_if(stop))
        greeting.write_run_file(var, values)
        print(greeting.text(values, var, sign_ins, time.monotonic() - began_s), flush=True)
        _watch(processes, Follower(var / "logs", show_all), stop)
    except KeyboardInterrupt:
        pass
    finally:
        greeting.remove_run_file(var)
        for line in processes.stop():
            print(line, flush=True)


def _raise_if(stop: threading.Event) -> None:
    if stop.is_set():
        raise KeyboardInterrupt


def _watch(processes: "Processes", follower: "Follower", stop: threading.Event) -> None:
    """Keep the service whole, and the terminal informed, until told to stop."""
    while not stop.wait(LOOK_EVERY_S):
        for line in [*processes.restart_dead(), *follower.new_lines()]:
            print(line, flush=True)


if __name__ == "__main__":
    run(main)
