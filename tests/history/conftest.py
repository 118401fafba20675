"""The record, looked at as rows."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from adapters.history import History
from adapters.history_engine import open_engine
from adapters.history_tables import metadata

Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture
def rows(history: History, database_url: str) -> Callable[[], Rows]:
    """Every row of every table."""
    engine = open_engine(database_url)

    def read() -> Rows:
        with engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.c))]
                for table in metadata.sorted_tables
            }

    return read


@pytest.fixture
def emptied(history: History, database_url: str) -> Callable[[], None]:
    """Makes the record as it was on its first day."""
    engine = open_engine(database_url)

    def empty() -> None:
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                if table.name != "recorded":
                    connection.execute(table.delete())
            connection.execute(metadata.tables["recorded"].update().values(life="", stream_ms=0, stream_seq=0))

    return empty
