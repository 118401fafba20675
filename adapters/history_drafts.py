"""Menus that somebody is still writing, one for each person, in SQL: what is half done outlives browser and service."""

from dataclasses import asdict, replace

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from adapters import history_tables as tables
from queues.flow_trial import FlowDraft


class DraftBook:
    """The drafts behind one engine. Methods raise SQLAlchemy's errors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, by: str) -> FlowDraft | None:
        """What this person has kept."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.flow_drafts).where(tables.flow_drafts.c.by == by)).first()
        return FlowDraft(**row._mapping) if row else None

    def others(self, by: str) -> list[FlowDraft]:
        """What everybody else has kept, newest first."""
        table = tables.flow_drafts
        wanted = select(table).where(table.c.by != by).order_by(table.c.at_ms.desc(), table.c.by)
        with self._engine.connect() as connection:
            return [FlowDraft(**row._mapping) for row in connection.execute(wanted)]

    def keep(self, draft: FlowDraft) -> FlowDraft | None:
        """Keep a draft that was last seen with its `number`, 0 for a new one; as it is kept now.

        None when it was kept from another window meanwhile: nothing is written over.
        """
        table, kept = tables.flow_drafts, replace(draft, number=draft.number + 1)
        with self._engine.begin() as connection:
            if draft.number:
                same = update(table).where(table.c.by == draft.by, table.c.number == draft.number)
                return kept if connection.execute(same.values(asdict(kept))).rowcount else None
            try:
                connection.execute(insert(table).values(asdict(kept)))
            except IntegrityError:
                return None
        return kept

    def drop(self, by: str, number: int = 0) -> bool:
        """Forget a draft; with a `number` only as it was last seen. False when there was none such."""
        table = tables.flow_drafts.c
        wanted = delete(tables.flow_drafts).where(table.by == by, *([table.number == number] if number else []))
        with self._engine.begin() as connection:
            return bool(connection.execute(wanted).rowcount)
