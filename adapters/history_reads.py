"""Reading the record: a call with its marks, legs, offers and targets, in the JSON shape of the API.

Used by the API, the reports and the tests. Clocks that still run are judged for the reader's moment here; all others
are shown as they were stored.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from adapters import history_tables as tables
from adapters.history_writes import event_of
from queues.calibration import MOST_ESTIMATES, Said
from queues.pace import Contact
from queues.records import Event
from queues.targets import Clock, at_moment

Json = dict[str, Any]
LEG = "leg"
DECIDED = "decided"
NEWEST_CONTACTS = 1_000
CLOCK_FIELDS = {field.name for field in fields(Clock)}


def read_call(connection: Connection, sid: str, now_ms: int) -> Json | None:
    """The call that `sid` (any of its legs') belongs to, or None; running clocks as of `now_ms`."""
    row = _call_row(connection, sid)
    if row is None:
        return None
    events = _events(connection, row.call)
    return _summary(row) | {
        "marks": [_mark(event) for event in events if event.name not in (LEG, DECIDED)],
        "legs": _legs(connection, row.call),
        "offers": _offers(connection, row.call, {event.offer: event for event in events if event.name == DECIDED}),
        "targets": _targets(connection, row.call, now_ms),
        "recordings": _recordings(connection, row.call),
        "consent": _consent(connection, row.call),
        "gaps": _gaps(connection, row.began_ms, max(row.ended_ms, row.wrapped_ms) or now_ms),
    }


def read_calls(connection: Connection, limit: int, before_ms: int | None, filters: Mapping[str, str]) -> list[Json]:
    """Calls without their marks, newest first. `filters` by column (status, queue, agent, outcome); empty ones pass."""
    wanted = [tables.calls.c[name] == value for name, value in filters.items() if value]
    if before_ms is not None:
        wanted.append(tables.calls.c.began_ms < before_ms)
    newest = select(tables.calls).where(*wanted).order_by(tables.calls.c.began_ms.desc(), tables.calls.c.call)
    return [_summary(row) for row in connection.execute(newest.limit(limit))]


def read_open_calls(connection: Connection, before_ms: int) -> list[Json]:
    """The calls that have not ended, oldest first; not those who are to be called back."""
    table, promise = tables.calls.c, tables.callbacks.c
    promised = select(promise.call).where(promise.status == "open")
    wanted = select(table.call, table.status, table.agent).where(table.status != "ended", table.began_ms < before_ms)
    wanted = wanted.where(table.call.not_in(promised))
    return [dict(row._mapping) for row in connection.execute(wanted.order_by(table.began_ms))]


def read_contacts(connection: Connection, queue: str) -> list[Contact]:
    """The newest waits in a queue, each with the offer that was accepted. Who asked for a callback did not wait."""
    calls, offers = tables.calls, tables.offers
    columns = [calls.c[name] for name in ("needs", "enqueued_ms", "answered_ms", "ended_ms", "wrapped_ms", "outcome")]
    newest = select(calls.c.call, *columns).where(calls.c.queue == queue, calls.c.callback == "")
    newest = newest.where(calls.c.enqueued_ms > 0).order_by(calls.c.enqueued_ms.desc()).limit(NEWEST_CONTACTS)
    rows = {row.call: row for row in connection.execute(newest)}
    taken = select(offers.c.call, offers.c.offered_ms).where(offers.c.outcome == "accepted")
    taken = taken.where(offers.c.call.in_(newest.with_only_columns(calls.c.call))).order_by(offers.c.offer)
    offered = {row.call: row.offered_ms for row in connection.execute(taken)}
    return [
        Contact(
            row.needs,
            row.enqueued_ms,
            offered.get(row.call, 0),
            row.answered_ms,
            row.ended_ms,
            row.wrapped_ms,
            row.outcome,
        )
        for row in rows.values()
    ]


def read_estimates(connection: Connection, from_ms: int, to_ms: int, filters: Mapping[str, str]) -> list[Said]:
    """What callers were told in this time, newest first. `filters` by column; empty ones pass."""
    table = tables.estimates.c
    wanted = [table[name] == value for name, value in filters.items() if value]
    newest = select(*(table[name] for name in Said._fields)).where(table.at_ms >= from_ms, table.at_ms < to_ms, *wanted)
    rows = connection.execute(newest.order_by(table.at_ms.desc(), table.call).limit(MOST_ESTIMATES))
    return [Said(*row) for row in rows]


def read_gaps(connection: Connection) -> list[Json]:
    """The times of which the event stream was lost, oldest first."""
    rows = connection.execute(select(tables.gaps).order_by(tables.gaps.c.from_ms))
    return [{"from_ms": row.from_ms, "to_ms": row.to_ms} for row in rows]


def read_set_aside(connection: Connection) -> list[Json]:
    """The stream entries that could not be recorded as events, in their order, with the reason."""
    table = tables.set_aside.c
    rows = connection.execute(select(tables.set_aside).order_by(table.life, table.stream_ms, table.stream_seq))
    return [{"id": f"{row.stream_ms}-{row.stream_seq}", "reason": row.reason} for row in rows]


def _call_row(connection: Connection, sid: str) -> Row[Any] | None:
    leg = select(tables.legs.c.call).where(tables.legs.c.leg == sid)
    wanted = select(tables.calls).where(or_(tables.calls.c.call == sid, tables.calls.c.call.in_(leg)))
    return connection.execute(wanted.order_by(tables.calls.c.began_ms.desc())).first()


def _events(connection: Connection, call: str) -> Sequence[Event]:
    table = tables.events.c
    order = (table.at_ms, table.stream_ms, table.stream_seq, table.life)
    return [
        event_of(row) for row in connection.execute(select(tables.events).where(table.call == call).order_by(*order))
    ]


def _summary(row: Row[Any]) -> Json:
    """What has not happened is null."""
    return {name: value or None for name, value in row._mapping.items() if name != "ring_ms"}


def _mark(event: Event) -> Json:
    who = {"agent": event.agent or None, "offer": event.offer or None}
    return {"name": event.name, "at_ms": event.at_ms} | {k: v for k, v in who.items() if v} | dict(event.facts)


def _legs(connection: Connection, call: str) -> list[Json]:
    order = (tables.legs.c.started_ms, tables.legs.c.leg)
    rows = connection.execute(select(tables.legs).where(tables.legs.c.call == call).order_by(*order))
    names = ("leg", "role", "agent", "offer", "status", "at_ms", "started_ms", "answered_ms", "ended_ms")
    return [{name: row._mapping[name] or None for name in names} for row in rows]


def _offers(connection: Connection, call: str, decided: Mapping[int, Event]) -> list[Json]:
    rows = connection.execute(select(tables.offers).where(tables.offers.c.call == call).order_by(tables.offers.c.offer))
    return [_offer(row) | {"weighed": _weighed(decided.get(row.offer))} for row in rows]


def _weighed(decided: Event | None) -> list[Json]:
    """Who was weighed at a decision, as it was stored then; empty when nothing was."""
    rows = json.loads(str(decided.facts["weighed"])) if decided else []
    return [dict(zip(("agent", "verdict", "detail"), row, strict=True)) for row in rows]


def _offer(row: Row[Any]) -> Json:
    return {
        "offer": row.offer,
        "agent": row.agent,
        "outcome": row.outcome or None,
        "why": row.why or None,
        "offered_at_ms": row.offered_ms or None,
        "ringing_at_ms": row.ringing_ms or None,
        "answered_at_ms": row.answered_ms or None,
        "ended_at_ms": row.ended_ms or None,
        "reason": {"rule": row.rule, "idle": row.idle, "waiting": row.waiting, "needs": row.needs},
    }


def _targets(connection: Connection, call: str, now_ms: int) -> list[Json]:
    table = tables.clocks.c
    rows = connection.execute(
        select(tables.clocks).where(table.call == call).order_by(table.from_ms, table.target, table.offer)
    )
    return [_target(at_moment(_clock(row), now_ms)) for row in rows]


def _clock(row: Row[Any]) -> Clock:
    return Clock(**{name: value for name, value in row._mapping.items() if name in CLOCK_FIELDS})


def _target(clock: Clock) -> Json:
    return {
        "target": clock.target,
        "offer": clock.offer or None,
        "limit_ms": clock.limit_ms,
        "actual_ms": clock.actual_ms,
        "rings": clock.rings or None,
        "ring_ms": clock.ring_ms or None,
        "verdict": clock.verdict,
        "level": clock.level or None,
        "estimated": clock.estimated,
        "rule_version": clock.rule_version,
        "from_ms": clock.from_ms,
        "to_ms": clock.to_ms or None,
    }


def _recordings(connection: Connection, call: str) -> list[Json]:
    table = tables.recordings.c
    rows = connection.execute(select(tables.recordings).where(table.call == call).order_by(table.made_ms))
    return [{name: value or None for name, value in row._mapping.items() if name != "call"} for row in rows]


def _consent(connection: Connection, call: str) -> Json | None:
    """What the caller answered when asked whether the conversation may be recorded; None when nobody asked."""
    row = connection.execute(select(tables.consents).where(tables.consents.c.call == call)).first()
    names = ("answer", "mode", "prompt", "language", "key", "at_ms")
    return {name: row._mapping[name] or None for name in names} if row else None


def _gaps(connection: Connection, from_ms: int, to_ms: int) -> list[Json]:
    """Losses that a call may have had a part in."""
    overlapping = and_(tables.gaps.c.from_ms <= to_ms, tables.gaps.c.to_ms >= from_ms)
    rows = connection.execute(select(tables.gaps).where(overlapping).order_by(tables.gaps.c.from_ms))
    return [{"from_ms": row.from_ms, "to_ms": row.to_ms} for row in rows]
