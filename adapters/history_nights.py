"""What was found each night of the waits that callers were told, in SQL: written once, never computed again."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from adapters import history_tables as tables
from queues.calibration import Night


class NightBook:
    """The nights behind one engine. Methods raise SQLAlchemy's errors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, rows: Sequence[Night]) -> bool:
        """Keep the rows of a day. False when somebody was quicker: theirs stay."""
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(tables.nights), [asdict(row) for row in rows])
        except IntegrityError:
            return False
        return True

    def between(self, first: str, last: str) -> list[Night]:
        """The days from `first` to `last` (`2026-11-22`), the total of each before its queues and methods."""
        table = tables.nights
        wanted = select(table).where(table.c.day >= first, table.c.day <= last)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(table.c.day, table.c.queue, table.c.method))
            return [Night(**row._mapping) for row in rows]
