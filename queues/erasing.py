"""Recordings are deleted at the carrier: a message that its caller replaced, and whatever has been kept long enough.

What is to be erased is what SQL says, so nothing is lost with Redis or a worker, and a message is never erased before
the one that replaced it is in SQL. A recording that is gone already counts as erased; one that the carrier does not
delete just now is tried again with the next errand. The event that says so is the audit line of the call.
"""

from collections.abc import Iterable

import structlog
from sqlalchemy.exc import SQLAlchemyError

from cases import case
from cases.case import ERASED, Recording
from center import Center
from queues.answers import CarrierError, Unavailable
from queues.records import Change

log = structlog.get_logger()

# A message's words may come minutes after it, and would be left behind; nobody is on that line any more either.
SETTLED_MS = 900_000
DAY_MS = 86_400_000


def erase_recordings(center: Center) -> None:
    """Erase what is due. SQL or a carrier that is away is asked again with the next errand."""
    book, now_ms = center.history.cases, center.now_ms()
    try:
        _erase(center, book.replaced(now_ms - SETTLED_MS), "replaced")
        _erase(center, book.old(now_ms - center.plan.recording.keep_days * DAY_MS), "old")
    except (Unavailable, SQLAlchemyError) as error:
        log.warning("recordings_erased_later", error=type(error).__name__)


def _erase(center: Center, due: Iterable[Recording], why: str) -> None:
    for made in due:
        try:
            center.carrier.erase(made.recording)
        except Unavailable:
            raise
        except CarrierError as error:
            log.error("recording_not_erased", recording=made.recording, error=str(error))
            continue
        now = center.history.cases.recording(made.recording)
        if now is None or now.status == ERASED:  # another worker was quicker
            continue
        # The event goes first: what it says is written again if SQL fails here.
        center.live.commit(Change(events=(case.erased(made, why, center.now_ms()),)), center.now_ms())
        center.history.cases.erased(made.recording)
