"""What is asked of the phone network, kept in Redis until it is done: taken with a lease, then done or tried again."""

import json
from typing import Any

import redis

from adapters.scripts import Script
from queues.plan import Plan
from queues.records import Order

PREFIX = "tr:"
LEASE_MS = 15_000


class OrderBook:
    """The orders of one center; `script` is `orders.lua`, which does each of these in one step."""

    def __init__(self, client: redis.Redis, script: Script, plan: Plan) -> None:
        self._client: Any = client
        self._script = script
        self.gap_ms = round(1000 / plan.limits.calls_per_second)

    def take(self, now_ms: int, most: int = 100) -> list[tuple[Order, int]]:
        """Orders due now, leased to this process, each with the number of this try."""
        rows = self._script("take", now_ms, LEASE_MS, most)
        return [(_order(name, body), tries) for name, body, tries in rows]

    def done(self, order: Order, taken_ms: int) -> None:
        """The order was carried out, or can never be."""
        self._script("done", order.id, taken_ms + LEASE_MS)

    def later(self, order: Order, taken_ms: int, at_ms: int, untried: bool = False) -> None:
        """Try again at `at_ms`; `untried` when nothing was asked of the carrier yet."""
        body = [text_of(order)] if untried else []
        self._script("later", order.id, taken_ms + LEASE_MS, at_ms, *body)

    def leg_slot(self, now_ms: int) -> int:
        """When the account's limit of created legs a second lets the next one leave."""
        return int(self._script("slot", now_ms, self.gap_ms))

    def leg_wait_ms(self, now_ms: int) -> int:
        """How long a leg created now would have to wait for the account's limit; 0 when it may leave at once."""
        return max(0, int(self._client.get(f"{PREFIX}leg_slot") or 0) - now_ms)


def _order(name: str, body: str | None) -> Order:
    """An order back from Redis. The order to ring a fresh offer is all in its name."""
    do, _, about = name.partition(":")
    return Order(**json.loads(body)) if body else Order(do, offer=int(about))


def text_of(order: Order) -> str:
    """An order as it is kept."""
    return json.dumps({name: value for name, value in vars(order).items() if value})
