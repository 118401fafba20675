"""What has happened: the one object through which the service writes and reads its record in SQL.

The recorder writes here, after the fact; pages and the API read here. A call goes on while SQL is down: the event
stream holds what has not been recorded, and whoever asks in the middle of a call gets "unknown" instead of an error.

`python -m adapters.history upgrade` brings the database of `DATABASE_URL` to the newest form.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import (
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapters import history_contacts, history_reads, history_writes
from adapters import history_tables as tables
from adapters.history_callbacks import CallbackBook
from adapters.history_cases import CaseBook
from adapters.history_consents import ConsentBook
from adapters.history_drafts import DraftBook
from adapters.history_engine import migrate, open_engine
from adapters.history_entries import Entry, StreamId
from adapters.history_flows import FlowBook
from adapters.history_nights import NightBook
from adapters.history_reads import Json
from adapters.history_surveys import SurveyBook
from cases.first_contact import MOST_CONTACTS, Finding, findings, reaches_ms
from queues import pace
from queues.calibration import Said
from queues.plan import Plan
from queues.targets import Rules

Role = Literal["agent", "supervisor", "operator"]
# The database is away, overloaded or not upgraded yet: nothing is wrong with what was to be written.
AWAY = (OperationalError, InterfaceError, InternalError, ProgrammingError, PoolTimeout, OSError)
HOUSE_DATABASE = f"sqlite:///{Path(__file__).resolve().parent.parent / 'var' / 'history.db'}"


@dataclass(frozen=True)
class User:
    """Who may sign in. `agent` is the agent they are, or empty."""

    name: str
    role: str
    agent: str
    password_hash: str


class History:
    """The record behind one SQLAlchemy URL. Methods raise SQLAlchemy's errors unless they say otherwise."""

    def __init__(self, database_url: str) -> None:
        self._engine = open_engine(database_url)
        self._reader = self._engine.execution_options(reading=True)
        self.callbacks = CallbackBook(self._engine)
        self.flows = FlowBook(self._engine)
        self.drafts = DraftBook(self._engine)
        self.cases = CaseBook(self._engine)
        self.consents = ConsentBook(self._engine)
        self.surveys = SurveyBook(self._engine)
        self.nights = NightBook(self._engine)

    def upgrade(self) -> None:
        """Bring the database to the newest form; a new one is made."""
        migrate(self._engine)

    def close(self) -> None:
        """Let go of the connections; the next use opens new ones."""
        self._engine.dispose()

    def ping(self) -> bool:
        """True when the database answers and has its tables. Never raises."""
        try:
            self.position()
        except SQLAlchemyError:
            return False
        return True

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reader.connect() as connection:
            yield connection

    # -- the recorder's ---------------------------------------------------------------------------------------------

    def record(self, entries: Sequence[Entry], plan: Plan, life: str = "") -> None:
        """Record stream entries (id, flat fields) in one transaction with the place reached.

        Entries recorded before are passed over. Those that are no events, or that the database refuses, are set aside
        with the reason and never stop the others. `life` names the life of the Redis that numbered the entries: a new
        one, after an older one was recorded, is noted as a gap. Raises only when the database is away.
        """
        if not entries:
            return
        try:
            with self._engine.begin() as connection:
                history_writes.record(connection, entries, life, Rules.of(plan))
        except AWAY:
            raise
        except Exception as error:
            if len(entries) == 1:
                self._set_aside(entries[0], life, f"{type(error).__name__}: {error}")
                return
            for entry in entries:  # One of them is at fault; alone, it harms only itself.
                self.record([entry], plan, life)

    def _set_aside(self, entry: Entry, life: str, reason: str) -> None:
        with self._engine.begin() as connection:
            history_writes.set_aside(connection, entry, life, reason)

    def position(self, life: str | None = None) -> str:
        """The id of the last recorded stream entry; `"0"` at first and for a `life` that is not the recorded one."""
        with self._reading() as connection:
            row = connection.execute(select(tables.recorded)).one()
        known = life is None or life == row.life
        return str(StreamId(row.stream_ms, row.stream_seq)) if known else "0"

    def set_aside(self) -> list[Json]:
        """Stream entries that are not in the record, each with its `id` and the `reason`; the entries stay in SQL."""
        with self._reading() as connection:
            return history_reads.read_set_aside(connection)

    # -- calls ------------------------------------------------------------------------------------------------------

    def call(self, sid: str, now_ms: int) -> Json | None:
        """A call by the sid of any of its legs, with marks, legs, offers and targets as they stand at `now_ms`."""
        with self._reading() as connection:
            return history_reads.read_call(connection, sid, now_ms)

    def calls(
        self,
        limit: int = 50,
        before_ms: int | None = None,
        status: str = "",
        queue: str = "",
        agent: str = "",
        outcome: str = "",
    ) -> list[Json]:
        """Calls that began before `before_ms`, newest first, without marks; each filter narrows the list."""
        filters = {"status": status, "queue": queue, "agent": agent, "outcome": outcome}
        with self._reading() as connection:
            return history_reads.read_calls(connection, limit, before_ms, filters)

    def open_calls(self, before_ms: int) -> list[Json]:
        """`call`, `status` and `agent` of every call that began before `before_ms` and has not ended.

        Those to whom we owe a callback are not among them.
        """
        with self._reading() as connection:
            return history_reads.read_open_calls(connection, before_ms)

    def newest_contacts(self, queues: Sequence[str]) -> dict[str, Sequence[pace.Contact]]:
        """Queue → its newest waits, in no order; what `queues/pace.py` is worked out from."""
        with self._reading() as connection:
            return {queue: history_reads.read_contacts(connection, queue) for queue in queues}

    def estimates(self, from_ms: int, to_ms: int, queue: str = "", method: str = "") -> list[Said]:
        """What callers were told from `from_ms` on and before `to_ms`, newest first; no more than `MOST_ESTIMATES`."""
        with self._reading() as connection:
            return history_reads.read_estimates(connection, from_ms, to_ms, {"queue": queue, "method": method})

    def first_contacts(self, from_ms: int, to_ms: int, now_ms: int) -> list[Finding]:
        """What became of the contacts that began from `from_ms` on and before `to_ms`; no more than `MOST_CONTACTS`."""
        with self._reading() as connection:
            contacts = history_contacts.read_contacts(connection, from_ms, to_ms, MOST_CONTACTS)
            later = history_contacts.read_contacts(connection, to_ms, reaches_ms(contacts))
        return findings(contacts, later, now_ms)

    def gaps(self) -> list[Json]:
        """Times of which the event stream was lost: `from_ms`, `to_ms`."""
        with self._reading() as connection:
            return history_reads.read_gaps(connection)

    # -- callers and agents -----------------------------------------------------------------------------------------

    def remembered_language(self, number: str) -> str:
        """The language this caller last chose; empty when unknown or when SQL is down. Never raises."""
        wanted = select(tables.languages.c.language).where(tables.languages.c.number == number)
        try:
            with self._reading() as connection:
                return connection.execute(wanted).scalar() or ""
        except SQLAlchemyError:
            return ""

    def agent_statuses(self) -> dict[str, tuple[str, str]]:
        """Agent → the status and reason they last chose."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.agent_statuses).order_by(tables.agent_statuses.c.agent))
            return {row.agent: (row.status, row.reason) for row in rows}

    # -- who may sign in --------------------------------------------------------------------------------------------

    def add_user(self, name: str, role: Role, password_hash: str, agent: str = "") -> None:
        """Let someone sign in; a user of that name is replaced."""
        row = {"name": name, "role": role, "agent": agent, "password_hash": password_hash}
        with self._engine.begin() as connection:
            connection.execute(delete(tables.users).where(tables.users.c.name == name))
            connection.execute(insert(tables.users).values(row))

    def user(self, name: str) -> User | None:
        """The user of that name."""
        with self._reading() as connection:
            row = connection.execute(select(tables.users).where(tables.users.c.name == name)).first()
        return User(row.name, row.role, row.agent, row.password_hash) if row else None

    def users(self) -> list[User]:
        """Everyone who may sign in, by name."""
        with self._reading() as connection:
            rows = connection.execute(select(tables.users).order_by(tables.users.c.name))
            return [User(row.name, row.role, row.agent, row.password_hash) for row in rows]


def main(arguments: Sequence[str]) -> int:
    """The release step: `python -m adapters.history upgrade`. Returns the exit code."""
    if list(arguments) != ["upgrade"]:
        sys.stderr.write("usage: python -m adapters.history upgrade\n")
        return 2
    try:
        History(os.environ.get("DATABASE_URL") or HOUSE_DATABASE).upgrade()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        sys.stderr.write(f"DATABASE_URL: the database cannot be upgraded: {reason}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
