"""What a caller was promised, as clocks: kept, broken, running or at risk. Pure.

The recorder judges a call's clocks whenever one of its events arrives; whoever reads a running one judges it again
for their moment. A verdict, once stored, stands: `rule_version` says under which limits it was given.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from cases.case import DUE_MS
from queues.plan import Plan, country_of
from queues.rings import ring_ms, rings_counted
from queues.story import CallStory, OfferStory, Story

Verdict = Literal["running", "at_risk", "kept", "broken"]
TARGETS = (
    *("picked_up", "agent_answers", "reach_person", "time_to_person", "handle_time"),
    *("callback_kept", "request_handled"),
)

# Changed by hand when a rule below changes its meaning, so that old verdicts are known to be of the old rule.
REVISION = 1
RED_AT = 2


@dataclass(frozen=True)
class Clock:
    """One promise: from a mark, to a mark (0 while it runs), against a limit. Times in ms.

    `verdict` is None while the clock runs. `rings` counts from 1 and is 0 where a promise is not counted in rings.
    `level` is `amber` or `red` for a broken handle time.
    """

    target: str
    limit_ms: int
    from_ms: int
    rule_version: str
    offer: int = 0
    to_ms: int = 0
    actual_ms: int = 0
    rings: int = 0
    ring_ms: int = 0
    verdict: Verdict | None = None
    level: str = ""
    estimated: bool = False


@dataclass(frozen=True)
class Rules:
    """The limits in force, taken out of the center file once per batch."""

    rings: int
    country: str
    time_to_person_ms: Mapping[str, int]
    handle_time_ms: Mapping[str, int]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, plan: Plan) -> "Rules":
        """The rules of this center file, each with a version that changes with its limits and nothing else."""
        waits = {name: queue.time_to_person_s * 1000 for name, queue in plan.queues.items()}
        handling = {name: reason.handle_time_s * 1000 for name, reason in plan.reasons.items()}
        limits = {
            "picked_up": plan.country,
            "agent_answers": plan.limits.rings,
            "reach_person": [plan.limits.rings, plan.country],
            "time_to_person": waits,
            "handle_time": handling,
            "callback_kept": None,
            "request_handled": DUE_MS,
        }
        versions = {target: _version(target, limits[target]) for target in TARGETS}
        return cls(plan.limits.rings, plan.country, waits, handling, versions)


def _version(target: str, limits: object) -> str:
    text = json.dumps([target, REVISION, limits], sort_keys=True)
    return f"{REVISION}-{sha256(text.encode()).hexdigest()[:8]}"


def evaluate(story: Story, rules: Rules) -> list[Clock]:
    """Every clock of a call that runs or has a verdict. One that the caller left in time has neither, and no row."""
    call = story.call
    return [
        *_picked_up(call, rules),
        *(clock for offer in story.offers for clock in _agent_answers(offer, call, rules)),
        *_reach_person(call, rules),
        *_time_to_person(call, rules),
        *_handle_time(call, rules),
        *_callback_kept(call, rules),
        *_request_handled(call, rules),
    ]


def verdict_now(limit_ms: int, actual_ms: int) -> Verdict:
    """The verdict on a running clock: at risk from two thirds of the limit, broken once past it."""
    if actual_ms > limit_ms:
        return "broken"
    return "at_risk" if 3 * actual_ms >= 2 * limit_ms else "running"


def at_moment(clock: Clock, now_ms: int) -> Clock:
    """The clock as it stands at `now_ms`; one with a verdict is returned as it is."""
    if clock.verdict is not None:
        return clock
    actual_ms = max(0, now_ms - clock.from_ms)
    return replace(_counted(clock, actual_ms), verdict=verdict_now(clock.limit_ms, actual_ms))


def _picked_up(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """First webhook → our first TwiML, within one ring: only our part of what the caller hears as ringing."""
    if call.received_ms:
        one_ring_ms = _caller_ring_ms(call, rules)
        clock = _clock("picked_up", rules, call.received_ms, one_ring_ms, one_ring_ms)
        yield from _judged(clock, reached_ms=call.greeted_ms, left_ms=call.ended_ms)


def _agent_answers(offer: OfferStory, call: CallStory, rules: Rules) -> Iterator[Clock]:
    """The agent's phone rings → it is answered. The limit is the one that cut the ring, told by the event itself."""
    if not (offer.ringing_ms and offer.limit_ms):
        return
    clock = _clock("agent_answers", rules, offer.ringing_ms, offer.limit_ms, offer.ring_ms)
    clock = replace(clock, offer=offer.offer, estimated=offer.estimated)
    ended_ms = offer.ended_ms or call.ended_ms
    if offer.outcome == "missed":
        yield replace(_ended(clock, ended_ms), verdict="broken")
    elif offer.outcome == "accepted":
        reached_ms = min(filter(None, (offer.connected_ms, offer.answered_ms)), default=ended_ms)
        # A ringing event that arrives after the answer is late news: count from the offer, the worse case for us.
        if reached_ms < offer.ringing_ms and offer.offered_ms:
            clock = replace(clock, from_ms=offer.offered_ms, estimated=True)
        yield from _judged(clock, reached_ms=reached_ms)
    else:
        yield from _judged(clock, left_ms=ended_ms)


def _reach_person(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """Into the line → an agent has answered, within three rings of the caller's country."""
    if call.enqueued_ms:
        one_ring_ms = _caller_ring_ms(call, rules)
        clock = _clock("reach_person", rules, call.enqueued_ms, rules.rings * one_ring_ms, one_ring_ms)
        yield from _judged(clock, *_reached_or_left(call))


def _time_to_person(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """First webhook → an agent has answered, menu included, within the queue's own limit."""
    limit_ms = rules.time_to_person_ms.get(call.queue)
    if call.received_ms and limit_ms:
        clock = _clock("time_to_person", rules, call.received_ms, limit_ms)
        yield from _judged(clock, *_reached_or_left(call))


def _reached_or_left(call: CallStory) -> tuple[int, int]:
    """When a person answered, and when the caller stopped waiting on the line; a callback is another promise."""
    if call.promised_ms:
        return 0, call.promised_ms
    return call.answered_ms, call.left_line_ms or call.ended_ms


def _callback_kept(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """Callback promised → together with an agent, before the end of the window that was said."""
    if not call.promised_ms:
        return
    clock = _clock("callback_kept", rules, call.promised_ms, call.promised_to_ms - call.promised_ms)
    if call.outcome == "failed" and not call.joined_ms:
        yield replace(_ended(clock, call.ended_ms), verdict="broken")
    else:
        yield from _judged(clock, reached_ms=call.joined_ms, left_ms=call.ended_ms)


def _request_handled(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """A case opened → resolved, within a day of elapsed time."""
    if call.case_opened_ms:
        clock = _clock("request_handled", rules, call.case_opened_ms, DUE_MS)
        yield from _judged(clock, reached_ms=call.case_resolved_ms)


def _handle_time(call: CallStory, rules: Rules) -> Iterator[Clock]:
    """Answered → wrapped up, against the contact reason's handle time; known only once the agent names a reason."""
    limit_ms = rules.handle_time_ms.get(call.reason)
    if call.answered_ms and call.wrapped_ms and limit_ms:
        for clock in _judged(_clock("handle_time", rules, call.answered_ms, limit_ms), reached_ms=call.wrapped_ms):
            red = clock.actual_ms > RED_AT * limit_ms
            yield replace(clock, level="" if clock.verdict == "kept" else "red" if red else "amber")


def _clock(target: str, rules: Rules, from_ms: int, limit_ms: int, one_ring_ms: int = 0) -> Clock:
    return Clock(target, limit_ms, from_ms, rules.versions[target], ring_ms=one_ring_ms)


def _judged(clock: Clock, reached_ms: int = 0, left_ms: int = 0) -> Iterator[Clock]:
    """The clock with its verdict; nothing when whoever was promised left before the limit."""
    ended = _ended(clock, reached_ms or left_ms)
    if not ended.to_ms:
        yield clock
    elif ended.actual_ms > clock.limit_ms:
        yield replace(ended, verdict="broken")
    elif reached_ms:
        yield replace(ended, verdict="kept")


def _ended(clock: Clock, to_ms: int) -> Clock:
    return replace(_counted(clock, max(0, to_ms - clock.from_ms)), to_ms=to_ms) if to_ms else clock


def _counted(clock: Clock, actual_ms: int) -> Clock:
    return replace(clock, actual_ms=actual_ms, rings=rings_counted(actual_ms, clock.ring_ms) if clock.ring_ms else 0)


def _caller_ring_ms(call: CallStory, rules: Rules) -> int:
    """A ring where the caller is; where that is unknown, where they called; where that is unknown too, the center's."""
    return call.ring_ms or ring_ms(call.country or country_of(call.called) or rules.country)
