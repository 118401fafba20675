"""Is it alive, is it whole, and in numbers: `/healthz`, `/readyz`, `/metrics`. Asked by machines, without a sign-in."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from redis.exceptions import RedisError

from center import Center
from consoles import room, snapshot
from queues.answers import CarrierError

blueprint = Blueprint("health", __name__)
LATE_MS = 15_000
CARRIER_EVERY_MS = 10_000
CARRIER_PATIENCE_S = 2.0
WORKERS = {"dispatch": "worker_dispatch", "errands": "worker_errands"}


@dataclass
class CarrierLook:
    """The last look at the phone network, so that a scrape does not become load on it."""

    ok: bool = False
    at_ms: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fine(self, center: Center) -> bool:
        """Did the phone network answer within the last 10 s?"""
        with self.lock:
            now_ms = center.now_ms()
            # A fault is looked at again at once: start-up must not wait for a memory to fade.
            if not self.ok or now_ms - self.at_ms >= CARRIER_EVERY_MS:
                self.ok, self.at_ms = self._look(center), now_ms
            return self.ok

    def _look(self, center: Center) -> bool:
        try:
            center.pool.submit(center.carrier.check).result(CARRIER_PATIENCE_S)
        except (CarrierError, TookTooLong):
            return False
        return True


_carrier = CarrierLook()


@blueprint.get("/healthz")
def alive() -> Any:
    """The web process answers."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> Any:
    """Every part by name, `ok` or `degraded`; 503 only without Redis, because calls go on without the others."""
    center = room.center()
    redis_ok = center.live.ping()
    beats = _beats(center) if redis_ok else {}
    now_ms = center.now_ms()

    def seen(process: str) -> str:
        return _word(now_ms - beats.get(process, 0) <= LATE_MS)

    parts: dict[str, Any] = {
        "redis": _word(redis_ok),
        "sql": _word(center.history.ping()),
        "workers": {name: seen(process) for name, process in WORKERS.items()},
        "ticker": seen("ticker"),
        "recorder": seen("recorder"),
        "feed": seen("feed"),
        "carrier": _word(_carrier.fine(center)),
    }
    whole = "degraded" not in (*parts["workers"].values(), *(row for row in parts.values() if isinstance(row, str)))
    return {"status": _word(whole), **parts}, 200 if redis_ok else 503


def _beats(center: Center) -> dict[str, int]:
    try:
        return center.live.beats()
    except RedisError:
        return {}


def _word(fine: bool) -> str:
    return "ok" if fine else "degraded"


# -- in numbers ------------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class Floor:
    """Gauges read from the live state at the moment of the scrape."""

    center: Center

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What Prometheus asks of a collector."""
        try:
            floor = snapshot.floor(self.center)
            overdue_ms = self.center.live.dues.oldest_overdue_ms(floor["now_ms"])
        except RedisError:
            return
        for name, words, value in QUEUE_GAUGES:
            gauge = GaugeMetricFamily(name, words, labels=["queue"])
            for row in floor["queues"]:
                gauge.add_metric([row["queue"]], value(row, floor["now_ms"]))
            yield gauge
        yield _agents(floor)
        yield GaugeMetricFamily("oldest_stuck_state_seconds", "How late the most overdue state is", overdue_ms / 1000)


def _longest_s(row: dict[str, Any], now_ms: int) -> float:
    return (now_ms - row["longest"]["from_ms"]) / 1000 if row["longest"] else 0.0


QUEUE_GAUGES: list[tuple[str, str, Callable[[dict[str, Any], int], float]]] = [
    ("queue_waiting_callers", "Callers waiting", lambda row, _now_ms: float(row["waiting"])),
    ("queue_longest_wait_seconds", "How long the first in line has waited", _longest_s),
    ("queue_ready_agents", "Agents ready for this queue", lambda row, _now_ms: float(row["agents"]["ready"])),
]


def _agents(floor: dict[str, Any]) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily("agents", "Agents by what they chose and what they do", labels=["status", "activity"])
    pairs = [(agent["status"], agent["activity"]) for agent in floor["agents"]]
    for pair in sorted(set(pairs)):
        gauge.add_metric(pair, pairs.count(pair))
    return gauge


@blueprint.get("/metrics")
def metrics() -> Response:
    """The Prometheus text: this process's counters (all processes' with PROMETHEUS_MULTIPROC_DIR) and the floor."""
    counters = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counters = CollectorRegistry()
        multiprocess.MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    gauges = CollectorRegistry()
    gauges.register(Floor(room.center()))
    return Response(generate_latest(counters) + generate_latest(gauges), content_type=CONTENT_TYPE_LATEST)
