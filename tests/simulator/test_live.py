"""The network in real time: its own process, real HTTP both ways, real seconds (few of them)."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from werkzeug.serving import make_server

from tests.simulator.customer import ACCOUNT, AGENT, CALLER, KEY, OURS, SECRET, TOKEN, Customer

ROOT = Path(__file__).parents[2]
MENU = '<Gather numDigits="1" action="/choice"><Say>Press</Say></Gather>'


@pytest.fixture
def customer() -> Iterator[tuple[Customer, str]]:
    """A customer's server on a port of its own."""
    served = Customer()
    server = make_server("127.0.0.1", 0, served._wsgi, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Simulator:
    """`python -m simulator`, and its control interface."""

    def __init__(self, public_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        settings = {
            "TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": SECRET,
            "TWILIO_CALLER_ID": OURS, "PUBLIC_URL": public_url, "SIMULATOR_PORT": self.url.rpartition(":")[2],
        }  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "simulator"],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            text=True,
        )
        until(lambda: self.control("GET", "state"))

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(
            f"{self.url}/control/{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return dict(json.load(answer))


def until(true: Callable[[], Any], seconds: float = 10) -> Any:
    """Wait for something that happens in real time."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := true():
                return found
        except OSError:
            pass
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@pytest.fixture
def simulator(customer: tuple[Customer, str]) -> Iterator[Simulator]:
    running = Simulator(customer[1])
    yield running
    running.process.kill()
    running.process.communicate()


def test_call_goes_all_the_way_in_real_seconds(customer: tuple[Customer, str], simulator: Simulator) -> None:
    documents = customer[0].documents
    documents |= {"/voice/incoming": MENU, "/voice/status": "", "/choice": f"<Dial>{AGENT}</Dial>"}
    simulator.control("PUT", f"people/{AGENT}", {"script": "answer@0.2s, hang up after 0.5s of talk"})
    placed = simulator.control("POST", "calls", {"from": CALLER, "to": OURS, "script": "press 1 on gather, wait"})
    call = until(lambda: (c := simulator.control("GET", f"calls/{placed['call']}"))["status"] == "completed" and c)
    assert (call["ended_as_scripted"], [h["kind"] for h in call["heard"]]) == (
        True,
        ["ring", "say", "key", "ring", "talk"],
    )
    talked_ms = call["ended_at_ms"] - call["heard"][-1]["at_ms"]
    assert 450 < talked_ms < 2000
    until(lambda: customer[0].got("/voice/status"))
    assert customer[0].statuses("/voice/status") == ["completed"]
    assert simulator.control("GET", "state")["warnings"] == []


def test_lost_answer_is_a_broken_connection_and_the_call_exists(simulator: Simulator) -> None:
    simulator.control("PUT", "faults", {"rest_lost_answers": 1})
    url = f"{simulator.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = {"To": AGENT, "From": OURS, "Url": "http://127.0.0.1:9/x"}
    with pytest.raises(requests.ConnectionError):
        requests.post(url, form, auth=(ACCOUNT, TOKEN), timeout=5)
    with requests.Session() as kept:
        shown = kept.get(url, auth=(ACCOUNT, TOKEN), timeout=5).json()["calls"]
        again = kept.get(url, auth=(ACCOUNT, TOKEN), timeout=5)
    assert [call["to"] for call in shown] == [AGENT]
    assert again.headers["Content-Type"] == "application/json"


def test_customer_that_is_down_gets_one_more_try_and_the_caller_an_apology(simulator: Simulator) -> None:
    simulator.control("POST", "numbers", {"number": OURS, "voice_url": "http://127.0.0.1:9/in"})
    placed = simulator.control("POST", "calls", {"from": CALLER, "to": OURS})
    call = until(lambda: (c := simulator.control("GET", f"calls/{placed['call']}"))["heard"][1:] and c)
    assert call["heard"][1]["text"].startswith("We are sorry")
    tried = simulator.control("GET", "deliveries")["deliveries"]
    assert [(d["attempt"], d["status"], d["error"].split(":")[0]) for d in tried] == [
        (1, None, "ConnectionRefusedError"), (2, None, "ConnectionRefusedError")
    ]  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_its_log_names_no_number(simulator: Simulator, how: signal.Signals) -> None:
    simulator.control("POST", "calls", {"from": CALLER, "to": OURS})
    simulator.process.send_signal(how)
    output, _ = simulator.process.communicate(timeout=5)
    assert simulator.process.returncode == 0
    lines = [json.loads(line) for line in output.splitlines()]
    assert {"at_ms", "level", "event", "from"} <= set(lines[0])
    assert not any(number in output for number in (CALLER, OURS, TOKEN))


def test_missing_settings_are_named() -> None:
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("TWILIO", "PUBLIC"))}
    ended = subprocess.run([sys.executable, "-m", "simulator"], cwd=ROOT, env=settings, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("the simulated network needs TWILIO_ACCOUNT_SID")
