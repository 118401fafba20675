"""`/api/v1/reports`: the figures of the reports, for programs."""

from typing import Any

from pydantic import Field

from consoles import room
from consoles.api import route
from consoles.api_callbacks import blueprint
from consoles.api_shapes import Answered
from consoles.api_wishes import Asked
from consoles.openapi import Operation
from consoles.refusals import Refusal
from queues.calibration import Calibration, calibrate

__all__ = ["blueprint"]  # the whole API, these routes included
DAY_MS = 86_400_000
MOST_MS = 92 * DAY_MS


class CalibrationShape(Answered):
    """What became of the waits that callers were told, before rounding. Shares are 0 to 1, after Kaplan and Meier."""

    queue: str | None = Field(description="null: all of them")
    method: str | None
    told: int
    answered: int
    left: int = Field(description="left, or asked for a callback, before anybody answered: counted as censored")
    by_lo: float | None = Field(description="share of waits over by the earlier end, meant to be 0.5")
    by_hi: float | None = Field(description="share of waits over by the later end, meant to be 0.9")
    error_ms: int | None = Field(description="mean of wait less estimate over those answered")


class EstimateReport(Answered):
    """All estimates of a time together, and per queue and method."""

    total: CalibrationShape
    rows: list[CalibrationShape]


class Between(Asked):
    """Which time; the last seven days when none is given."""

    from_ms: int | None = Field(default=None, ge=0, description="told from then on")
    to_ms: int | None = Field(default=None, ge=0, description="told before then")
    queue: str = Field(default="", max_length=40)


REPORT = "/reports/estimates"


@route(Operation("GET", REPORT, "Were waits as we told them?", EstimateReport, query=Between, errors=(401, 422)))
def estimate_report(query: Between) -> Any:
    """From the record; no more than 92 days at once."""
    now_ms = room.center().now_ms()
    to_ms = now_ms + 1 if query.to_ms is None else query.to_ms
    from_ms = to_ms - 7 * DAY_MS if query.from_ms is None else query.from_ms
    if not from_ms < to_ms <= from_ms + MOST_MS:
        raise Refusal(422, "invalid", "from_ms must be before to_ms, and no more than 92 days apart.")
    total, rows = calibrate(room.center().history.estimates(max(0, from_ms), to_ms, query.queue), now_ms)
    return {"total": _shown(total), "rows": [_shown(row) for row in rows]}


def _shown(found: Calibration) -> dict[str, Any]:
    return vars(found) | {"queue": found.queue or None, "method": found.method or None}
