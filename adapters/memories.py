"""What is kept of callers between two calls: their language, who they spoke with, a place they fell out of, a promise.

Nothing here is a state that must be right: SQL, the wait URL or the caller says it again where Redis forgot.
"""

import json
from dataclasses import asdict
from typing import Any

from queues.lifecycle import LeftPlace

LANGUAGES, AGENTS, CALLS = "tr:languages", "tr:last_agents", "tr:last_calls"
LEFT, CALLBACKS = "tr:left", "tr:callbacks"


class Memories:
    """The memories in one Redis, by the caller's number."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def language(self, caller: str) -> str | None:
        """The language this caller chose before; None when Redis does not know."""
        language: str | None = self._client.hget(LANGUAGES, caller)
        return language

    def keep_language(self, caller: str, language: str) -> None:
        """Keep a caller's language for the next call."""
        self._client.hset(LANGUAGES, caller, language)

    def last_agent(self, caller: str) -> str:
        """Who spoke with this caller last; empty when nobody is remembered."""
        return self._client.hget(AGENTS, caller) or ""

    def keep_agent(self, caller: str, agent: str) -> None:
        """Keep who spoke with a caller, for the next call."""
        self._client.hset(AGENTS, caller, agent)

    def called_ms(self, caller: str) -> int:
        """When this number (E.164) called last; 0 when nobody remembers, or when the number was withheld."""
        return int(self._client.hget(CALLS, caller) or 0) if caller.startswith("+") else 0

    def keep_called(self, caller: str, at_ms: int) -> None:
        """Keep when a number called, for the next call."""
        self._client.hset(CALLS, caller, at_ms)

    def take_place(self, caller: str) -> LeftPlace | None:
        """The place this caller left lately, once."""
        pipe = self._client.pipeline()
        pipe.hget(LEFT, caller)
        pipe.hdel(LEFT, caller)
        found = pipe.execute()[0]
        return LeftPlace(**json.loads(found)) if found else None

    def keep_place(self, caller: str, place: LeftPlace) -> None:
        """Keep a place that was left, in case the line had dropped."""
        self._client.hset(LEFT, caller, json.dumps(asdict(place)))

    def callback(self, caller: str) -> str:
        """The call in which this caller was promised to be called back; empty when none is."""
        return self._client.hget(CALLBACKS, caller) or ""

    def keep_callback(self, caller: str, call: str) -> None:
        """Keep where the promise to this caller stands."""
        self._client.hset(CALLBACKS, caller, call)

    def drop_callback(self, caller: str) -> None:
        """The promise has ended."""
        self._client.hdel(CALLBACKS, caller)
