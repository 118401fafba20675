"""The promises to call back, in SQL before they are said: found again after any loss, each attempt begun once.

Written by the webhook that promises and by the worker that dials, because the live state may be lost in between; what
becomes of a promise afterwards arrives with the event stream, like everything else.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters import history_tables as tables
from queues.callback import Promise
from queues.callback_attempt import Attempt
from queues.records import Event


class CallbackBook:
    """The promises behind one engine. Methods raise SQLAlchemy's errors: without SQL nothing can be promised."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Who only reads waits for no writer, and lets none wait.
        self._reading = engine.execution_options(reading=True).connect

    def promise(self, made: Promise) -> None:
        """Keep a promise. Raises IntegrityError for an id that exists."""
        with self._engine.begin() as connection:
            connection.execute(insert(tables.callbacks).values(asdict(made)))

    def find(self, id: str) -> Promise | None:
        """The promise of that id."""
        with self._reading() as connection:
            row = connection.execute(select(tables.callbacks).where(tables.callbacks.c.id == id)).first()
        return _promise(row._mapping) if row else None

    def of_call(self, call: str) -> Promise | None:
        """The open promise of a call."""
        table = tables.callbacks.c
        with self._reading() as connection:
            wanted = select(tables.callbacks).where(table.call == call, table.status == "open")
            row = connection.execute(wanted).first()
        return _promise(row._mapping) if row else None

    def promised_to(self, number: str) -> list[str]:
        """The calls of the open promises to this number."""
        table = tables.callbacks.c
        wanted = select(table.call).where(table.number == number, table.status == "open")
        with self._reading() as connection:
            return list(connection.execute(wanted.order_by(table.call)).scalars())

    def open(self) -> list[Promise]:
        """What we still owe, by when it was promised for."""
        return self.list("open", 10_000)

    def booked(self, queue: str, from_ms: int) -> list[int]:
        """Before when each open promise of this queue may not be kept, where that is after `from_ms`."""
        table = tables.callbacks.c
        wanted = select(table.not_before_ms).where(table.status == "open", table.queue == queue)
        with self._reading() as connection:
            return [row[0] for row in connection.execute(wanted.where(table.not_before_ms > from_ms))]

    def open_calls(self) -> list[tuple[str, str]]:
        """The id and the call of everything we still owe, those due first."""
        table = tables.callbacks.c
        wanted = select(table.id, table.call).where(table.status == "open").order_by(table.to_ms, table.id)
        with self._reading() as connection:
            return [(row.id, row.call) for row in connection.execute(wanted)]

    def several(self, ids: Sequence[str]) -> list[Promise]:
        """The promises of these ids, those due first; no more than a thousand."""
        table = tables.callbacks.c
        wanted = select(tables.callbacks).where(table.id.in_(ids)).order_by(table.to_ms, table.id)
        with self._reading() as connection:
            return [_promise(row._mapping) for row in connection.execute(wanted)]

    def list(self, status: str = "", limit: int = 200) -> list[Promise]:
        """Promises, those due first; `status` narrows the list."""
        table = tables.callbacks.c
        wanted = select(tables.callbacks).order_by(table.to_ms, table.id).limit(limit)
        with self._reading() as connection:
            rows = connection.execute(wanted.where(table.status == status) if status else wanted)
            return [_promise(row._mapping) for row in rows]

    def begin_attempt(self, id: str, attempt: int, offer: int, now_ms: int) -> bool:
        """Note an attempt before the phone is dialled. False: it was begun already, so look for its leg first."""
        row = {"callback": id, "attempt": attempt, "offer": offer, "at_ms": now_ms}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.callback_attempts).values(row))
                one = update(tables.callbacks).where(tables.callbacks.c.id == id)
                connection.execute(one.values(attempts=attempt, attempt_ms=now_ms))
        except IntegrityError:
            return False
        return True

    def last_attempt(self, id: str) -> Attempt | None:
        """The attempt that was begun last."""
        table = tables.callback_attempts.c
        wanted = select(tables.callback_attempts).where(table.callback == id).order_by(table.attempt.desc())
        with self._reading() as connection:
            row = connection.execute(wanted).first()
        return Attempt(row.attempt, row.offer, row.at_ms) if row else None

    def move(self, id: str, from_ms: int, to_ms: int, not_before_ms: int, now_ms: int) -> None:
        """Another window was promised."""
        values = {"from_ms": from_ms, "to_ms": to_ms, "not_before_ms": not_before_ms}
        with self._engine.begin() as connection:
            _change(connection, id, values, now_ms)

    def close(self, id: str, status: str, now_ms: int) -> bool:
        """The promise ends; False when it had ended before."""
        with self._engine.begin() as connection:
            return _close(connection, id, status, now_ms)


def follow(connection: Connection, events: Iterable[Event]) -> None:
    """What the stream says became of promises: another window, a later attempt, the end. Repeats change nothing."""
    for event in events:
        id = str(event.facts.get("callback", ""))
        if event.name == "callback_closed":
            _close(connection, id, str(event.facts["status"]), event.at_ms)
        elif event.name in ("callback_moved", "callback_first", "requeued") and id:
            _change(connection, id, _told(event), event.at_ms)


def _told(event: Event) -> dict[str, int]:
    """What an event says of its promise. The stream leaves zeros out: moved or called first, it may come at once."""
    known = ("from_ms", "to_ms", "not_before_ms", "position_ms")
    told = {name: int(event.facts[name]) for name in known if event.facts.get(name)}
    return told if event.name == "requeued" else {"not_before_ms": 0} | told


def _change(connection: Connection, id: str, values: Mapping[str, int], at_ms: int) -> None:
    """Older news changes nothing; of one moment there may be two events, and the later one counts."""
    table = tables.callbacks.c
    newer = update(tables.callbacks).where(table.id == id, table.changed_ms <= at_ms)
    connection.execute(newer.values(dict(values) | {"changed_ms": at_ms}))


def _close(connection: Connection, id: str, status: str, now_ms: int) -> bool:
    table = tables.callbacks.c
    still = update(tables.callbacks).where(table.id == id, table.status == "open")
    return bool(connection.execute(still.values(status=status, closed_ms=now_ms)).rowcount)


def _promise(row: Mapping[Any, Any]) -> Promise:
    return Promise(**{field.name: row[field.name] for field in fields(Promise)})
