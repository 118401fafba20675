"""Why a call went to whom it went, and why an agent gets no calls: reasons in codes and in plain words. Pure.

At each decision every agent is weighed against the line of the call; that is stored with the decision, so that the
answer later is what was true then, not what is true now.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from queues import routing
from queues.plan import Plan
from queues.records import Agent, Call
from queues.routing import Line

BUSY = {"offered": "is being rung", "talking": "is talking", "wrap_up": "is wrapping up a call"}
RULES = {
    "least_flexible": "the one who can do the fewest other things, then the longest available",
    "longest_idle": "the longest available",
    "best_level": "the best at what is needed, then the longest available",
}


class Weighed(NamedTuple):
    """One agent against one line. `verdict`: taken, could (came after), or the first thing that stood in the way."""

    agent: str
    verdict: str
    detail: str = ""


def weigh(line: Line, agents: Sequence[Agent], plan: Plan, taken: str = "") -> list[Weighed]:
    """Every agent against a line as it is now; the one taken first, then those who could, in their order."""
    looked_at = [(agent, _obstacle(agent, line, plan)) for agent in agents if agent.agent != taken]
    able = [agent for agent, found in looked_at if found.verdict == "could"]
    able.sort(key=lambda agent: (routing.agent_lists(agent, plan, [str(line)])[str(line)], agent.agent))
    could = [Weighed(agent.agent, "could", str(place)) for place, agent in enumerate(able, start=1)]
    others = [found for _, found in looked_at if found.verdict != "could"]
    return [*([Weighed(taken, "taken")] if taken else []), *could, *others]


def _obstacle(agent: Agent, line: Line, plan: Plan) -> Weighed:
    held = plan.agents[agent.agent]
    if held.queues and line.queue not in held.queues:
        return Weighed(agent.agent, "other_queues", line.queue)
    for skill, level in routing.wanted(line.needs):
        if held.skills.get(skill, 0) < level:
            return Weighed(agent.agent, "lacks", f"{skill}={level}")
    if line.without and line.without in held.skills:
        return Weighed(agent.agent, "reserved", line.without)
    if line.only and line.only != agent.agent:
        return Weighed(agent.agent, "another_preferred", line.only)
    if agent.status != "available":
        return Weighed(agent.agent, agent.status, agent.reason)
    if agent.activity != "idle":
        return Weighed(agent.agent, agent.activity)
    return Weighed(agent.agent, "could")


def sentence(weighed: Weighed, plan: Plan) -> str:
    """One agent's reason in plain words."""
    name = plan.agents[weighed.agent].name if weighed.agent in plan.agents else weighed.agent
    return f"{name} {_said(weighed, plan)}."


def _said(weighed: Weighed, plan: Plan) -> str:
    skill, _, level = weighed.detail.partition("=")
    words: Mapping[str, str] = {
        "taken": "was the best placed",
        "could": f"could take it, and comes after {weighed.detail} other{'s' if weighed.detail != '1' else ''}",
        "lacks": f"does not have {skill} at level {level}",
        "other_queues": f"does not serve {_title(weighed.detail, plan)}",
        "reserved": f"is kept back for callers who need {weighed.detail}",
        "another_preferred": f"waits, because the caller is used to {_name(weighed.detail, plan)}",
        "break": f"is on a break ({weighed.detail})" if weighed.detail else "is on a break",
        "offline": "is signed out",
        "no_device": "has no phone connected",
    } | BUSY
    return words.get(weighed.verdict, weighed.verdict)


def decided(weighed: Sequence[Weighed], rule: str, plan: Plan) -> str:
    """A decision in one sentence: whom, by which rule, and what would have changed it."""
    taken = next((row for row in weighed if row.verdict == "taken"), None)
    if taken is None:
        return waits(weighed, plan)
    following = next((row.agent for row in weighed if row.verdict == "could"), "")
    otherwise = f"else it would have been {_name(following, plan)}" if following else "nobody else could have taken it"
    return f"{_name(taken.agent, plan)}, by the rule: {RULES.get(rule, rule)}; {otherwise}."


def waits(weighed: Sequence[Weighed], plan: Plan) -> str:
    """Why nobody has been found yet, and what would change it: whoever has the skills and is not free."""
    could = [row for row in weighed if row.verdict == "could"]
    if could:
        return f"{_name(could[0].agent, plan)} is free and is being found."
    skilled = [row for row in weighed if row.verdict in ("break", "offline", "no_device", *BUSY)]
    if not skilled:
        return (
            "Nobody has the skills for this call; it waits until what it asks for is relaxed, or somebody learns them."
        )
    reasons = ", ".join(f"{_name(row.agent, plan)} {_said(row, plan)}" for row in skilled)
    return f"Nobody who can take it is free: {reasons}. The first of them to be free and available takes it."


def agent_reasons(agent: Agent, waiting: Sequence[Call], agents: Sequence[Agent], plan: Plan, now_ms: int) -> list[str]:
    """Why this agent is not getting calls, the most telling first: their state, the callers, who comes before them."""
    name = plan.agents[agent.agent].name
    if agent.status != "available":
        return [
            f"{name} {_said(Weighed(agent.agent, agent.status, agent.reason), plan)}. Being available brings calls."
        ]
    if agent.activity in BUSY:
        return [f"{name} {BUSY[agent.activity]}. The next call comes when that is done."]
    if agent.activity == "no_device":
        return [f"{name} has no phone connected: open the desk in a browser, or stand by on a line."]
    if not waiting:
        ahead = _ahead(agent, agents, plan)
        before = f" {', '.join(ahead)} would be rung before {name}." if ahead else ""
        return [f"Nobody is waiting.{before}"]
    return [_about(agent, call, plan, now_ms) for call in waiting]


def _about(agent: Agent, call: Call, plan: Plan, now_ms: int) -> str:
    """Why this waiting call is not this agent's."""
    weighed = [_obstacle(agent, line, plan) for line in routing.lines_at(call, plan, now_ms)]
    row = next((row for row in weighed if row.verdict == "could"), weighed[0])
    return f"A caller for {_title(call.queue, plan)} waits: {sentence(row, plan)}"


def _ahead(agent: Agent, agents: Sequence[Agent], plan: Plan) -> list[str]:
    """Free agents who would be taken before this one by some queue both serve."""
    ahead: list[str] = []
    for queue in plan.queues:
        line = Line(queue, plan.needs(queue, {}))
        mine = routing.agent_lists(agent, plan, [str(line)]).get(str(line))
        scores = {other.agent: routing.agent_lists(other, plan, [str(line)]).get(str(line)) for other in agents}
        ahead += [who for who, score in scores.items() if mine is not None and score is not None and score < mine]
    return [_name(who, plan) for who in dict.fromkeys(ahead)]


def _name(agent: str, plan: Plan) -> str:
    return plan.agents[agent].name if agent in plan.agents else agent


def _title(queue: str, plan: Plan) -> str:
    return plan.queues[queue].title if queue in plan.queues else queue
