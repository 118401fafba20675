"""What the parts of one key press cost: `python -m benches.parts COUNT`, in the environment of the service.

The service's application and the floor's answer the same presses in this process. Around the functions that do a part
stands a clock of processor time; the whole is measured without them. Prints µs of processor time as JSON.
"""

import io
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

import redis
from flask import Flask
from redis.client import Pipeline
from twilio.request_validator import RequestValidator
from werkzeug.wrappers import Request

from benches import minimal_web, quicker
from benches.embedded import connect
from benches.press import PATH, Account, Press, presses, put_in_menu
from center import assemble, read_settings
from ivr import twiml
from logs import start_logging
from webhooks import at_once, guard
from wsgi import create_app

PARTS = ("signature", "form", "Redis", "menu step", "TwiML")
WARM_UP = 100
# Functions whose time is the part's; none of them calls another.
Place = tuple[str, Any, str]
COMMON: tuple[Place, ...] = (
    ("form", Request, "_load_form_data"),
    ("Redis", redis.Redis, "execute_command"),
    ("Redis", Pipeline, "execute"),
)
OURS: tuple[Place, ...] = (
    *COMMON,
    ("signature", guard, "is_signed"),
    ("menu step", at_once, "step"),
    ("TwiML", twiml, "reply"),
)
MINIMAL: tuple[Place, ...] = (
    *COMMON,
    ("signature", RequestValidator, "validate"),
    ("TwiML", minimal_web, "document"),
)


def environ_of(press: Press) -> dict[str, Any]:
    """A press as a WSGI server hands it over."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": press.query,
        "SERVER_NAME": "bench",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "bench",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(press.body)),
        "HTTP_X_TWILIO_SIGNATURE": press.signature,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(press.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def answered(app: Flask, press: Press) -> bytes:
    """The body of the application's answer. Raises RuntimeError when it is not a 200."""
    told: list[str] = []
    answer = app(environ_of(press), lambda status, headers, error=None: told.append(status))  # type: ignore[arg-type]
    body = b"".join(answer)
    answer.close()  # type: ignore[attr-defined]
    if told != ["200 OK"]:
        raise RuntimeError(f"{told}: {body!r}")
    return body


@contextmanager
def clocked(places: Sequence[Place]) -> Iterator[dict[str, int]]:
    """Processor time in ns by part, of this process, for as long as this lasts."""
    spent: dict[str, int] = defaultdict(int)
    with ExitStack() as stack:
        for part, owner, name in places:
            stack.enter_context(patch.object(owner, name, _with_clock(getattr(owner, name), part, spent)))
        yield spent


def _with_clock(function: Callable[..., Any], part: str, spent: dict[str, int]) -> Callable[..., Any]:
    def clock(*args: Any, **kwargs: Any) -> Any:
        began_ns = time.process_time_ns()
        try:
            return function(*args, **kwargs)
        finally:
            spent[part] += time.process_time_ns() - began_ns

    return clock


def table(app: Flask, these: Sequence[Press], places: Sequence[Place]) -> dict[str, float]:
    """Part → its middle processor time in µs, of every other press; `whole` of those between, with no clock inside."""
    rows: dict[str, list[int]] = defaultdict(list)
    for number, press in enumerate(these):
        if number % 2:
            rows["whole"].append(_took_ns(partial(answered, app, press)))
            continue
        with clocked(places) as spent:
            answered(app, press)
        for part, took_ns in spent.items():
            rows[part].append(took_ns)
    return {part: statistics.median(took) / 1000 for part, took in rows.items()}


def quick_table(account: Account, these: Sequence[Press]) -> dict[str, float]:
    """What the faster exact forms of two parts cost for the same presses, in µs."""
    url, words = f"{account.base}{PATH}", minimal_web.WORDS
    rows: dict[str, list[int]] = defaultdict(list)
    for press in these:
        where, request = f"{url}?{press.query}", quicker.QuickRequest(environ_of(press))
        rows["form"].append(_took_ns(partial(getattr, request, "form")))
        document = partial(quicker.question, where, where, 2, words, minimal_web.VOICE, minimal_web.LOCALE)
        rows["TwiML"].append(_took_ns(document))
    return {part: statistics.median(took) / 1000 for part, took in rows.items()}


def _took_ns(function: Callable[[], object]) -> int:
    began_ns = time.process_time_ns()
    function()
    return time.process_time_ns() - began_ns


def main(count: int) -> dict[str, dict[str, float]]:
    """The parts of both, and the faster forms."""
    start_logging("bench", "WARNING")
    settings = read_settings()
    center = assemble(settings)
    account = Account(settings.base_url, settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value())
    these = presses(account, count + WARM_UP)
    put_in_menu(connect(settings.redis_url), center.plan, len(these), center.now_ms())
    ours, minimal = create_app(center), minimal_web.create_app(os.environ)
    for press in these[:WARM_UP]:
        if answered(ours, press) != answered(minimal, press):
            raise RuntimeError("the floor answers another document")
    return {
        "ours": table(ours, these[WARM_UP:], OURS),
        "minimal": table(minimal, these[WARM_UP:], MINIMAL),
        "faster": quick_table(account, these),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
