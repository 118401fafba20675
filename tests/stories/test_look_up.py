"""A caller is looked up at the company's own service: asked once, signed, and waited for two seconds at most."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Barrier, Thread
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from queues import look_ups, worker
from tests.ivr.test_look_up import LOOK_UP
from tests.stories.test_menu import serving
from tests.stories.world import World

SCRIPT = "press 1 on gather, press 4711 on gather, press 1 on gather, hang up at 90s"


@dataclass
class Company:
    """The company's own service: real HTTP, one answer."""

    status: int = 200
    answer: Any = None
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0
    together: Barrier = field(default_factory=lambda: Barrier(1))

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.heard.append((dict(request.headers), request.get_data()))
        self.together.wait()
        headers = {"Location": "/elsewhere"} if self.status == 302 else {}
        return Response(json.dumps(self.answer), self.status, headers)(environ, start_response)


@pytest.fixture
def company() -> Iterator[Company]:
    service = Company()
    server = make_server("127.0.0.1", 0, service, threaded=True)
    service.port = server.server_port
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield service
    server.shutdown()
    thread.join()


@pytest.fixture
def asking(world: World, company: Company) -> World:
    text = LOOK_UP.replace("https://example.org", f"http://127.0.0.1:{company.port}").replace(": desk}", ": general}")
    text = text.replace("desk", "general")
    return serving(world, text)


def test_a_caller_hears_what_the_service_answers(asking: World, company: Company) -> None:
    company.answer = {"answer": "due", "say": {"balance": 1250, "until": "2026-11-30", "who": "Maria"}}
    caller = asking.call(SCRIPT)
    asking.until_ended(caller)
    said = asking.said(caller)
    assert said[said.index("One moment.") + 1] == "Maria, 1250 rupees by 30 November."
    assert asking.record(caller)["queue"] == "general"


def test_the_service_is_asked_once_and_can_know_who_asks(asking: World, company: Company) -> None:
    company.answer = {"answer": "paid", "say": {"balance": 0, "until": "2026-11-30", "who": "Maria"}}
    caller = asking.call(SCRIPT)
    asking.until_ended(caller)
    assert asking.said(caller)[-1] == "Paid. Thank you, Maria."
    ((headers, body),) = company.heard
    asked = json.loads(body)
    assert asked == {
        "call": caller.sid,
        "caller": "+14155550123",
        "called": "+18005550100",
        "language": "en",
        "node": "bill",
        "given": {"account": "4711"},
    }
    signed = f"{headers['X-Third-Ring-Time']}.".encode() + body
    assert headers["X-Third-Ring-Signature"] == hmac.new(b"test", signed, hashlib.sha256).hexdigest()
    assert (asking.record(caller)["outcome"], asking.marks(caller).count("given")) == ("served_in_menu", 1)


@pytest.mark.parametrize(
    ("status", "answer"), [(500, {}), (302, {}), (404, {}), (200, {"answer": "other"}), (200, "x" * 20_000)]
)
def test_a_service_that_fails_lets_the_menu_go_on(asking: World, company: Company, status: int, answer: Any) -> None:
    company.status, company.answer = status, answer
    caller = asking.call(SCRIPT)
    asking.until_ended(caller)
    assert (asking.record(caller)["queue"], len(company.heard)) == ("general", 1)


def test_a_service_that_is_not_there_lets_the_menu_go_on(world: World) -> None:
    serving(world, LOOK_UP.replace("https://example.org", "http://127.0.0.1:9").replace("desk", "general"))
    caller = world.call(SCRIPT)
    world.until_ended(caller)
    assert world.record(caller)["queue"] == "general"


def test_without_an_answer_a_caller_waits_two_seconds_and_no_longer(
    asking: World, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "look_up", lambda: None)  # the worker was killed with the question in its hands
    caller = asking.call(SCRIPT)
    asking.until_ended(caller)
    record = asking.record(caller)
    asked_ms, gone_on_ms = (
        next(mark["at_ms"] for mark in record["marks"] if (mark["name"], mark.get("choice")) == ("menu_choice", choice))
        for choice in ("given", "no answer")
    )
    assert record["queue"] == "general"
    assert 2_000 <= gone_on_ms - asked_ms <= 3_000
    assert company.heard == []


def test_a_slow_answer_holds_nobody_else_up(world: World, company: Company) -> None:
    company.together = Barrier(3, timeout=10)  # nobody is answered before all three have been asked
    company.answer = {"answer": "due"}
    with ThreadPoolExecutor(3) as pool:
        center = replace(world.center, pool=pool)
        for number in range(3):
            look_ups.ask(center, f"CA{number}:1", f"http://127.0.0.1:{company.port}/", "{}")
        look_ups.answer_all(center)
    answers = [center.live.look_ups.question(f"CA{number}:1") for number in range(3)]
    assert [found.answer for found in answers if found] == ['{"answer": "due"}'] * 3
