"""`/api/v1/callbacks`: what we owe to callers who hung up, for programs."""

from typing import Any, Literal

from pydantic import Field

from consoles import callbacks
from consoles.api import blueprint, route
from consoles.api_shapes import Answered
from consoles.api_wishes import Asked, Nothing
from consoles.api_words import AtMs
from consoles.openapi import Operation

__all__ = ["blueprint"]  # the whole API, these routes included
Status = Literal["open", "kept", "cancelled", "merged", "failed"]
LATE = (401, 404, 409, 422)


class CallbackShape(Answered):
    """A promise to call back; the number is masked. `place` is its place in line, from 1."""

    callback: str
    call: str
    name: str | None
    number: str
    queue: str
    language: str
    status: Status
    from_ms: AtMs
    to_ms: AtMs
    not_before_ms: AtMs | None
    attempts: int
    place: int | None
    doing: str


class CallbackList(Answered):
    """Promises, those due first."""

    callbacks: list[CallbackShape]


class CallbackFilter(Asked):
    """Which promises."""

    status: Status | Literal["all"] = "open"


class Later(Asked):
    """Another half hour."""

    from_ms: int = Field(description="when it begins: UTC, milliseconds")


@route(Operation("GET", "/callbacks", "Callbacks we promised", CallbackList, query=CallbackFilter, errors=(401, 422)))
def callback_list(query: CallbackFilter) -> Any:
    """Open ones unless another status is asked for."""
    return {"callbacks": callbacks.rows_of(query.status)}


@route(Operation("POST", "/callbacks/<id>/first", "Call this one next", CallbackShape, Nothing, errors=LATE))
def callback_first(id: str, body: Nothing) -> Any:
    """Before everybody else in its line."""
    callbacks.first(callbacks.known(id))
    return _shown(id)


@route(Operation("POST", "/callbacks/<id>/cancel", "Call this one off", CallbackShape, Nothing, errors=LATE))
def callback_cancel(id: str, body: Nothing) -> Any:
    """The caller is not phoned."""
    callbacks.cancel(callbacks.known(id), "api")
    return _shown(id)


@route(Operation("POST", "/callbacks/<id>/move", "At another time", CallbackShape, Later, errors=LATE))
def callback_move(id: str, body: Later) -> Any:
    """In the half hour that begins then; the place in line is kept for it."""
    callbacks.later(callbacks.known(id), body.from_ms)
    return _shown(id)


def _shown(id: str) -> Any:
    return next(row for row in callbacks.rows_of("all") if row["callback"] == id)
