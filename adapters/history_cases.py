"""The cases and recordings in SQL: opened before they are said, taken once, resolved once.

Written by the door that promises; what became of them arrives with the event stream again, and the same row results
whichever came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Engine, insert, or_, select, update

from adapters import history_tables as tables
from cases.case import Case, Recording, told
from queues.records import Event


class CaseBook:
    """The cases behind one engine. Methods raise SQLAlchemy's errors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open(self, case: Case, recording: Recording | None = None) -> None:
        """Keep a case and its message. One that is there keeps its due time and has the newer message."""
        with self._engine.begin() as connection:
            _open(connection, case)
            if recording:
                _note(connection, recording)

    def find(self, id: str) -> Case | None:
        """The case of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.cases).where(tables.cases.c.id == id)).first()
        return _case(row._mapping) if row else None

    def listed(self, status: str = "open", kind: str = "", call: str = "", limit: int = 200) -> list[Case]:
        """Cases, those due first; each filter narrows the list."""
        filters = {"status": status, "kind": kind, "call": call}
        wanted = [tables.cases.c[name] == value for name, value in filters.items() if value]
        order = (tables.cases.c.due_ms, tables.cases.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(select(tables.cases).where(*wanted).order_by(*order).limit(limit))
            return [_case(row._mapping) for row in rows]

    def take(self, id: str, who: str, now_ms: int) -> bool:
        """Somebody takes an open case. False when another has it, or it is resolved."""
        with self._engine.begin() as connection:
            return _take(connection, id, who, now_ms)

    def resolve(self, id: str, who: str, note: str, now_ms: int) -> bool:
        """The case is done. False when it was before."""
        with self._engine.begin() as connection:
            return _resolve(connection, id, who, note, now_ms)

    def recording(self, sid: str) -> Recording | None:
        """One recording."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.recordings).where(tables.recordings.c.recording == sid)).first()
        return Recording(**row._mapping) if row else None

    def recordings(self, calls: Iterable[str]) -> list[Recording]:
        """The recordings of these calls, oldest first."""
        table = tables.recordings.c
        wanted = select(tables.recordings).where(table.call.in_(list(calls))).order_by(table.made_ms, table.recording)
        with self._engine.connect() as connection:
            return [Recording(**row._mapping) for row in connection.execute(wanted)]


def follow(connection: Connection, events: Iterable[Event]) -> None:
    """What the stream says of cases and recordings. Repeats change nothing."""
    for event in events:
        facts = {name: str(value) for name, value in event.facts.items()}
        if event.name == "case_opened":
            _open(connection, told(event))
        elif event.name == "case_taken":
            _take(connection, facts["case"], facts["who"], event.at_ms)
        elif event.name == "case_resolved":
            _resolve(connection, facts["case"], facts["who"], facts.get("note", ""), event.at_ms)
        elif event.name == "recorded":
            _note(connection, _told(event, facts))


def _open(connection: Connection, case: Case) -> None:
    known = connection.execute(select(tables.cases.c.recording).where(tables.cases.c.id == case.id)).first()
    if not known:
        connection.execute(insert(tables.cases).values(asdict(case)))
    elif case.recording and case.recording != known.recording:
        newer = update(tables.cases).where(tables.cases.c.id == case.id)
        connection.execute(newer.values(recording=case.recording))


def _take(connection: Connection, id: str, who: str, now_ms: int) -> bool:
    table = tables.cases.c
    free = update(tables.cases).where(table.id == id, table.status == "open", or_(table.who == "", table.who == who))
    return bool(connection.execute(free.values(who=who, taken_ms=now_ms)).rowcount)


def _resolve(connection: Connection, id: str, who: str, note: str, now_ms: int) -> bool:
    table = tables.cases.c
    still = update(tables.cases).where(table.id == id, table.status == "open")
    done = still.values(status="resolved", resolved_by=who, resolved_ms=now_ms, note=note)
    return bool(connection.execute(done).rowcount)


def _note(connection: Connection, news: Recording) -> None:
    """What is known of a recording; each piece of news may come first."""
    table = tables.recordings
    row = connection.execute(select(table).where(table.c.recording == news.recording)).first()
    if not row:
        connection.execute(insert(table).values(asdict(news)))
        return
    known = Recording(**row._mapping)
    values = {
        "kind": known.kind or news.kind,
        "status": known.status if news.status == "processing" else news.status,
        "seconds": news.seconds or known.seconds,
        "words": news.words or known.words,
    }
    connection.execute(update(table).where(table.c.recording == news.recording).values(values))


def _told(event: Event, facts: Mapping[str, str]) -> Recording:
    return Recording(
        recording=facts["recording"],
        call=event.call,
        kind=facts.get("kind", ""),
        made_ms=event.at_ms,
        status=facts.get("status", "processing"),
        seconds=int(facts.get("seconds", 0)),
        words=facts.get("words", ""),
    )


def _case(row: Mapping[Any, Any]) -> Case:
    return Case(**{field.name: row[field.name] for field in fields(Case)})
