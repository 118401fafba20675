"""The children of `bin/dev`: started again when they die, stopped together, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from launch import Refused
from launch.processes import Processes, last_words
from tests.house.running import HOUSE, MARKER, marked_processes


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes({**os.environ, MARKER: str(tmp_path)}, tmp_path / "logs")
    yield processes
    processes.stop()


def wait_for(condition: Callable[[], object]) -> None:
    give_up_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < give_up_s, "waited 10 s in vain"
        time.sleep(0.01)


def pid(processes: Processes, name: str) -> int:
    child = processes.running[name].child
    assert child is not None
    return child.pid


def test_a_killed_process_is_started_again_and_said_to_be(processes: Processes) -> None:
    processes.start("web", "sleep 60")
    first = pid(processes, "web")
    os.kill(first, signal.SIGKILL)
    wait_for(processes.dead)
    said = processes.restart_dead()
    wait_for(lambda: processes.restart_dead() or pid(processes, "web") != first)
    assert said == ["web ended (signal 9); it is started again"]
    assert not processes.dead()


def test_one_that_keeps_dying_is_started_again_ever_later(processes: Processes) -> None:
    processes.start("web", "false")
    pauses = []
    for _ in range(2):
        wait_for(processes.dead)
        processes.restart_dead()
        pauses.append(processes.running["web"].again_s)
        wait_for(lambda: processes.restart_dead() or processes.running["web"].due_s is None)
    assert pauses == [0.4, 0.8]


def test_one_that_ends_during_start_up_is_a_fault_told_in_its_own_last_words(processes: Processes) -> None:
    processes.start("web", "sh -c 'echo first; echo no such table: calls; echo; exit 3'")
    wait_for(processes.dead)
    with pytest.raises(Refused, match=r"^web ended \(exit code 3\): no such table: calls — see .*web\.log$"):
        processes.need_alive()


def test_stopping_takes_what_the_children_started_along(processes: Processes, tmp_path: Path) -> None:
    processes.start("web", "sh -c 'sleep 60 & wait'")
    wait_for(lambda: len(marked_processes(str(tmp_path))) == 2)
    processes.stop()
    wait_for(lambda: marked_processes(str(tmp_path)) == {})


def test_redis_is_stopped_after_those_who_use_it(processes: Processes, tmp_path: Path) -> None:
    order = tmp_path / "order"
    for name in ("redis", "web"):
        processes.start(
            name, f"sh -c 'trap \"echo {name} >> {order}; exit\" TERM; echo up; while :; do sleep 0.05; done'"
        )
    wait_for(lambda: all(last_words(one.log) == "up" for one in processes.running.values()))
    processes.stop()
    assert order.read_text() == "web\nredis\n"


def test_a_line_takes_its_values_from_the_environment_of_the_run(tmp_path: Path) -> None:
    processes = Processes({**os.environ, "PORT": "8123"}, tmp_path)
    processes.start("web", "echo $PORT ${HOST:-0.0.0.0}")
    wait_for(processes.dead)
    assert last_words(tmp_path / "web.log") == "8123 0.0.0.0"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys, time; from pathlib import Path; from launch.processes import Processes;"
            "Processes(os.environ, Path(sys.argv[1])).start('web', 'sleep 60'); print('up', flush=True);"
            "time.sleep(60)",
            tmp_path,
        ],
        cwd=HOUSE,
        env={**os.environ, MARKER: str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    wait_for(lambda: len(marked_processes(str(tmp_path))) == 2)  # one in the middle of an exec shows no environment
    parent.kill()
    parent.wait()
    wait_for(lambda: marked_processes(str(tmp_path)) == {})
