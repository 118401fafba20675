"""Woken by an event: match, claim, and have rung, until nothing fits.

A round is repeatable. It looks at the floor as it is, so losing a wake-up, a job or a worker costs time, never a call.
What it asks of the phone network is waited for in the pool, so a stuck request delays no other offer.
"""

import json

from center import Center
from queues import orders, routing, why
from queues.records import Change, Event

# With more agents than this the weighing of each would cost more than the decision is worth to read.
MOST_WEIGHED = 200


def dispatch(center: Center) -> int:
    """One round. Returns how many pairs were made."""
    center.live.rest()
    now_ms = center.now_ms()
    pairs = []
    while pair := center.live.match(now_ms):
        pairs.append(pair)
    carry_out(center)
    for call, agent, offer in pairs:
        center.pool.submit(explain, center, call, agent, offer, now_ms)
    return len(pairs)


def explain(center: Center, sid: str, taken: str, offer: int, now_ms: int) -> None:
    """Store with a decision who was weighed and what stood in the way of each."""
    call = center.live.call(sid)
    if call is None or len(center.plan.agents) > MOST_WEIGHED:
        return
    line = routing.lines_at(call, center.plan, now_ms)[0]
    weighed = why.weigh(line, center.live.agents(), center.plan, taken)
    facts = {"line": str(line), "weighed": json.dumps(weighed)}
    center.live.commit(Change(events=(Event("decided", now_ms, sid, taken, offer, facts),)), now_ms)


def carry_out(center: Center) -> None:
    """Hand every order that is due to the pool."""
    taken_ms = center.now_ms()
    while taken := center.live.take_orders(taken_ms):
        for order, tries in taken:
            center.pool.submit(orders.carry, center, order, tries, taken_ms)
