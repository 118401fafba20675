"""A Redis of the bench's own: the embedded server, with the append-only file on as in service."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from benches.figures import KEPT
from launch.ready import wait_for_redis
from launch.valkey import find_server
from launch.variables import free_port

# A rewrite of the file forks, which stalls whatever is measured just then, floor and match alike, for tens of ms.
NO_REWRITE = ("--auto-aof-rewrite-percentage", "0")


@contextmanager
def own_redis() -> Iterator[str]:
    """The URL of an empty Redis, gone with its files afterwards."""
    KEPT.mkdir(parents=True, exist_ok=True)
    folder, port = tempfile.mkdtemp(prefix="redis-", dir=KEPT), free_port()
    command = [find_server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
    server = subprocess.Popen([*command, "--appendonly", "yes", "--save", "", *NO_REWRITE], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        wait_for_redis(url, 10)
        yield url
    finally:
        server.kill()
        server.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def connect(url: str) -> redis.Redis:
    """A client set up as the service's own."""
    return redis.Redis.from_url(url, decode_responses=True, encoding_errors="replace")
