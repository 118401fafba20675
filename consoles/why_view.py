"""Answers to "why?" for the API and the pages: a call's decisions as they were stored, and what is true now."""

from typing import Any

from center import Center
from consoles import lookups
from queues import routing, why
from queues.records import Call
from queues.why import Weighed


def of_call(center: Center, sid: str) -> dict[str, Any] | None:
    """Each decision about a call with who was weighed, and why it waits now; None when nobody knows the call."""
    found = lookups.call(center, sid)
    if found is None:
        return None
    live = center.live.call(found["call"])
    return {
        "call": found["call"],
        "now": _now(center, live) if live and live.status == "waiting" else None,
        "decisions": [_decision(center, offer) for offer in found["offers"]],
    }


def of_agent(center: Center, agent: str) -> dict[str, Any]:
    """Why an agent is not getting calls just now."""
    live = center.live
    waiting = [call for call in live.calls() if call.status == "waiting"]
    reasons = why.agent_reasons(live.agent(agent), waiting, live.agents(), center.plan, center.now_ms())
    return {"agent": agent, "reasons": reasons}


def _now(center: Center, call: Call) -> str:
    line = routing.lines_at(call, center.plan, center.now_ms())[0]
    return why.waits(why.weigh(line, center.live.agents(), center.plan), center.plan)


def _decision(center: Center, offer: dict[str, Any]) -> dict[str, Any]:
    weighed = [Weighed(**row) for row in offer.get("weighed", [])]
    reason = offer["reason"]
    return {
        "offer": offer["offer"],
        "agent": offer["agent"],
        "at_ms": offer["offered_at_ms"],
        "outcome": offer["outcome"],
        "rule": reason.get("rule"),
        "sentence": why.decided(weighed, reason.get("rule") or "", center.plan) if weighed else None,
        "weighed": [row._asdict() | {"sentence": why.sentence(row, center.plan)} for row in weighed],
    }
