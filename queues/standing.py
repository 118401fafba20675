"""Where a caller will stand, worked out as they go into line: what they ask for, priority, who knows them, overflow.

Used when the menu is done and when Redis forgot a caller.
"""

from collections.abc import Mapping

from center import Center
from ivr.exits import CallbackNode, EnqueueNode
from queues import flow_versions
from queues.lifecycle import Standing
from queues.policy import Overflow
from queues.records import Call


def standing(
    center: Center, queue: str, language: str, asked: Mapping[str, int], caller: str, minutes: float
) -> Standing:
    """The caller's standing now. `asked` are skills beyond the queue's own, `minutes` a priority that the menu gave."""
    queue = home(center, queue)
    plan = center.plan.queues[queue]
    needs = center.plan.needs(queue, asked)
    return Standing(
        queue=queue,
        language=language,
        needs=needs,
        credit_ms=center.plan.credit_ms(queue, caller, minutes),
        wrap_up_ms=plan.wrap_up_s * 1000,
        preferred=_preferred(center, queue, needs, caller) if plan.preferred_s else "",
        overflow=" ".join(row.to for row in plan.overflow if _overflows(center, queue, needs, row)),
    )


def home(center: Center, queue: str) -> str:
    """The queue, or the one where everybody comes to a person when the center file has it no more."""
    if queue in center.plan.queues:
        return queue
    person = center.flow.nodes[center.flow.file.person]
    return person.queue if isinstance(person, EnqueueNode) else next(iter(center.plan.queues))


def ordered(center: Center, queue: str) -> bool:
    """True when nobody can be put in front of a caller of this queue: a place in it only gets better.

    So there is no priority, for anybody, and nobody comes into the line from another one with an older place.
    """
    plan, own = center.plan, center.plan.queues[queue]
    favoured = plan.importance or any(known.priority_minutes for known in plan.callers.values())
    moving = own.relax or own.reserve or own.preferred_s
    joined = any(row.to == queue for other in plan.queues.values() for row in other.overflow)
    flows = flow_versions.in_force(center)
    nodes = [node for flow in flows for node in flow.nodes.values()]
    lined_up = [node for node in nodes if isinstance(node, (EnqueueNode, CallbackNode))]
    return not (favoured or moving or joined or any(node.priority for node in lined_up if node.queue == queue))


def unmanned(center: Center, call: Call) -> str:
    """The call's overflow queues once those are added that help when nobody is signed in for it."""
    rows = [row for row in center.plan.queues[call.queue].overflow if row.when == "nobody_signed_in"]
    gone = [row.to for row in rows if _overflows(center, call.queue, call.needs, row)]
    return " ".join(dict.fromkeys([*call.overflow.split(), *gone]))


def _preferred(center: Center, queue: str, needs: str, caller: str) -> str:
    """The agent this caller is used to, or spoke to last; only one who is there and may take the call."""
    known = center.plan.callers.get(caller)
    agent = (known.agent if known else "") or center.live.memories.last_agent(caller)
    if agent not in center.plan.agents or not center.plan.takes(agent, queue, needs):
        return ""
    return agent if center.live.agent(agent).status == "available" else ""


def _overflows(center: Center, queue: str, needs: str, row: Overflow) -> bool:
    if row.when == "length":
        return center.live.queue_length(queue) >= row.length
    if row.when == "nobody_signed_in":
        signed_in = (agent.agent for agent in center.live.agents() if agent.status != "offline")
        return not any(center.plan.takes(agent, queue, needs) for agent in signed_in)
    return False
