"""What a center file contradicts itself in, each with its line: refused, so that the running version stays. Pure.

`doubts` are what can be meant but mostly is not; they are shown and do not refuse.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import phonenumbers

from ivr.lined_yaml import LinedYaml, Problem
from queues.policy import WAYS_OUT

if TYPE_CHECKING:
    from queues.plan import Plan


def contradictions(plan: "Plan", yaml: LinedYaml) -> list[Problem]:
    """Everything that cannot work, in the order of lines."""
    checks = (_unanswerable, _relaxations, _policies, _hours, _lines, _names, _bound)
    return sorted(problem for check in checks for problem in check(plan, yaml))


def doubts(plan: "Plan") -> list[str]:
    """What an operator should know of a center that runs: sentences."""
    found = [
        f"queue `{name}`: nobody can take a call in `{language}`"
        for name in plan.queues
        for language in plan.languages
        if not any(plan.takes(agent, name, plan.needs(name, {f"lang:{language}": 1})) for agent in plan.agents)
    ]
    if plan.limits.overtaking_minutes is None:
        found.append("limits.overtaking_minutes is off: a caller may be overtaken without end")
    return found


def _unanswerable(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        for skill, level in queue.needs.items():
            if not any(agent.skills.get(skill, 0) >= level for agent in plan.agents.values()):
                reason = f"queue `{name}` needs {skill} at level {level}, which no agent has"
                yield yaml.problem(reason, "queues", name, "needs", skill)
                break
        else:
            if not any(plan.takes(agent, name, plan.needs(name, {})) for agent in plan.agents):
                yield yaml.problem(f"queue `{name}` can never be answered: no agent has all it needs", "queues", name)


def _relaxations(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        asked: dict[str, int] = dict(queue.needs)
        for number, step in enumerate(queue.relax):
            for skill, level in step.needs.items():
                if level > asked.get(skill, 1 if skill.startswith("lang:") else 0):
                    reason = f"a relax step cannot ask for more: {skill} at {level}"
                    yield yaml.problem(reason, "queues", name, "relax", number, "needs", skill)
                asked[skill] = min(asked.get(skill, level), level)
            if number and step.after_s <= queue.relax[number - 1].after_s:
                yield yaml.problem(
                    "relax steps must come one after the other", "queues", name, "relax", number, "after_s"
                )


def _policies(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        if queue.reserve and not any(queue.reserve.skill in agent.skills for agent in plan.agents.values()):
            reason = f"no agent has the reserved skill {queue.reserve.skill}"
            yield yaml.problem(reason, "queues", name, "reserve", "skill")
        if name in WAYS_OUT:
            yield yaml.problem(f"`{name}` is a way out of a line, and no name for a queue", "queues", name)
        for number, overflow in enumerate(queue.overflow):
            if not _leads_somewhere(overflow.to, name, plan):
                reason = f"cannot overflow to `{overflow.to}`"
                yield yaml.problem(reason, "queues", name, "overflow", number, "to")
            if overflow.when == "length" and not overflow.length:
                yield yaml.problem("`length` must say how many callers", "queues", name, "overflow", number)
            if overflow.when == "waited" and not overflow.after_s:
                yield yaml.problem("`after_s` must say after which wait", "queues", name, "overflow", number)


def _leads_somewhere(to: str, queue: str, plan: "Plan") -> bool:
    """True for another queue, a way out of the line, and a number that can be dialled."""
    if not to.startswith("+"):
        return to in WAYS_OUT or (to in plan.queues and to != queue)
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(to))
    except phonenumbers.NumberParseException:
        return False


def _hours(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    for name, queue in plan.queues.items():
        if queue.hours != "always" and queue.hours not in plan.hours:
            yield yaml.problem(f"no hours are named `{queue.hours}`", "queues", name, "hours")


def _lines(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, agent in plan.agents.items():
        if agent.line in seen:
            yield yaml.problem(f"agent `{seen[agent.line]}` has the same line", "agents", name, "line")
        seen[agent.line] = name


def _names(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    for name, agent in plan.agents.items():
        for number, queue in enumerate(agent.queues):
            if queue not in plan.queues:
                yield yaml.problem(f"there is no queue `{queue}`", "agents", name, "queues", number)
    for number, queue in enumerate(plan.survey.queues):
        if queue not in plan.queues:
            yield yaml.problem(f"there is no queue `{queue}`", "survey", "queues", number)
    for number_, caller in plan.callers.items():
        if caller.agent and caller.agent not in plan.agents:
            yield yaml.problem(f"there is no agent `{caller.agent}`", "callers", number_, "agent")


def _bound(plan: "Plan", yaml: LinedYaml) -> Iterator[Problem]:
    bound = plan.limits.overtaking_minutes
    if bound is None:
        return
    if plan.order_minutes > bound:
        held_back = f"an agent's order of queues holds a call back by {plan.order_minutes:g} minutes"
        reason = f"{held_back}, over the bound of {bound:g}"
        yield yaml.problem(reason, "limits", "queue_order_minutes")
    for minutes, path in _priorities(plan):
        if minutes > max(0, bound - plan.order_minutes):
            yield yaml.problem(f"a priority of {minutes:g} minutes is over the bound on overtaking", *path)


def _priorities(plan: "Plan") -> Iterator[tuple[float, tuple[str | int, ...]]]:
    for name, queue in plan.queues.items():
        yield queue.priority_minutes, ("queues", name, "priority_minutes")
    for number, caller in plan.callers.items():
        yield caller.priority_minutes, ("callers", number, "priority_minutes")
    for place, rule in enumerate(plan.importance):
        yield rule.minutes, ("importance", place, "minutes")
