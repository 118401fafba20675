"""Who does not want to be asked how it was: in SQL before they are told that they will not be."""

from collections.abc import Iterable

from sqlalchemy import Connection, Engine, insert, select

from adapters import history_tables as tables
from queues.records import Event


class SurveyBook:
    """The refusals behind one engine. Methods raise SQLAlchemy's errors."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def refuse(self, number: str, now_ms: int) -> None:
        """This number (E.164) is not asked again."""
        with self._engine.begin() as connection:
            _refuse(connection, number, now_ms)

    def refused(self, number: str) -> bool:
        """Whether this number is not to be asked."""
        wanted = select(tables.survey_refusals.c.number).where(tables.survey_refusals.c.number == number)
        with self._engine.connect() as connection:
            return connection.execute(wanted).first() is not None


def follow(connection: Connection, events: Iterable[Event]) -> None:
    """Refusals that SQL was away for. `anonymous` and the like are many people, so they are not kept."""
    for event in events:
        number = str(event.facts.get("caller", ""))
        if event.name == "survey_stopped" and number.startswith("+"):
            _refuse(connection, number, event.at_ms)


def _refuse(connection: Connection, number: str, now_ms: int) -> None:
    known = select(tables.survey_refusals).where(tables.survey_refusals.c.number == number)
    if not connection.execute(known).first():
        connection.execute(insert(tables.survey_refusals).values(number=number, at_ms=now_ms))
