"""Wake-ups of the dispatch job, in Redis: they merge without losing one, and a job that stays hears them itself."""

from collections.abc import Callable
from typing import Any

import redis

PREFIX = "tr:"
PATIENCE_MS = 1_000


class WakeUps:
    """The wake-ups of one center. `ask` asks for a dispatch round, which costs a job."""

    def __init__(self, client: redis.Redis, ask: Callable[[], None]) -> None:
        self._client: Any = client
        self._ask = ask

    def rest(self) -> None:
        """Clear the wake-up mark before a round looks at the floor, so that what happens after it wakes another."""
        self._client.delete(f"{PREFIX}wake")

    def stand_by(self, until_ms: int) -> None:
        """From now until then a dispatch job waits for wake-ups itself, and none needs to be queued."""
        self._client.set(f"{PREFIX}standing_by", until_ms)

    def awaited(self, most_ms: int) -> bool:
        """Wait for a wake-up. False when none came in time."""
        return self._client.blpop([f"{PREFIX}wakeups"], timeout=max(10, most_ms) / 1000) is not None

    def stand_down(self) -> bool:
        """Nobody waits for wake-ups any more. True when one came meanwhile."""
        pipe = self._client.pipeline()
        pipe.delete(f"{PREFIX}standing_by")
        pipe.delete(f"{PREFIX}wakeups")
        return bool(pipe.execute()[1])

    def unserved(self, now_ms: int) -> bool:
        """True when there is work for a round and no wake-up younger than a second stands for it."""
        pipe = self._client.pipeline(transaction=False)
        pipe.exists(f"{PREFIX}causes")
        pipe.zcount(f"{PREFIX}orders", "-inf", now_ms)
        pipe.get(f"{PREFIX}wake")
        causes, orders, woken_ms = pipe.execute()
        return bool(causes or orders) and now_ms - int(woken_ms or 0) > PATIENCE_MS

    def again(self, now_ms: int) -> None:
        """Ask for a round whatever was asked before, and let whoever waits for wake-ups look up."""
        self._client.set(f"{PREFIX}wake", now_ms)
        self._client.rpush(f"{PREFIX}wakeups", 0)
        self._ask()
