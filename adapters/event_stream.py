"""The event stream between live state and the record: written by every commit, read by the recorder alone.

Redis keeps what SQL has not recorded yet. The stream's numbers mean something only within one life of Redis, whose
name the first commit writes; a read therefore brings the life along that its entries belong to.
"""

import redis

from adapters.history_entries import Entry

EVENTS = "tr:events"
LIFE = "tr:life"


class EventStream:
    """The stream, as the recorder reads it. Methods raise redis-py's errors when Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def life(self) -> str:
        """Which life of Redis this is; empty before its first commit."""
        return str(self._client.get(LIFE) or "")

    def after(self, last: str, most: int) -> tuple[str, list[Entry]]:
        """The life and up to `most` entries after the id `last`, read in one step."""
        with self._client.pipeline(transaction=True) as both:
            both.get(LIFE)
            both.xrange(EVENTS, f"({last}", "+", count=most)
            life, entries = both.execute()
        return str(life or ""), [(str(stream_id), fields) for stream_id, fields in entries]

    def wait(self, last: str, most_ms: int) -> None:
        """Return as soon as there is an entry after `last`, or after `most_ms`."""
        self._client.xread({EVENTS: last}, count=1, block=most_ms)

    def trim(self, recorded: str) -> None:
        """Let go of the entries before `recorded`: the record has them."""
        self._client.xtrim(EVENTS, minid=recorded, approximate=False)

    def length(self) -> int:
        """How many entries Redis holds."""
        return int(self._client.xlen(EVENTS))
