"""What is kept of callers between two calls: their language, who they spoke with, a place they fell out of, a promise.

Nothing here is a state that must be right: SQL, the wait URL or the caller says it again where Redis forgot.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from adapters import scripts
from adapters.scripts import Script
from queues.lifecycle import LeftPlace

LANGUAGES, AGENTS, CALLS = "tr:languages", "tr:last_agents", "tr:last_calls"
LEFT, CALLBACKS = "tr:left", "tr:callbacks:"
CASES_OF, CASES_KNOWN = "tr:owes", "tr:owes_known"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a call begins with, in UTC ms, 0 for nothing.

    When this number called last, until when it is promised a call, when the first of its open cases is due.
    """

    called_ms: int = 0
    callback_ms: int = 0
    case_ms: int = 0


class Memories:
    """The memories in one Redis, by the caller's number."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._caller = Script(client, scripts.read("caller"))

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

    def of_caller(self, caller: str) -> Remembered:
        """What is known of this number (E.164), in one trip; nothing of one that was withheld."""
        return Remembered(*map(int, self._caller(caller))) if caller.startswith("+") else Remembered()

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

    def callbacks(self, caller: str) -> list[str]:
        """The calls in which this caller was promised to be called back, each for another kind of help."""
        return sorted(self._client.smembers(CALLBACKS + caller))

    def keep_callback(self, caller: str, call: str) -> None:
        """Keep where a promise to this caller stands."""
        self._client.sadd(CALLBACKS + caller, call)

    def drop_callback(self, caller: str, call: str) -> None:
        """That promise has ended."""
        self._client.srem(CALLBACKS + caller, call)

    def keep_case(self, caller: str, case: str, due_ms: int) -> None:
        """This caller has an open case, due then."""
        if caller.startswith("+"):
            self._client.hset(f"{CASES_OF}:{caller}", case, due_ms)

    def drop_case(self, caller: str, case: str) -> None:
        """The case is done."""
        self._client.hdel(f"{CASES_OF}:{caller}", case)

    def knows_cases(self) -> bool:
        """False in a Redis that has not been told of the open cases since it began."""
        return bool(self._client.exists(CASES_KNOWN))

    def keep_cases(self, rows: Iterable[tuple[str, str, int]], now_ms: int) -> None:
        """Every open case there is: caller, case, due time."""
        for caller, case, due_ms in rows:
            self.keep_case(caller, case, due_ms)
        self._client.set(CASES_KNOWN, now_ms)
