"""What the phone network remembers for us: conversations that Redis forgot, and legs that nobody owns any more.

Errands, because they ask the carrier. After a wipe, agents are available again only when it is known who of them is
talking; waiting callers come back by themselves, with their wait URL.
"""

from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from queues import addresses, agent_moves, lifecycle
from queues.plan import country_of
from queues.records import NOTHING, Call, Change, Order

log = structlog.get_logger()

GHOST_MS = 30_000


def recover(center: Center) -> None:
    """After Redis was lost (or on the first day): conversations first, then who chose to be available."""
    if center.live.life():
        return
    talks = rebuild(center)
    statuses = center.history.agent_statuses()
    for agent, (status, reason) in statuses.items():
        if agent in center.plan.agents and center.live.agent(agent).status != status:
            agent_moves.choose_status(center, agent, status, reason)
    center.live.begin_life(center.now_ms())
    if talks or statuses:
        log.warning("recovered", conversations=talks, agents=len(statuses))


def sweep(center: Center) -> None:
    """Every minute: conversations that we do not know, and agents' legs that belong to nothing."""
    rebuild(center)
    for leg, line, began_ms in center.carrier.legs_we_made():
        known = center.live.offer_of_leg(leg) or line not in center.plan.lines
        if not known and center.now_ms() - began_ms > GHOST_MS:
            log.warning("ghost_leg", agent=center.plan.lines[line])
            center.live.commit(Change(orders=(Order("end", leg=leg),)), center.now_ms())


def rebuild(center: Center) -> int:
    """Bring back every conversation that the carrier has and we have not. Returns how many."""
    found = 0
    for name, conference in center.carrier.conferences():
        sid = addresses.call_of_conference(name)
        if not sid or center.live.call(sid) is not None:
            continue
        legs = center.carrier.participants(conference)
        agent_leg = legs.get("agent", "")
        agent = center.plan.lines.get(center.carrier.leg(agent_leg).to, "") if agent_leg else ""
        if agent and "caller" in legs:
            _talking(center, sid, agent, agent_leg)
            found += 1
    return found


def _talking(center: Center, sid: str, agent: str, agent_leg: str) -> None:
    now_ms = center.now_ms()
    call = _remembered(center, sid)

    def decide() -> Change:
        if center.live.call(sid) is not None:
            return NOTHING
        return lifecycle.restore_talk(call, center.live.agent(agent), agent_leg, now_ms)

    center.live.settle(decide, now_ms)


def _remembered(center: Center, sid: str) -> Call:
    """The call as the record has it; where SQL is away or behind, only what the carrier can tell."""
    try:
        row: dict[str, Any] = center.history.call(sid, center.now_ms()) or {}
    except SQLAlchemyError:
        row = {}
    queue = row.get("queue") or next(iter(center.plan.queues))
    caller = row.get("caller") or ""
    return Call(
        call=sid,
        caller=caller,
        called=row.get("called") or "",
        name=row.get("caller_name") or "",
        country=country_of(caller),
        language=row.get("language") or "",
        queue=queue,
        needs=row.get("needs") or center.plan.needs(queue, {}),
        received_ms=row.get("received_ms") or 0,
        enqueued_ms=row.get("enqueued_ms") or 0,
        answered_ms=row.get("answered_ms") or center.now_ms(),
        wrap_up_ms=center.plan.queues[queue].wrap_up_s * 1000 if queue in center.plan.queues else 60_000,
    )
