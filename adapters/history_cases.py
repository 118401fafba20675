"""The cases and recordings in SQL: opened before they are said, taken once, resolved once.

Written by the door that promises; what became of them arrives with the event stream again, and the same row results
whichever came first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Engine, insert, or_, select, update

from adapters import history_tables as tables
from cases.case import ERASED, Case, Recording, told
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

    def owed(self) -> list[tuple[str, str, int]]:
        """Caller, id and due time of every open case."""
        table = tables.cases.c
        wanted = select(table.number, table.id, table.due_ms).where(table.status == "open")
        with self._engine.connect() as connection:
            return [(row.number, row.id, row.due_ms) for row in connection.execute(wanted)]

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

    def replaced(self, before_ms: int, limit: int = 200) -> list[Recording]:
        """Messages that a newer one took the place of before then, and that are not erased yet; oldest first."""
        table, newer = tables.recordings.alias(), tables.recordings.alias()
        wanted = select(table).join(tables.cases, tables.cases.c.call == table.c.call)
        wanted = wanted.join(newer, newer.c.recording == tables.cases.c.recording)
        wanted = wanted.where(tables.cases.c.kind == table.c.kind, table.c.kind == "voicemail")
        wanted = wanted.where(table.c.made_ms < newer.c.made_ms, newer.c.made_ms < before_ms, table.c.status != ERASED)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(table.c.made_ms, table.c.recording).limit(limit))
            return [Recording(**row._mapping) for row in rows]

    def old(self, before_ms: int, limit: int = 200) -> list[Recording]:
        """Recordings made before then that are not erased yet and that no open case needs; oldest first."""
        table = tables.recordings
        needed = select(tables.cases.c.recording).where(tables.cases.c.status == "open")
        wanted = select(table).where(table.c.made_ms < before_ms, table.c.status != ERASED)
        wanted = wanted.where(table.c.recording.not_in(needed)).order_by(table.c.made_ms, table.c.recording)
        with self._engine.connect() as connection:
            return [Recording(**row._mapping) for row in connection.execute(wanted.limit(limit))]

    def erased(self, sid: str) -> None:
        """A recording is no longer at the carrier; neither is what was understood of it here."""
        with self._engine.begin() as connection:
            _erased(connection, sid)


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
        elif event.name == "recording_erased":
            _erased(connection, facts["recording"])


def _open(connection: Connection, case: Case) -> None:
    known = connection.execute(select(tables.cases.c.recording).where(tables.cases.c.id == case.id)).first()
    if not known:
        connection.execute(insert(tables.cases).values(asdict(case)))
    elif case.recording and case.recording != known.recording and not _older(connection, case, known.recording):
        newer = update(tables.cases).where(tables.cases.c.id == case.id)
        connection.execute(newer.values(recording=case.recording))


def _older(connection: Connection, case: Case, known: str) -> bool:
    """True when the case comes with a message that was recorded before the one it has: a late repeat of old news."""
    table = tables.recordings.c
    rows = connection.execute(
        select(table.recording, table.made_ms).where(table.recording.in_([case.recording, known]))
    )
    made_ms = {row.recording: row.made_ms for row in rows}
    return {case.recording, known} == made_ms.keys() and made_ms[case.recording] < made_ms[known]


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
    if known.status == ERASED:
        return
    values = {
        "kind": known.kind or news.kind,
        "status": known.status if news.status == "processing" else news.status,
        "seconds": news.seconds or known.seconds,
        "words": news.words or known.words,
    }
    connection.execute(update(table).where(table.c.recording == news.recording).values(values))


def _erased(connection: Connection, sid: str) -> None:
    gone = update(tables.recordings).where(tables.recordings.c.recording == sid)
    connection.execute(gone.values(status=ERASED, words=""))


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
