"""Writing the record: one transaction per batch of the stream, exactly once in effect.

Called by the recorder. New events are added, and every call they touch is told and judged anew from all its events,
so that neither a repeated batch nor the order of batches leaves a trace in any row.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, insert, select, update

from adapters import history_callbacks, history_cases, history_surveys
from adapters import history_tables as tables
from adapters.history_entries import Entered, Entry, StreamId, Unreadable, read_entry
from queues.records import Event
from queues.story import Story, tell
from queues.targets import Clock, Rules, evaluate

Values = dict[str, Any]
AT_ONCE = 400  # names in one IN list; SQLite allows 32 766 parameters, and longer lists are no faster


def record(connection: Connection, entries: Sequence[Entry], life: str, rules: Rules) -> None:
    """Record a batch of the stream of that life of Redis. Runs in the caller's transaction; repeats change nothing."""
    before = _lock_position(connection)
    events, unreadable = _read(entries, life)

    fresh = _not_yet(connection, tables.events, events)
    _note_gap(connection, before, life, fresh)
    _add(connection, tables.events, [entered.columns for entered in fresh])
    _set_aside(connection, unreadable)
    _retell(connection, sorted({entered.event.call for entered in fresh} - {""}), rules)
    _remember(connection, tables.languages, _languages(fresh))
    _remember(connection, tables.agent_statuses, _statuses(fresh))
    for follow in (history_callbacks.follow, history_cases.follow, history_surveys.follow):
        follow(connection, [entered.event for entered in fresh])

    last = max((StreamId.read(stream_id, life) for stream_id, _ in entries), default=before)
    if life != before.life or last > before:
        connection.execute(update(tables.recorded).values(last.columns))


def set_aside(connection: Connection, entry: Entry, life: str, reason: str) -> None:
    """Keep one entry that the database refused, with the reason, and go past it."""
    before = _lock_position(connection)
    at = StreamId.read(entry[0], life)
    readable = {name: text.replace("\x00", "\\0") for name, text in entry[1].items()}
    _set_aside(connection, [(at, reason, json.dumps(readable, sort_keys=True))])
    if life != before.life or at > before:
        connection.execute(update(tables.recorded).values(at.columns))


def _lock_position(connection: Connection) -> StreamId:
    """The last recorded place. Locked, so that a second recorder waits and then finds everything recorded."""
    row = connection.execute(select(tables.recorded).with_for_update()).one()
    return StreamId(row.stream_ms, row.stream_seq, row.life)


def _read(entries: Iterable[Entry], life: str) -> tuple[list[Entered], list[tuple[StreamId, str, str]]]:
    events: dict[StreamId, Entered] = {}
    unreadable: dict[StreamId, tuple[StreamId, str, str]] = {}
    for stream_id, fields in entries:
        at = StreamId.read(stream_id, life)
        try:
            events[at] = Entered(at, read_entry(fields))
        except Unreadable as error:
            unreadable[at] = (at, str(error), json.dumps(dict(fields), sort_keys=True))
    return list(events.values()), list(unreadable.values())


def _not_yet(connection: Connection, table: Table, events: Sequence[Entered]) -> list[Entered]:
    """Those whose place in the stream is not in the table yet, in stream order."""
    if not events:
        return []
    ordered = sorted(events, key=lambda entered: entered.at)
    first, last = ordered[0].at, ordered[-1].at
    within = and_(table.c.life == first.life, table.c.stream_ms.between(first.ms, last.ms))
    rows = connection.execute(select(table.c.stream_ms, table.c.stream_seq).where(within))
    known = {(row.stream_ms, row.stream_seq) for row in rows}
    return [entered for entered in ordered if (entered.at.ms, entered.at.seq) not in known]


def _note_gap(connection: Connection, before: StreamId, life: str, fresh: Sequence[Entered]) -> None:
    """A new life of Redis with an old one recorded: what lay between was lost with the stream, and is said so."""
    if not fresh or life == before.life:
        return
    newest = select(tables.events.c.at_ms).where(tables.events.c.life != life)
    newest = newest.order_by(tables.events.c.at_ms.desc()).limit(1)
    from_ms = connection.execute(newest).scalar()
    known = connection.execute(select(tables.gaps).where(tables.gaps.c.life == life)).first()
    if from_ms is not None and not known:
        row = {"life": life, "from_ms": from_ms, "to_ms": max(from_ms, min(each.event.at_ms for each in fresh))}
        connection.execute(insert(tables.gaps).values(row))


def _set_aside(connection: Connection, rows: Sequence[tuple[StreamId, str, str]]) -> None:
    for at, reason, entry in rows:
        known = select(tables.set_aside).filter_by(**at.columns)
        if not connection.execute(known).first():
            connection.execute(insert(tables.set_aside).values(at.columns | {"reason": reason, "entry": entry}))


def _retell(connection: Connection, calls: Sequence[str], rules: Rules) -> None:
    """Tell and judge these calls anew from all their events, and put the rows in the place of the old ones."""
    for start in range(0, len(calls), AT_ONCE):
        some = calls[start : start + AT_ONCE]
        stories = [tell(events) for events in _events_of(connection, some).values()]
        standing = _standing(connection, some, rules)
        clocks = [row for story in stories for row in _clock_rows(story, rules, standing[story.call.call])]
        _replace(connection, tables.calls, some, [asdict(story.call) for story in stories])
        _replace(connection, tables.legs, some, [asdict(leg) for story in stories for leg in story.legs])
        _replace(connection, tables.offers, some, [asdict(offer) for story in stories for offer in story.offers])
        _replace(connection, tables.clocks, some, clocks)
        _replace(connection, tables.estimates, some, [asdict(row) for story in stories for row in story.estimates])


def _events_of(connection: Connection, calls: Sequence[str]) -> dict[str, list[Event]]:
    table = tables.events.c
    wanted = select(tables.events).where(table.call.in_(calls))
    found: dict[str, list[Event]] = defaultdict(list)
    for row in connection.execute(wanted.order_by(table.at_ms, table.stream_ms, table.stream_seq, table.life)):
        found[row.call].append(event_of(row))
    return found


def event_of(row: Row[Any]) -> Event:
    """The event of a row of `events`."""
    return Event(row.name, row.at_ms, row.call, row.agent, row.offer, json.loads(row.facts))


def _standing(connection: Connection, calls: Sequence[str], rules: Rules) -> dict[str, list[Values]]:
    """Verdicts given under other limits than today's. They stand: a changed center file does not rewrite the past."""
    table = tables.clocks.c
    given = select(tables.clocks).where(table.call.in_(calls), table.verdict.is_not(None))
    found: dict[str, list[Values]] = defaultdict(list)
    for row in connection.execute(given):
        if row.rule_version != rules.versions.get(row.target):
            found[row.call].append(dict(row._mapping))
    return found


def _clock_rows(story: Story, rules: Rules, standing: Sequence[Values]) -> list[Values]:
    taken = {(row["target"], row["offer"]) for row in standing}
    told = [_clock_row(story.call.call, clock) for clock in evaluate(story, rules)]
    return [*standing, *(row for row in told if (row["target"], row["offer"]) not in taken)]


def _clock_row(call: str, clock: Clock) -> Values:
    return {"call": call} | asdict(clock)


def _replace(connection: Connection, table: Table, calls: Sequence[str], rows: Sequence[Values]) -> None:
    connection.execute(delete(table).where(table.c.call.in_(calls)))
    _add(connection, table, rows)


def _add(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _languages(fresh: Iterable[Entered]) -> list[tuple[Entered, Values]]:
    """What callers chose, by their number. `anonymous` and `sip:` callers are many people, so they are not kept."""
    return [
        (entered, {"number": number, "language": str(entered.event.facts.get("language", ""))})
        for entered in fresh
        if entered.event.name == "language"
        and (number := str(entered.event.facts.get("caller", ""))).startswith("+")
        and number[1:].isdigit()
    ]


def _statuses(fresh: Iterable[Entered]) -> list[tuple[Entered, Values]]:
    """What agents chose last, to be there again after a loss of live state."""
    return [
        (entered, {"agent": entered.event.agent, "status": str(status), "reason": str(facts.get("reason", ""))})
        for entered in fresh
        if entered.event.name == "agent_status"
        and (facts := entered.event.facts)
        and (status := facts.get("status", ""))
    ]


def _remember(connection: Connection, table: Table, said: Sequence[tuple[Entered, Values]]) -> None:
    """Keep the latest of what was said per key (the table's first column), whatever order it arrives in."""
    key = next(iter(table.primary_key.columns))
    for entered, values in sorted(said, key=lambda pair: pair[0].order):
        old = connection.execute(select(table).where(key == values[key.name])).first()
        if old and (old.at_ms, StreamId(old.stream_ms, old.stream_seq, old.life)) >= entered.order:
            continue
        row = values | {"at_ms": entered.event.at_ms} | entered.at.columns
        connection.execute(delete(table).where(key == values[key.name]))
        connection.execute(insert(table).values(row))
