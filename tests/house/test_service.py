"""`bin/dev` and `bin/call` as people meet them: the whole service, in real time, on a port of its own."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.running import HOUSE, DevService, marked_processes, spawn_dev, start_dev

pytestmark = pytest.mark.service


def bin_call(service: DevService, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [HOUSE / "bin" / "call", "--var", service.var, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refusal(folder: Path, **settings: str) -> list[str]:
    """What bin/dev says when it does not start; it must end by itself with exit code 1."""
    process, *_ = spawn_dev(folder, **settings)
    assert process.wait(60) == 1
    return (folder / "output").read_text().splitlines()


def test_all_of_it_starts_stops_and_leaves_nothing(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    service = start_dev(tmp_path)
    with urllib.request.urlopen(f"{service.web}/readyz") as answer:
        parts = json.load(answer)
    assert parts == {
        "status": "ok",
        "redis": "ok",
        "sql": "ok",
        "workers": {"dispatch": "ok", "errands": "ok"},
        "ticker": "ok",
        "recorder": "ok",
        "feed": "ok",
        "carrier": "ok",
    }
    assert [f"{service.web}/{page}" in service.output() for page in ("phone", "desk", "floor")] == [True] * 3
    assert service.interrupt() == 0
    assert service.left_behind() == {}
    assert not (tmp_path / "run.json").exists()

    began_s = time.monotonic()
    again = start_dev(tmp_path)
    record_property("second_start_s", round(time.monotonic() - began_s, 1))
    again.process.kill()  # kill -9: nothing of ours runs any more that could tidy up
    again.process.wait()
    assert again.left_behind(patience_s=20) == {}


def test_a_call_is_told_from_the_first_ring_to_its_targets(dev_service: DevService) -> None:
    told = bin_call(dev_service, "--from", "+14155550123", "--keys", "1,3", "--agent", "asha:answer@2rings")
    assert told.returncode == 0, told.stdout + told.stderr
    story = [line.split("s  ", 1)[-1].strip() for line in told.stdout.splitlines()]
    steps = [
        "the call arrives",
        "+14155550123 presses 1",
        "+14155550123 presses 3",
        "waits in line for billing",
        "asha accepts",
        "the call is over",
        "the wrap-up is done",
        "ended as scripted: answered",
    ]
    assert [line for line in story if line in steps] == steps
    assert any(re.fullmatch(r"asha's phone rings \([a-z ]+, for billing 1, lang:en 1\)", line) for line in story)
    assert any(line.startswith("asha answered within three rings: 2 rings, ") for line in story)


def test_a_caller_who_gives_up_while_nobody_answers_ends_as_scripted_too(dev_service: DevService) -> None:
    told = bin_call(dev_service, "--from", "+14155550124", "--keys", "1,3", "--agent", "kiran:never", "--hangup", "9s")
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.splitlines()[-1] == "ended as scripted: abandoned"


def test_a_killed_worker_is_back_before_the_caller_notices(dev_service: DevService) -> None:
    worker = next(pid for pid, line in marked_processes(dev_service.run).items() if "queues.worker dispatch" in line)
    os.kill(worker, signal.SIGKILL)
    told = bin_call(
        dev_service, "--from", "+14155550125", "--keys", "1,3", "--agent", "asha:answer@1rings", "--talk", "1s"
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "worker_dispatch ended (signal 9); it is started again" in dev_service.output()


def test_a_port_in_use_is_one_clear_line(dev_service: DevService, tmp_path: Path) -> None:
    port = dev_service.web.rpartition(":")[2]
    said = refusal(tmp_path, PORT=port)
    assert said == [
        f"Third Ring: PORT {port} cannot be used (Address already in use): choose another, as in PORT=8001 bin/dev"
    ]


def test_a_second_service_on_the_same_state_is_refused(dev_service: DevService) -> None:
    process = subprocess.run(
        [HOUSE / "bin" / "dev", "--var", dev_service.var], capture_output=True, text=True, check=False, timeout=60
    )
    assert process.returncode == 1
    assert (
        process.stderr == f"Third Ring: bin/dev already runs on {dev_service.var}: stop it, or use another checkout\n"
    )


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"CENTER_FILE": "no-such.yaml"}, "CENTER_FILE"),
        (
            {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "1", "TWILIO_CALLER_ID": "+18005550100"},
            "PUBLIC_URL",
        ),
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "REDIS_URL"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path, settings: dict[str, str], named: str) -> None:
    said = refusal(tmp_path, **settings)
    assert len(said) == 1
    assert said[0].startswith("Third Ring: ")
    assert named in said[0]


def test_a_call_without_a_service_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [HOUSE / "bin" / "call", "--var", tmp_path], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Third Ring: nothing runs here: start bin/dev first and wait until it is ready\n"
