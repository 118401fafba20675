"""The RQ job functions, a few lines each, and the worker process: `python -m queues.worker dispatch`.

Each worker serves one job queue, because only then does RQ keep the job of a killed worker. It runs jobs in its own
process, because forking costs more than our jobs.
"""

import contextlib
import sys
from functools import cache
from importlib import import_module
from types import FrameType

from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from center import Center, Running, assemble, read_settings
from logs import start_logging
from queues import calibrating, erasing, flow_versions, look_ups, recovery
from queues.answers import CarrierError
from queues.dispatch import stay, stopping


@cache
def running() -> Running:
    """The center of this process, assembled with its first job."""
    return Running(assemble())


def center() -> Center:
    """The center as the newest center file has it."""
    return running().center()


def dispatch_round() -> None:
    """Job: match and ring whatever fits now, and what will fit in the next seconds."""
    parts: Center = center()
    parts.live.beat("worker_dispatch", parts.now_ms())
    stay(center, stopping)


def check_carrier() -> None:
    """Job: note that the phone network answers."""
    parts: Center = center()
    parts.live.beat("worker_errands", parts.now_ms())
    try:
        parts.carrier.check()
    except CarrierError:
        return
    parts.live.beat("carrier", parts.now_ms())


def look_up() -> None:
    """Job: ask the company's own service about the callers who wait for it."""
    look_ups.answer_all(center())


def judge_flows() -> None:
    """Job: see that the right menus are in force, and withdraw one with which callers fare worse."""
    flow_versions.restore(center())
    flow_versions.judge(center())


def judge_nights() -> None:
    """Job: judge the waits that were told on the days that are over."""
    calibrating.judge_nights(center())


def erase_recordings() -> None:
    """Job: delete at the carrier what was replaced, and what has been kept long enough."""
    erasing.erase_recordings(center())


def recover() -> None:
    """Job: bring back what Redis forgot."""
    with contextlib.suppress(CarrierError, SQLAlchemyError):  # asked for again until it is done
        recovery.recover(center())


def sweep() -> None:
    """Job: compare our state with the carrier's and the record's."""
    with contextlib.suppress(CarrierError, SQLAlchemyError):  # and again in a minute
        recovery.sweep(center())


class PromptWorker(SimpleWorker):
    """Runs jobs in its own process, and tells a job that stays when it is to end."""

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or Ctrl-C: the job that runs is the last."""
        stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def serve(name: str) -> None:
    """Work on one job queue until told to stop. Raises KeyError for a queue that is not ours."""
    start_logging(f"worker_{name}", read_settings().log_level)
    queue = center().jobs.queue(name)
    worker = PromptWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    # By the name that the jobs have: as `__main__` this module would be another one, and the first job, with a caller
    # waiting for it, would assemble a second center.
    import_module("queues.worker").serve(sys.argv[1])
