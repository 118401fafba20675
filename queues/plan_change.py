"""A new center file while calls wait: checked, published, and everybody stands where the new policies say.

A wrong file changes nothing: the running version stays, and the fault is logged with file and line.
"""

from dataclasses import replace

import structlog

from center import Center, center_file
from ivr.lined_yaml import WrongFile
from queues import agent_moves, endings, flow_versions, routing, standing
from queues.plan_check import doubts
from queues.records import NOTHING, Call, Change, Order

log = structlog.get_logger()


class Watch:
    """The center file on this machine: published when the ticker starts and whenever it changes."""

    def __init__(self, center: Center) -> None:
        self._path = center_file(center.settings)
        self._seen_ns = 0

    def look(self, center: Center) -> Center:
        """The center over the file as it is now; unchanged when the file is, or when it is wrong."""
        seen_ns = self._path.stat().st_mtime_ns
        if seen_ns == self._seen_ns:
            return center
        self._seen_ns = seen_ns
        text = self._path.read_text(encoding="utf-8")
        if text == center.live.plan_text():
            return center
        try:
            return publish(center, text)
        except WrongFile as error:
            log.error("center_file_refused", problems=[str(row) for row in error.problems])
            return center


def publish(center: Center, text: str) -> Center:
    """Make this center file the running one and move everybody. Raises WrongFile for a wrong one."""
    changed = center.with_plan(text)
    center.live.publish_plan(text)
    flow_versions.refit(changed)
    stand_anew(changed)
    log.info("center_file_published", doubts=doubts(changed.plan))
    return changed


def stand_anew(center: Center) -> None:
    """Every waiting call and idle agent stands where the plan has them now. Clocks and places are kept."""
    now_ms = center.now_ms()
    for agent in center.live.strangers():
        _leaves(center, agent)
    for agent in center.plan.agents:
        center.live.settle(lambda agent=agent: _agent_again(center, agent), now_ms)  # type: ignore[misc]
    for call in center.live.calls():
        center.live.settle(lambda sid=call.call: _call_again(center, sid), now_ms)  # type: ignore[misc]


def stand_strays(center: Center) -> None:
    """Whoever came into a line that the plan has no more, through a process that had the old one, stands anew."""
    if any(routing.parse(line).queue not in center.plan.queues for line in center.live.lines_in_use()):
        stand_anew(center)


def _leaves(center: Center, agent: str) -> None:
    """Somebody whom the plan has no more: signed out, and rung and stood by with no longer. A conversation goes on."""
    agent_moves.choose_status(center, agent, "offline")
    now = center.live.agent(agent)
    if now.standing_leg and not now.call:
        center.live.commit(Change(orders=(Order("end", leg=now.standing_leg),)), center.now_ms())
        endings.line_gone(center, now.standing_leg, agent)


def _agent_again(center: Center, agent: str) -> Change:
    now = center.live.agent(agent)
    known = now.version and now.status == "available" and now.activity == "idle"
    return Change((now,), (now,), causes=(f"agent:{agent}",)) if known else NOTHING


def _call_again(center: Center, sid: str) -> Change:
    call = center.live.call(sid)
    if call is None or not call.queue or call.status in ("wrap_up", "ended"):
        return NOTHING
    if call.queue not in center.plan.queues:
        return _elsewhere(center, call)
    if call.status != "waiting":
        return NOTHING
    own = dict(routing.wanted(center.plan.needs(call.queue, {})))
    asked = {skill: level for skill, level in routing.wanted(call.needs) if skill.startswith("lang:") or skill in own}
    again = replace(call, needs=center.plan.needs(call.queue, asked))
    return Change((call,), (again,), causes=(f"call:{sid}",))


def _elsewhere(center: Center, call: Call) -> Change:
    """The queue is gone: the caller stands where everybody comes to a person, in the same place, in their language."""
    queue = standing.home(center, call.queue)
    spoken = {skill: level for skill, level in routing.wanted(call.needs) if skill.startswith("lang:")}
    again = replace(call, queue=queue, needs=center.plan.needs(queue, spoken), overflow="")
    causes = (f"call:{call.call}",) if call.status == "waiting" else ()
    return Change((call,), (again,), causes=causes)
