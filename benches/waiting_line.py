"""The line of the ring bench that is never empty: filled in bulk through `Live.commit`, watched by nobody's clock."""

import redis

from adapters.live import Live
from benches.service import RELAY, SALES, Running
from queues.plan import Plan
from queues.records import Call, Change

AT_ONCE = 500


def fill(client: redis.Redis, running: Running, calls: int, now_ms: int) -> Live:
    """So many callers wait for sales, and one for the relay. Returns the live state as the service has it."""
    plan = Plan.model_validate(running.center)
    live = Live(client, plan, lambda: None)
    rows = [_call(plan, SALES, number, now_ms) for number in range(1, calls + 1)]
    rows.append(_call(plan, RELAY, calls + 1, now_ms))
    for start in range(0, len(rows), AT_ONCE):
        live.commit(Change(after=tuple(rows[start : start + AT_ONCE])), now_ms)
    return live


def _call(plan: Plan, queue: str, number: int, now_ms: int) -> Call:
    language = plan.languages[number % len(plan.languages)]
    return Call(
        call=f"CA{number:032x}",
        status="waiting",
        caller=f"+9198980{number:05d}",
        called="+18005550100",
        country="IN",
        language=language,
        queue=queue,
        needs=plan.needs(queue, {f"lang:{language}": 1}),
        position_ms=now_ms + number,
        received_ms=now_ms,
        enqueued_ms=now_ms + number,
        wrap_up_ms=3_600_000,
        leg_status="in-progress",
    )
