"""The published versions of the menu, what was done with them, and how callers fared, in SQL."""

import json
from collections import Counter
from dataclasses import asdict

from sqlalchemy import Connection, Engine, and_, case, func, insert, select

from adapters import history_tables as tables
from queues.flow_trial import FlowState, FlowVersion, MenuFigures


class FlowBook:
    """The versions behind one engine. Methods raise SQLAlchemy's errors; a menu goes on without, from Redis."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def change(self, state: FlowState, version: FlowVersion | None = None) -> None:
        """Write what was done, with the version if it is a new one.

        Raises IntegrityError when another change with that number was quicker.
        """
        with self._engine.begin() as connection:
            if version and not _known(connection, version.version):
                connection.execute(insert(tables.flow_versions).values(asdict(version)))
            connection.execute(insert(tables.flow_changes).values(asdict(state)))

    def state(self, by: str = "") -> FlowState:
        """The newest state, or the newest that was brought about by somebody; an empty one when there is none."""
        return next(iter(self.changes(1, by)), FlowState())

    def changes(self, limit: int = 50, by: str = "") -> list[FlowState]:
        """What was done, newest first."""
        table = tables.flow_changes.c
        wanted = select(tables.flow_changes).order_by(table.number.desc()).limit(limit)
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.where(table.by == by) if by else wanted)
            return [FlowState.from_hash(row._mapping) for row in rows]

    def find(self, version: str) -> FlowVersion | None:
        """The version of that hash."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tables.flow_versions).filter_by(version=version)).first()
        return FlowVersion(**row._mapping) if row else None

    def versions(self, limit: int = 50) -> list[FlowVersion]:
        """Newest first."""
        table = tables.flow_versions
        wanted = select(table).order_by(table.c.published_ms.desc(), table.c.version).limit(limit)
        with self._engine.connect() as connection:
            return [FlowVersion(**row._mapping) for row in connection.execute(wanted)]

    # -- how callers fared ------------------------------------------------------------------------------------------

    def figures(self, version: str, from_ms: int) -> MenuFigures:
        """Of the calls that began with this version at `from_ms` or later and have left the menu since."""
        table = tables.calls.c
        in_line = and_(table.enqueued_ms > 0, table.greeted_ms > 0)
        took_ms = case((in_line, table.enqueued_ms - table.greeted_ms), else_=0)
        wanted = select(
            func.count(),
            func.sum(case((table.outcome == "left_in_menu", 1), else_=0)),
            func.sum(case((in_line, 1), else_=0)),
            func.sum(took_ms),
            func.sum(took_ms * took_ms),
        ).where(table.flow == version, table.began_ms >= from_ms, table.status != "menu")
        with self._engine.connect() as connection:
            calls, hang_ups, lines, total_ms, squares = (int(value or 0) for value in connection.execute(wanted).one())
        mean_ms = total_ms / lines if lines else 0.0
        variance = max(0.0, squares / lines - mean_ms**2) / 1e6 if lines else 0.0
        return MenuFigures(calls, hang_ups, lines, mean_ms / 1000, variance)

    def choices(self, version: str, from_ms: int) -> Counter[tuple[str, str]]:
        """(node, choice) → how often it was taken from `from_ms` on, by callers with this version; "" for all."""
        return Counter(
            {
                (fact["node"], fact["choice"]): count
                for fact, count in self._told(version, from_ms, "menu_choice")
                if "node" in fact and "choice" in fact
            }
        )

    def given_up(self, version: str, from_ms: int) -> Counter[str]:
        """Node → how many hung up there; the empty name is the first question."""
        found: Counter[str] = Counter()
        for fact, count in self._told(version, from_ms, "ended"):
            if fact.get("outcome") == "left_in_menu":
                found[fact.get("node", "")] += count
        return found

    def _told(self, version: str, from_ms: int, name: str) -> list[tuple[dict[str, str], int]]:
        events, calls = tables.events, tables.calls
        wanted = select(events.c.facts, func.count()).join(calls, calls.c.call == events.c.call)
        wanted = wanted.where(events.c.name == name, events.c.at_ms >= from_ms)
        wanted = wanted.where(calls.c.flow == version) if version else wanted
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.group_by(events.c.facts)).all()
        return [(json.loads(facts), count) for facts, count in rows]


def _known(connection: Connection, version: str) -> bool:
    return connection.execute(select(tables.flow_versions.c.version).filter_by(version=version)).first() is not None
