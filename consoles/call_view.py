"""One call as pages and API show it: from the record, or from the live state while the record is away. Pure.

The two have the same shape; what only the record knows (the choices in the menu, older offers) is then missing.
"""

from typing import Any

from consoles import clocks, phrases
from queues.plan import Plan
from queues.records import Call, Offer
from queues.rings import rings_counted
from queues.targets import verdict_now

Json = dict[str, Any]
MARKS = (("received", "received_ms"), ("enqueued", "enqueued_ms"), ("answered", "answered_ms"), ("ended", "ended_ms"))
OFFER_ENDS = ("accepted", "declined", "missed", "withdrawn")


def from_live(plan: Plan, call: Call, offer: Offer | None, now_ms: int) -> Json:
    """A call that the record does not have (yet), from what is true now."""
    row = call.to_hash()
    texts = ("queue", "language", "agent", "caller", "called", "country", "needs", "outcome")
    times = ("received_ms", "enqueued_ms", "answered_ms", "ended_ms")
    return {
        "call": call.call,
        "status": call.status,
        **{name: row[name] or None for name in texts},
        **{name: int(row[name]) or None for name in times},
        "caller_name": call.name or None,
        "began_ms": call.received_ms or None,
        "marks": [{"name": name, "at_ms": getattr(call, at)} for name, at in MARKS if getattr(call, at)],
        "legs": _legs(call),
        "offers": [_offer(offer)] if offer else [],
        "targets": [_target(row, now_ms) for row in _clocks(plan, call, offer)],
    }


def _legs(call: Call) -> list[Json]:
    legs = [{"leg": call.call, "role": "caller", "status": "completed" if call.ended_ms else "in-progress"}]
    if call.agent_leg:
        talking = call.status == "talking"
        legs.append({"leg": call.agent_leg, "role": "agent", "status": "in-progress" if talking else "completed"})
    return legs


def _offer(offer: Offer) -> Json:
    return {
        "offer": offer.offer,
        "agent": offer.agent,
        "outcome": offer.status if offer.status in OFFER_ENDS else None,
        "offered_at_ms": offer.offered_ms or None,
        "ringing_at_ms": offer.ringing_ms or None,
        "ended_at_ms": offer.ended_ms or None,
        "reason": {},
    }


def _clocks(plan: Plan, call: Call, offer: Offer | None) -> list[Json]:
    rows = [clocks.time_to_person(plan, call)] if call.queue and call.received_ms else []
    if call.enqueued_ms:
        rows.append(clocks.reach_person(plan, call))
    if offer and offer.ringing_ms:
        rows.append(clocks.agent_answers(plan, offer) | {"offer": offer.offer})
    # A caller who left before the limit has no verdict, as in the record.
    gone = bool(call.ended_ms and not call.answered_ms)
    return [row for row in rows if row["to_ms"] or not gone]


def _target(clock: Json, now_ms: int) -> Json:
    actual_ms = (clock["to_ms"] or now_ms) - clock["from_ms"]
    kept = "kept" if actual_ms <= clock["limit_ms"] else "broken"
    ring = clock["ring_ms"]
    return {
        "target": clock["target"],
        "offer": clock.get("offer"),
        "limit_ms": clock["limit_ms"],
        "actual_ms": actual_ms,
        "rings": rings_counted(actual_ms, ring) if ring else None,
        "ring_ms": ring or None,
        "verdict": kept if clock["to_ms"] else verdict_now(clock["limit_ms"], actual_ms),
        "estimated": False,
        "rule_version": "live",
        "from_ms": clock["from_ms"],
        "to_ms": clock["to_ms"],
    }


def told(plan: Plan, call: Json) -> str:
    """What happened and whether it was kept, in one or two sentences."""
    name = phrases.caller_name(call.get("caller_name") or "", call.get("caller") or "")
    title = plan.queues[call["queue"]].title if call.get("queue") in plan.queues else ""
    asked = f"{name} asked for {title} in {phrases.language(call.get('language') or '')}".removesuffix(" in ")
    first = asked if title else f"{name} did not ask for anyone"
    end = _end(plan, call)
    promise = next((row for row in call["targets"] if row["target"] == "reach_person"), None)
    verdict = f" A person within three rings: {phrases.verdict(promise)}." if promise else ""
    return f"{first}. {end}{verdict}"


def _end(plan: Plan, call: Json) -> str:
    agent = plan.agents[call["agent"]].name if call.get("agent") in plan.agents else call.get("agent") or "An agent"
    began_ms = call.get("enqueued_ms") or call.get("received_ms")
    if call.get("answered_ms") and began_ms:
        talked = f" and talked {phrases.span(call['ended_ms'] - call['answered_ms'])}" if call.get("ended_ms") else ""
        return f"{agent} answered after {phrases.span(call['answered_ms'] - began_ms)}{talked}."
    if call.get("outcome") == "abandoned" and began_ms:
        return f"They left after waiting {phrases.span(call['ended_ms'] - began_ms)}."
    words = phrases.OUTCOMES.get(call.get("outcome") or "", phrases.CALL_STATUSES.get(call["status"], call["status"]))
    return f"{words}."
