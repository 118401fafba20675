"""What callers answered when asked whether the conversation may be recorded, in SQL before any recording begins."""

from dataclasses import asdict

from sqlalchemy import Engine, insert, select

from adapters import history_tables as tables
from queues.consent import Consent


class ConsentBook:
    """The answers behind one engine. Methods raise SQLAlchemy's errors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, given: Consent) -> bool:
        """Keep the first answer of a call. False when another one stands; the same one again is fine."""
        table = tables.consents
        with self._engine.begin() as connection:
            known = connection.execute(select(table.c.answer).where(table.c.call == given.call)).first()
            if not known:
                connection.execute(insert(table).values(asdict(given)))
        return known is None or known.answer == given.answer

    def of(self, call: str) -> Consent | None:
        """The answer of a call; None when nobody was asked."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.consents).where(tables.consents.c.call == call)).first()
        return Consent(**row._mapping) if row else None
