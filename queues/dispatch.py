"""Woken by an event: match, claim, and have rung, until nothing fits.

A round is repeatable. It looks at the floor as it is, so losing a wake-up, a job or a worker costs time, never a call.
What it asks of the phone network is waited for in the pool, so a stuck request delays no other offer.
"""

from center import Center
from queues import orders


def dispatch(center: Center) -> int:
    """One round. Returns how many pairs were made."""
    center.live.rest()
    now_ms = center.now_ms()
    pairs = 0
    while center.live.match(now_ms):
        pairs += 1
    carry_out(center)
    return pairs


def carry_out(center: Center) -> None:
    """Hand every order that is due to the pool."""
    taken_ms = center.now_ms()
    while taken := center.live.take_orders(taken_ms):
        for order, tries in taken:
            center.pool.submit(orders.carry, center, order, tries, taken_ms)
