"""When a development run counts as started: Redis answers, then `/readyz` names every component `ok`."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import urlsplit

import redis

from launch import Refused

LOOK_EVERY_S = 0.1


def wait_for_redis(url: str, patience_s: float, check: Callable[[], None] = lambda: None) -> None:
    """Return when this Redis answers; `check` may raise in between. Raises Refused after `patience_s`."""
    give_up_s = time.monotonic() + patience_s
    while True:
        try:
            with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
                client.ping()
            return
        except (redis.RedisError, ValueError) as error:
            check()
            if time.monotonic() > give_up_s:
                raise Refused(f"REDIS_URL: {without_password(url)} does not answer ({error})") from None
        time.sleep(0.02)


def without_password(url: str) -> str:
    """The address as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}:{parts.port or 6379}{parts.path}"


def wait_until_ready(base_url: str, patience_s: float, check: Callable[[], None]) -> None:
    """Return when the service at this address is ready in every part. Raises Refused, naming the parts that are not."""
    give_up_s = time.monotonic() + patience_s
    while missing := not_ready(base_url):
        check()
        if time.monotonic() > give_up_s:
            raise Refused(f"not ready after {patience_s:.0f} s: {', '.join(missing)}")
        time.sleep(LOOK_EVERY_S)


def not_ready(base_url: str) -> list[str]:
    """The names of the parts that `/readyz` does not call `ok`; the web server itself when it does not answer."""
    try:
        with urllib.request.urlopen(f"{base_url}/readyz", timeout=5) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, error.read()
    except OSError:
        return ["web"]
    try:
        parts = json.loads(body)
    except ValueError:
        return [f"web (HTTP {status})"]
    wrong = sorted(_degraded("web", parts))
    return wrong or ([] if status == 200 else [f"web (HTTP {status})"])


def _degraded(name: str, part: object) -> list[str]:
    if isinstance(part, dict):
        return [wrong for inner, value in part.items() if inner != "status" for wrong in _degraded(str(inner), value)]
    return [name] if part == "degraded" else []
