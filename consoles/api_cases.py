"""`/api/v1/cases`: what we owe to callers after the call, for programs."""

from typing import Any, Literal

from pydantic import Field

from consoles import cases
from consoles.api import route
from consoles.api_reports import blueprint
from consoles.api_shapes import Answered
from consoles.api_wishes import Asked
from consoles.api_words import AtMs, Verdict
from consoles.openapi import Operation

__all__ = ["blueprint"]  # the whole API, these routes included
Status = Literal["open", "resolved"]
Kind = Literal["voicemail", "callback_failed"]
LATE = (401, 404, 409, 422)


class CaseClock(Answered):
    """`request_handled`: created to resolved, within 24 hours of elapsed time."""

    target: Literal["request_handled"]
    from_ms: AtMs
    to_ms: AtMs | None
    limit_ms: int
    actual_ms: int
    verdict: Verdict


class CaseShape(Answered):
    """A request we owe; the number is masked. `who` has taken it; `words` are a machine's, English only."""

    case: str
    kind: Kind
    call: str
    name: str | None
    number: str
    queue: str
    language: str
    status: Status
    who: str | None
    created_ms: AtMs
    due_ms: AtMs
    resolved_ms: AtMs | None
    resolved_by: str | None
    note: str | None
    recording: str | None
    words: str | None
    target: CaseClock


class CaseList(Answered):
    """Cases, those due first."""

    cases: list[CaseShape]


class CaseFilter(Asked):
    """Which cases."""

    status: Status | Literal["all"] = "open"
    kind: Kind | Literal[""] = ""
    call: str = Field(default="", max_length=40)


class Taken(Asked):
    """Who takes it."""

    who: str = Field(min_length=1, max_length=40)


class Resolved(Asked):
    """Who resolved it, and what came of it."""

    who: str = Field(min_length=1, max_length=40)
    note: str = Field(min_length=1, max_length=2000)


@route(Operation("GET", "/cases", "What we owe after calls", CaseList, query=CaseFilter, errors=(401, 422)))
def case_list(query: CaseFilter) -> Any:
    """Open ones unless another status is asked for."""
    return {"cases": cases.rows_of(query.status, query.kind, query.call)}


@route(Operation("POST", "/cases/<id>/take", "Take a case", CaseShape, Taken, errors=LATE))
def case_take(id: str, body: Taken) -> Any:
    """The first to take it has it."""
    case = cases.known(id)
    cases.take(case, body.who)
    return _shown(case.call, id)


@route(Operation("POST", "/cases/<id>/resolve", "A case is done", CaseShape, Resolved, errors=LATE))
def case_resolve(id: str, body: Resolved) -> Any:
    """With a note of what came of it."""
    case = cases.known(id)
    cases.resolve(case, body.who, body.note)
    return _shown(case.call, id)


def _shown(call: str, id: str) -> Any:
    return next(row for row in cases.rows_of("all", call=call) if row["case"] == id)
