"""Woken by an event: match, claim, and have rung, until nothing fits.

A round is repeatable. It looks at the floor as it is, so losing a wake-up, a job or a worker costs time, never a call.
What it asks of the phone network is waited for in the pool, so a stuck request delays no other offer.
"""

import json
import threading
from collections.abc import Callable

from center import Center
from queues import orders, routing, why
from queues.records import Change, Event, Order

# Less than a process gets to stop; the ticker asks for the next job as often.
STAY_MS = 5_000
LONGEST_WAIT_MS = 1_000
# Redis does nothing else meanwhile: ten pairs take it about a millisecond.
PAIRS_AT_ONCE = 10
ORDERS_AT_ONCE = 100
# With more agents than this the weighing of each would cost more than the decision is worth to read.
MOST_WEIGHED = 200
# Set when this process was told to end.
stopping = threading.Event()


def dispatch(center: Center) -> int:
    """One round. Returns how many pairs were made."""
    now_ms, pairs, more = center.now_ms(), 0, True
    while more:
        claimed = center.live.matches(now_ms, PAIRS_AT_ONCE, rest=not pairs)
        for pair in claimed:
            center.pool.submit(ring_and_explain, center, *pair, now_ms)
        pairs += len(claimed)
        more = len(claimed) == PAIRS_AT_ONCE
    carry_out(center)
    return pairs


def ring_and_explain(center: Center, call: str, agent: str, offer: int, now_ms: int) -> None:
    """Have the agent's phone rung; then, when it costs the caller nothing any more, store why it was theirs."""
    orders.carry(center, Order("ring", offer=offer), 1, now_ms)
    explain(center, call, agent, offer, now_ms)


def explain(center: Center, sid: str, taken: str, offer: int, now_ms: int) -> None:
    """Store with a decision who was weighed and what stood in the way of each."""
    call = center.live.call(sid)
    if call is None or len(center.plan.agents) > MOST_WEIGHED:
        return
    line = next(iter(routing.lines_at(call, center.plan, now_ms)), None)
    if line is None:  # moved to a later time while it was being rung
        return
    weighed = why.weigh(line, center.live.agents(), center.plan, taken)
    facts = {"line": str(line), "weighed": json.dumps(weighed)}
    center.live.commit(Change(events=(Event("decided", now_ms, sid, taken, offer, facts),)), now_ms)


def carry_out(center: Center) -> None:
    """Hand every order that is due to the pool."""
    taken_ms, more = center.now_ms(), True
    while more:
        taken = center.live.orders.take(taken_ms, ORDERS_AT_ONCE)
        for order, tries in taken:
            center.pool.submit(orders.carry, center, order, tries, taken_ms)
        more = len(taken) == ORDERS_AT_ONCE


def stay(newest: Callable[[], Center], stopping: threading.Event) -> None:
    """A round, and then one for whatever happens in the next seconds, without another job for each.

    For RQ to queue a job, take it and prepare it costs more than the round. `newest` gives the center as its file is
    now; `stopping` ends the stay within a second.
    """
    center = newest()
    until_ms = center.now_ms() + STAY_MS
    # First, so that whoever asks from now on is heard, and the round hears who asked before.
    center.live.wake_ups.stand_by(until_ms)
    try:
        dispatch(center)
        while (left_ms := until_ms - center.now_ms()) > 0 and not stopping.is_set():
            if center.live.wake_ups.awaited(min(left_ms, LONGEST_WAIT_MS)):
                center = newest()
                dispatch(center)
    finally:
        asked = center.live.wake_ups.stand_down()
    if asked:
        dispatch(center)
