"""What an agent chooses, and what the system sees of them: status, device, standing line. Pure."""

from dataclasses import replace

from queues.lifecycle import TALK_CHECK_MS
from queues.records import CLEARED, NOTHING, Agent, Change, Event


def choose_status(agent: Agent, status: str, reason: str, now_ms: int) -> Change:
    """What the agent chose. The last explicit wish wins; idle time is paused by a break, not reset."""
    if (agent.status, agent.reason) == (status, reason):
        return NOTHING
    after = replace(agent, status=status, reason=reason, missed=0)
    free = after.activity in ("idle", "no_device")
    if free:
        after = replace(_free(after, now_ms), since_ms=now_ms)
    return Change((agent,), (after,), (status_event(after, now_ms),), causes=(f"agent:{agent.agent}",) if free else ())


def device_seen(agent: Agent, until_ms: int, now_ms: int) -> Change:
    """The agent's browser phone is alive until `until_ms`; `until_ms` = now says that it is gone."""
    alive = replace(agent, device_until_ms=until_ms)
    after = _free(alive, now_ms) if alive.activity in ("idle", "no_device") else alive
    due = (f"device:{agent.agent}", until_ms if until_ms > now_ms else CLEARED)
    if after.activity == agent.activity:
        return Change((agent,), (after,), dues=(due,))
    return Change(
        (agent,),
        (replace(after, since_ms=now_ms),),
        (status_event(after, now_ms),),
        (due,),
        causes=(f"agent:{agent.agent}",),
    )


def line_up(agent: Agent, leg: str, now_ms: int) -> Change:
    """The agent's leg stands in their room for the shift: offers ring on the desk, accepting only moves the caller."""
    if agent.standing_leg == leg:
        return NOTHING
    after = replace(agent, standing_leg=leg)
    if after.activity in ("idle", "no_device"):
        after = replace(_free(after, now_ms), since_ms=now_ms)
    event = Event("agent_line", now_ms, agent=agent.agent, facts={"line": "up"})
    due = (f"line:{agent.agent}", now_ms + TALK_CHECK_MS)
    return Change((agent,), (after,), (event,), (due,), causes=(f"agent:{agent.agent}",))


def line_down(agent: Agent, now_ms: int) -> Change:
    """The standing leg is gone; what the agent was doing on it is ended by its own move."""
    if not agent.standing_leg:
        return NOTHING
    after = replace(agent, standing_leg="")
    if after.activity == "idle":
        after = replace(_free(after, now_ms), since_ms=now_ms)
    event = Event("agent_line", now_ms, agent=agent.agent, facts={"line": "down"})
    return Change((agent,), (after,), (event,), ((f"line:{agent.agent}", CLEARED),))


def released(agent: Agent, now_ms: int, rested: bool = False) -> Agent:
    """The agent without a call. `rested`: they did nothing for it, so their idle time goes on as if never offered."""
    kept_ms = agent.idle_ms + now_ms - agent.idle_since_ms if rested and agent.idle_since_ms else 0
    return _free(replace(agent, call="", offer=0, since_ms=now_ms, idle_ms=kept_ms, idle_since_ms=0), now_ms)


def _free(agent: Agent, now_ms: int) -> Agent:
    """An agent without a call as the system sees them. Idle time runs while they can be rung; else it is kept."""
    after = replace(agent, activity=_seen(agent, now_ms))
    runs = after.status == "available" and after.activity == "idle"
    if runs == bool(agent.idle_since_ms):
        return after
    since_ms = now_ms if runs else 0
    waited_ms = 0 if runs else now_ms - agent.idle_since_ms
    return replace(after, idle_since_ms=since_ms, idle_ms=agent.idle_ms + waited_ms)


def _seen(agent: Agent, now_ms: int) -> str:
    reachable = agent.standing_leg or not agent.needs_device or agent.device_until_ms > now_ms
    return "idle" if reachable else "no_device"


def status_event(agent: Agent, now_ms: int) -> Event:
    """What an agent's status has become, for the record."""
    facts = {"status": agent.status, "reason": agent.reason, "activity": agent.activity}
    return Event("agent_status", now_ms, agent=agent.agent, facts=facts)
