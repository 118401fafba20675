"""The moments at which somebody looks after a state, in Redis: what is due now, and when the next thing will be."""

from typing import Any

import redis

from adapters.scripts import Script

PREFIX = "tr:"


class DueTimes:
    """The due times of one center. They are set with the change that makes them; `script` is `orders.lua`."""

    def __init__(self, client: redis.Redis, script: Script) -> None:
        self._client: Any = client
        self._script = script

    def by(self, now_ms: int, most: int = 200) -> list[tuple[str, int]]:
        """What should have happened by now, soonest first, with its due time."""
        rows = self._client.zrangebyscore(f"{PREFIX}due", "-inf", now_ms, start=0, num=most, withscores=True)
        return [(member, int(at_ms)) for member, at_ms in rows]

    def passed(self, member: str, at_ms: int) -> None:
        """A due time moved nothing: clear it, unless it was set anew meanwhile."""
        self._script("passed", member, at_ms)

    def glance(self, now_ms: int) -> tuple[bool, int | None]:
        """In one round trip: is anything to be done now, and when is the next due time or order."""
        pipe = self._client.pipeline(transaction=False)
        pipe.zrange(f"{PREFIX}due", 0, 0, withscores=True)
        pipe.zrange(f"{PREFIX}orders", 0, 0, withscores=True)
        pipe.exists(f"{PREFIX}causes")
        due, orders, causes = pipe.execute()
        times = [int(row[0][1]) for row in (due, orders) if row]
        next_ms = min(times) if times else None
        return bool(causes) or (next_ms is not None and next_ms <= now_ms), next_ms

    def next_ms(self) -> int | None:
        """When the next due time or order comes up."""
        pipe = self._client.pipeline(transaction=False)
        pipe.zrange(f"{PREFIX}due", 0, 0, withscores=True)
        pipe.zrange(f"{PREFIX}orders", 0, 0, withscores=True)
        times = [int(row[0][1]) for row in pipe.execute() if row]
        return min(times) if times else None

    def oldest_overdue_ms(self, now_ms: int) -> int:
        """How long the most overdue state has been waiting to be moved on; 0 when nothing is late."""
        row = self._client.zrange(f"{PREFIX}due", 0, 0, withscores=True)
        return max(0, now_ms - int(row[0][1])) if row else 0
