"""The recorder: carries the event stream into the record, exactly once in effect. `python -m queues.recorder`.

It runs after the fact and beside the calls. While SQL is down the stream holds what happened and calls go on; while
Redis is down nothing new happens. Killed in the middle, it reads the same entries again, and the record passes over
what it has.
"""

import signal
import sys
from collections.abc import Iterable, Mapping
from threading import Event

from center import Center, SettingsError, assemble
from logs import log, start_logging
from queues.pace import paces

BATCH = 500
WAIT_MS = 1000
# A transaction costs the same for one event and for fifty, and a call's events come close together.
GATHER_S = 0.1
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
PACE_EVERY_MS = 15_000


def record_once(center: Center, limit: int = BATCH) -> int:
    """Record up to `limit` entries of the stream, and let Redis forget them. Returns how many there were.

    Raises the errors of Redis or SQL when one of them is away; nothing is half done then.
    """
    stream, history = center.live.stream, center.history
    believed = stream.life()
    life, entries = stream.after(history.position(believed), limit)
    if life != believed:  # Redis was emptied in between: its numbers are of another life.
        return record_once(center, limit)

    if entries:
        remember_cases(center, [fields for _, fields in entries])
        history.record(entries, center.plan, life)
        stream.trim(history.position(life))
    return len(entries)


def remember_cases(center: Center, events: Iterable[Mapping[str, str]]) -> None:
    """Let the menu know, without a look into SQL, whose cases were opened and resolved. Repeats change nothing."""
    memories = center.live.memories
    for event in events:
        case, caller, due_ms = (event.get(name, "") for name in ("case", "caller", "due_ms"))
        if event.get("name") == "case_opened" and due_ms.isdecimal():
            memories.keep_case(caller, case, int(due_ms))
        elif event.get("name") == "case_resolved":
            memories.drop_case(caller, case)


def recall_cases(center: Center) -> None:
    """Tell a Redis that was emptied which cases are open. Only the recorder does, so that none closes in between."""
    if not center.live.memories.knows_cases():
        center.live.memories.keep_cases(center.history.cases.owed(), center.now_ms())


def keep_pace(center: Center) -> None:
    """Leave in Redis how fast each queue moves, as the record tells it. Raises as above."""
    now_ms = center.now_ms()
    center.live.outlook.keep(paces(center.history.newest_contacts(list(center.plan.queues)), now_ms), now_ms)


def run(center: Center, stop: Event) -> None:
    """Record until told to stop. Whatever goes wrong is logged and tried again, with growing pauses."""
    pause_s, pace_due_ms = FIRST_PAUSE_S, 0
    while not stop.is_set():
        try:
            if center.now_ms() >= pace_due_ms:
                pace_due_ms = center.now_ms() + PACE_EVERY_MS
                recall_cases(center)
                keep_pace(center)
            if record_once(center) < BATCH:
                center.live.beat("recorder", center.now_ms())
                center.live.stream.wait(center.history.position(center.live.stream.life()), WAIT_MS)
                stop.wait(GATHER_S)
            pause_s = FIRST_PAUSE_S
        except Exception as error:  # Nothing may stop the recorder: what it cannot do now, it must do later.
            log.warning("recording_waits", why=type(error).__name__, detail=_first_line(error), pause_s=pause_s)
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")


def main() -> None:
    """The recorder process, until SIGTERM or SIGINT."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        center = assemble()
    except SettingsError as error:
        sys.exit(str(error))
    start_logging("recorder", center.settings.log_level)
    log.info("recording")
    run(center, stop)
    log.info("stopped")


if __name__ == "__main__":
    main()
