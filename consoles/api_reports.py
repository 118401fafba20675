"""`/api/v1/reports`: the figures of the reports, for programs."""

from typing import Any, Literal

from pydantic import Field

from cases.first_contact import Figures, figures
from consoles import room
from consoles.api import route
from consoles.api_callbacks import blueprint
from consoles.api_shapes import Answered
from consoles.api_wishes import Asked
from consoles.api_words import AtMs
from consoles.openapi import Operation
from consoles.refusals import Refusal
from queues.calibration import Calibration, End, calibrate
from queues.days import day_at
from queues.shares import Share

__all__ = ["blueprint"]  # the whole API, these routes included
DAY_MS = 86_400_000
MOST_MS = 92 * DAY_MS
MOST_AT_MS = 32_503_680_000_000  # the year 3000


class EndShape(Answered):
    """One end of the estimates: how many waits were over by it. Shares are 0 to 1, intervals hold 95 in 100."""

    share: float | None = Field(description="read off the curve of Kaplan and Meier over all waits; this is judged")
    low: float | None
    high: float | None
    answered_share: float | None = Field(description="of the answered waits alone")
    answered_low: float | None = Field(description="Wilson's interval")
    answered_high: float | None
    over: int = Field(description="answered waits that were over by this end")
    loss_ms: int | None = Field(description="mean pinball loss over the answered waits")
    verdict: Literal["kept", "low", "high", "unsure", "few"] = Field(
        description="against 0.45 to 0.55 and 0.87 to 0.93; few: under 100 answered waits, unsure: may be chance"
    )


class CalibrationShape(Answered):
    """What became of the waits that callers were told, before rounding."""

    queue: str | None = Field(description="null: all of them")
    method: str | None
    told: int
    answered: int
    left: int = Field(description="left, or asked for a callback, before anybody answered: counted as censored")
    by_lo: float | None = Field(description="share of waits over by the earlier end, meant to be 0.5")
    by_hi: float | None = Field(description="share of waits over by the later end, meant to be 0.9")
    lo: EndShape
    hi: EndShape
    loss_ms: int | None = Field(description="mean pinball loss of both ends")
    error_ms: int | None = Field(description="mean of wait less estimate over those answered")


class NightShape(Answered):
    """What was found of one day of the center, the night after, as it was kept; null names are all of them."""

    day: str
    queue: str | None
    method: str | None
    told: int
    answered: int
    left: int
    over_lo: int
    over_hi: int
    by_lo: float | None
    by_hi: float | None
    loss_ms: int | None
    verdict_lo: str
    verdict_hi: str
    judged_ms: AtMs


class EstimateReport(Answered):
    """All estimates of a time together, per queue and method, and the days of it that were judged at night."""

    total: CalibrationShape
    rows: list[CalibrationShape]
    nights: list[NightShape]


class ShareShape(Answered):
    """`count` of `of`, 0 to 1, with Wilson's 95 % interval; null of nothing."""

    count: int
    of: int
    share: float | None
    low: float | None
    high: float | None


class ContactFigures(Answered):
    """What became of the calls in which callers talked to an agent."""

    reason: str | None = Field(description="null: all of them")
    contacts: int
    held: ShareShape = Field(description="solved at the first call, of those noted as solved seven days ago or more")
    again: int = Field(description="of these: a new contact, same caller, same reason, within seven days")
    said_no: int = Field(description="of these: the caller said that it was not solved")
    young: int = Field(description="noted as solved, less than seven days ago")
    unsolved: int
    unknown: int = Field(description="noted as solved, without a number or a reason to follow it by")
    said: ShareShape = Field(description="callers who say that it was solved, of those who answered")
    content: ShareShape = Field(description="callers who gave a 4 or a 5, of those who gave a mark")


class ContactReport(Answered):
    """All contacts that began in a time together, and per reason, the most frequent first."""

    total: ContactFigures
    rows: list[ContactFigures]


class Between(Asked):
    """Which time; the last seven days when none is given."""

    from_ms: int | None = Field(default=None, ge=0, description="what began then or later")
    to_ms: int | None = Field(default=None, ge=0, le=MOST_AT_MS, description="what began before then")
    queue: str = Field(default="", max_length=40)


REPORT, CONTACTS = "/reports/estimates", "/reports/contacts"


@route(Operation("GET", REPORT, "Were waits as we told them?", EstimateReport, query=Between, errors=(401, 422)))
def estimate_report(query: Between) -> Any:
    """From the record; no more than 92 days at once."""
    center = room.center()
    from_ms, to_ms = between(query)
    total, rows = calibrate(center.history.estimates(from_ms, to_ms, query.queue), center.now_ms())
    first, last = (str(day_at(at_ms, center.plan.zone)) for at_ms in (from_ms, to_ms - 1))
    kept = center.history.nights.between(first, last)
    nights = [row for row in kept if row.queue == query.queue or not query.queue]
    return {
        "total": _shown(total),
        "rows": [_shown(row) for row in rows],
        "nights": [vars(row) | _names(row.queue, row.method) for row in nights],
    }


@route(Operation("GET", CONTACTS, "Solved at the first call?", ContactReport, query=Between, errors=(401, 422)))
def contact_report(query: Between) -> Any:
    """From the record; calls of the last seven days are all too young to count."""
    center = room.center()
    found = center.history.first_contacts(*between(query), center.now_ms())
    total, rows = figures([one for one in found if query.queue in ("", one.contact.queue)])
    return {"total": _contacts(total), "rows": [_contacts(row) for row in rows]}


def between(query: Between) -> tuple[int, int]:
    """From when to before when, UTC ms. Raises Refusal (422)."""
    to_ms = room.center().now_ms() + 1 if query.to_ms is None else query.to_ms
    from_ms = to_ms - 7 * DAY_MS if query.from_ms is None else query.from_ms
    if not from_ms < to_ms <= from_ms + MOST_MS:
        raise Refusal(422, "invalid", "from_ms must be before to_ms, and no more than 92 days apart.")
    return max(0, from_ms), to_ms


def _shown(found: Calibration) -> dict[str, Any]:
    lo, hi = _end(found.lo), _end(found.hi)
    ends = {"lo": lo, "hi": hi, "loss_ms": found.loss_ms, "by_lo": lo["share"], "by_hi": hi["share"]}
    return vars(found) | ends | _names(found.queue, found.method)


def _names(queue: str, method: str) -> dict[str, str | None]:
    return {"queue": queue or None, "method": method or None}


def _end(end: End) -> dict[str, Any]:
    ratio, low, high = end.curve or (None, None, None)
    return {
        "share": ratio,
        "low": low,
        "high": high,
        "answered_share": end.answered.ratio,
        "answered_low": end.answered.low,
        "answered_high": end.answered.high,
        "over": end.answered.count,
        "loss_ms": end.loss_ms,
        "verdict": end.verdict,
    }


def _contacts(found: Figures) -> dict[str, Any]:
    shares = {"held": found.held, "said": found.said, "content": found.content}
    return vars(found) | {"reason": found.reason or None} | {name: _share(one) for name, one in shares.items()}


def _share(found: Share) -> dict[str, Any]:
    return vars(found) | {"share": found.ratio, "low": found.low, "high": found.high}
