"""The calls in which callers talked to an agent, as `cases/first_contact.py` asks for them."""

from sqlalchemy import Connection, select

from adapters import history_tables as tables
from cases.first_contact import Contact


def read_contacts(connection: Connection, from_ms: int, to_ms: int, limit: int | None = None) -> list[Contact]:
    """Those that began in this time and are over, newest first, no more than `limit` of them."""
    table = tables.calls.c
    wanted = select(*(table[name] for name in Contact._fields)).where(table.began_ms >= from_ms, table.began_ms < to_ms)
    wanted = wanted.where(table.answered_ms > 0, table.ended_ms > 0).order_by(table.began_ms.desc(), table.call)
    return [Contact(*row) for row in connection.execute(wanted.limit(limit) if limit else wanted)]
