"""What the phone network remembers for us: conversations that Redis forgot, and legs that nobody owns any more.

Errands, because they ask the carrier. After a wipe, agents are available again only when it is known who of them is
talking; waiting callers come back by themselves, with their wait URL.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from queues import addresses, agent_life, agent_moves, flow_versions, lifecycle, lost_promises, partings
from queues.answers import CarrierError
from queues.plan import country_of
from queues.records import NOTHING, Call, Change, Order

log = structlog.get_logger()

GHOST_MS = 30_000


def recover(center: Center) -> None:
    """After Redis was lost (or on the first day): conversations first, then who chose to be available."""
    if center.live.recovered():
        return
    talks = rebuild(center)
    lost_promises.restore(center)
    flow_versions.restore(center)
    statuses = center.history.agent_statuses()
    for agent, (status, reason) in statuses.items():
        # Whoever has chosen since the loss is not offline any more, and the last wish wins.
        if agent in center.plan.agents and center.live.agent(agent).status == "offline":
            agent_moves.choose_status(center, agent, status, reason)
    center.live.begin_life(center.now_ms())
    if talks or statuses:
        log.warning("recovered", conversations=talks, agents=len(statuses))


def sweep(center: Center) -> None:
    """Every minute: conversations and promises that we do not know, legs that belong to nothing, ends nobody saw."""
    rebuild(center)
    lost_promises.restore(center)
    end_ghosts(center)
    close_forgotten(center)


def end_ghosts(center: Center) -> None:
    """Legs to our agents that no offer and no call knows are hung up."""
    strange = [
        (leg, line)
        for leg, line, began_ms in center.carrier.legs_we_made()
        if line in center.plan.lines and center.now_ms() - began_ms > GHOST_MS and not center.live.offer_of_leg(leg)
    ]
    in_talks = {leg for call in center.live.calls() for leg in (call.agent_leg, call.leg)} if strange else set()
    for leg, line in strange:
        if leg not in in_talks:
            log.warning("ghost_leg", agent=center.plan.lines[line])
            center.live.commit(Change(orders=(Order("end", leg=leg),)), center.now_ms())


def rebuild(center: Center) -> int:
    """Bring back every conversation and standing line that the carrier has and we have not. Returns how many talk.

    Raises the last CarrierError when something could not be looked up; the others have been brought back by then.
    """
    looked_up = center.pool.map(partial(_room, center), *zip(*center.carrier.conferences(), strict=True))
    found = list(looked_up)
    if failed := [error for error in found if isinstance(error, CarrierError)]:
        raise failed[-1]
    return sum(talks for talks in found if isinstance(talks, int))


def _room(center: Center, name: str, conference: str) -> int | CarrierError:
    """One conference of the carrier: how many conversations it brought back, or why nobody knows."""
    sid, agent = addresses.call_of_conference(name), addresses.agent_of_room(name)
    forgotten_line = agent in center.plan.agents and not center.live.agent(agent).standing_leg
    if not forgotten_line and not (sid and _not_talking(center, sid)):
        return 0
    try:
        legs = center.carrier.participants(conference)
        return _conversation(center, sid, legs) if sid else _standing_line(center, agent, legs)
    except CarrierError as error:
        return error


def _conversation(center: Center, sid: str, legs: Mapping[str, str]) -> int:
    agent_leg = legs.get("agent", "")
    agent = center.plan.lines.get(center.carrier.leg(agent_leg).to, "") if agent_leg else ""
    if agent and "caller" in legs:
        return _talking(center, sid, agent, agent_leg, legs["caller"])
    if agent and _not_talking(center, sid):
        # Who accepted, and waits for a caller whom nobody brings any more: in line again, for whoever accepts next.
        center.live.commit(Change(orders=(Order("end", leg=agent_leg),)), center.now_ms())
    return 0


def _not_talking(center: Center, sid: str) -> bool:
    """True for a call that Redis forgot, or that is back in line since."""
    call = center.live.call(sid)
    return call is None or call.status in ("waiting", "offered")


def _standing_line(center: Center, agent: str, legs: Mapping[str, str]) -> int:
    now_ms, leg, sid = center.now_ms(), legs.get("agent", ""), legs.get("caller", "")
    if not leg:
        return 0
    center.live.settle(lambda: agent_life.line_up(center.live.agent(agent), leg, now_ms), now_ms)
    return _talking(center, sid, agent, "", sid) if sid and center.live.call(sid) is None else 0


def _talking(center: Center, sid: str, agent: str, agent_leg: str, caller_leg: str) -> int:
    """The call is a conversation again, unless the agent is busy with another one by now."""
    now_ms = center.now_ms()
    call = replace(_remembered(center, sid), leg=caller_leg if caller_leg != sid else "")

    def decide() -> Change:
        now = center.live.agent(agent)
        if center.live.call(sid) is not None or now.call:
            return NOTHING
        return lifecycle.restore_talk(call, now, agent_leg, now_ms)

    return int(bool(center.live.settle(decide, now_ms)))


def close_forgotten(center: Center) -> int:
    """Calls that the record holds open, that Redis does not know, and whose leg is gone: their end was lost."""
    now_ms, closed = center.now_ms(), 0
    for row in center.history.open_calls(now_ms - GHOST_MS):
        sid = row["call"]
        if center.live.call(sid) is not None or center.carrier.leg(sid).alive:
            continue
        end = partings.forgotten(sid, row["status"], row["agent"] or "", now_ms)
        closed += center.live.commit(end, now_ms)
    if closed:
        log.warning("closed_forgotten_calls", calls=closed)
    return closed


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
        callback=row.get("callback") or "",
        received_ms=row.get("received_ms") or 0,
        enqueued_ms=row.get("enqueued_ms") or 0,
        answered_ms=row.get("answered_ms") or center.now_ms(),
        wrap_up_ms=center.plan.queues[queue].wrap_up_s * 1000 if queue in center.plan.queues else 60_000,
    )
