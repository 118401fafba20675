"""What is true of a call's place in line, read in one trip for an estimate of its wait, and how fast its queue moves.

The places are those that `commit` keeps anyway; who is on duty is a set kept in the same commits. The pace comes from
the record: the recorder leaves it here every few seconds, so that it is back soon after a loss of Redis.
"""

from collections.abc import Callable, Mapping
from typing import Any

import redis

from adapters.scripts import Script, read
from queues import routing
from queues.estimate import Seen
from queues.pace import Pace, QueuePace
from queues.plan import Plan
from queues.records import Call

PACE = "tr:pace:"


class Outlook:
    """One center's lines as an estimate sees them. `known` gives every line in which a call has ever stood."""

    def __init__(self, client: redis.Redis, plan: Plan, known: Callable[[], frozenset[str]]) -> None:
        self._client, self._plan, self._known = client, plan, known
        self._script = Script(client, read("outlook"))
        self._of = frozenset[str]()
        self._served_by: dict[str, tuple[list[str], bool]] = {}

    def of(self, call: Call, now_ms: int) -> Seen:
        """What this waiting call has before it now. Raises KeyError when its queue is not of the plan."""
        lines = routing.lines_ahead(call, self._plan, now_ms)
        able, shared = self._agents(lines[0])
        place = (call.call, call.position_ms, call.queue, call.needs, len(lines))
        ahead, others, idle, head_ms, on_duty, pace = self._script(*place, *lines, *able)
        waited_ms = max(0, now_ms - int(head_ms)) if int(head_ms) else 0
        return Seen(ahead, others, on_duty, idle, shared, waited_ms, _pace(pace))

    def keep(self, paces: Mapping[str, QueuePace], now_ms: int) -> None:
        """Leave the pace of these queues where `of` finds it."""
        pipe: Any = self._client.pipeline()
        for queue, pace in paces.items():
            row: dict[str, Any] = {name: value for name, value in vars(pace).items() if name != "lines"}
            lines = {f"line:{needs}": f"{count} {busy_ms}" for needs, (count, busy_ms) in pace.lines.items()}
            pipe.delete(PACE + queue)
            pipe.hset(PACE + queue, mapping=row | {"at_ms": now_ms} | lines)
        pipe.execute()

    def _agents(self, line: str) -> tuple[list[str], bool]:
        """Who may take the calls of this line, and whether one of them takes those of another line too."""
        if (known := self._known()) is not self._of:
            self._of, self._served_by = known, {}
        if line not in self._served_by:
            able = [agent for agent in self._plan.agents if routing.serves(agent, routing.parse(line), self._plan)]
            others = {parsed for name in known if (parsed := routing.parse(name))[:2] != routing.parse(line)[:2]}
            shared = any(routing.serves(agent, other, self._plan) for other in others for agent in able)
            self._served_by[line] = able, shared
        return self._served_by[line]


def _pace(row: list[str | None]) -> Pace:
    handle_ms, contacts, ring_ms, patience_ms, at_ms = (int(value or 0) for value in row[:5])
    count, _, busy_ms = (row[5] or "0 0").partition(" ")
    return Pace(handle_ms, contacts, ring_ms, patience_ms, int(count), int(busy_ms), at_ms)
