"""The versions of the menu in Redis: which are in force, their texts, and a draft that one call may try.

SQL has them all; what is lost here is put back from there.
"""

from collections.abc import Mapping
from typing import Any

from queues.flow_trial import FlowState

STATE, TEXTS, TRIAL = "tr:flow_state", "tr:flow_texts", "tr:flow_trial"
# A draft that nobody calls is forgotten, and so is its text once that call must be over.
TRIAL_S = 120
TRIAL_TEXT_S = 14_400


class FlowShelf:
    """The versions of one center. Texts are a menu's YAML, versions short hashes of them."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def state(self) -> FlowState | None:
        """Who gets which version; None when Redis does not know."""
        row = self._client.hgetall(STATE)
        return FlowState.from_hash(row) if row else None

    def put(self, state: FlowState, texts: Mapping[str, str]) -> None:
        """Have this state from now on; `texts` by version."""
        pipe = self._client.pipeline()
        pipe.hset(TEXTS, mapping=dict(texts))
        pipe.hset(STATE, mapping=state.to_hash())
        pipe.execute()

    def text(self, version: str) -> str:
        """The text of a version; empty when Redis does not have it."""
        return self._client.hget(TEXTS, version) or self._client.get(f"{TRIAL}:{version}") or ""

    def keep(self, version: str, text: str) -> None:
        """Keep a text that was found in SQL."""
        self._client.hset(TEXTS, version, text)

    def try_next(self, version: str, text: str) -> None:
        """Let the next call, if it comes soon, have this draft."""
        pipe = self._client.pipeline()
        pipe.set(f"{TRIAL}:{version}", text, ex=TRIAL_TEXT_S)
        pipe.set(TRIAL, version, ex=TRIAL_S)
        pipe.execute()

    def begin(self, call: str) -> str:
        """The version that a new call gets, a draft to be tried first of all; empty when none is known."""
        pipe = self._client.pipeline()
        pipe.getdel(TRIAL)
        pipe.hgetall(STATE)
        trial, row = pipe.execute()
        return trial or (FlowState.from_hash(row).begins(call) if row else "")
