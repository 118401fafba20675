"""Every night: were the waits of the day as callers were told? Judged once, kept, and said in the log when not.

Asked for by the ticker far more often than a day ends; a day that is in the record is not looked at again, so neither
a lost errand nor two workers at once leave a gap or a double.
"""

from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from queues.calibration import calibrate, night
from queues.days import Span, day_at

log = structlog.get_logger()

# A day is judged when nearly everyone whom it told a time has been answered, and the recorder has caught up.
AFTER_MIDNIGHT_MS = 3 * 3_600_000
# So far back, after the service has stood still.
NIGHTS = 7


def judge_nights(center: Center) -> None:
    """Judge the days of the last week that have not been; SQL that is away is asked again at the next errand."""
    zone, now_ms = center.plan.zone, center.now_ms()
    today = day_at(now_ms - AFTER_MIDNIGHT_MS, zone)
    days = [today - timedelta(days=back) for back in range(NIGHTS, 0, -1)]
    try:
        known = {row.day for row in center.history.nights.between(str(days[0]), str(days[-1]))}
        for day in days:
            if str(day) not in known:
                _judge(center, Span(day, day))
    except SQLAlchemyError as error:
        log.warning("nights_judged_later", error=type(error).__name__)


def _judge(center: Center, day: Span) -> None:
    now_ms = center.now_ms()
    total, groups = calibrate(center.history.estimates(*day.ms(center.plan.zone)), now_ms)
    rows = [night(str(day.first), found, now_ms) for found in (total, *groups)]
    kept = center.history.nights.keep(rows)
    for row in rows if kept else ():
        if {row.verdict_lo, row.verdict_hi} & {"low", "high"}:
            log.warning("estimates_off", **{name: value for name, value in vars(row).items() if name != "judged_ms"})
