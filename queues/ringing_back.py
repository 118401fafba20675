"""An attempt to phone somebody back, for the doors, the orders and the ticker: lifted, joined, missed, given up."""

from center import Center
from queues import call_windows, callback_attempt, calling_back, owed, quiet_hours
from queues.callback import HALF_HOUR_MS, Window
from queues.records import NOTHING, Agent, Call, Change

# What was not the caller's doing is no attempt of theirs.
OURS = frozenset({"agent_left", "record_away", "carrier_away"})

# The phone may not be rung at this moment.
NOT_NOW = "not_now"


def connect(center: Center, sid: str, offer: int) -> bool:
    """The caller pressed 1 on the leg we dialled: kept, and in SQL at once, so that no loss has them dialled again.

    False when their agent has gone meanwhile.
    """
    now_ms = center.now_ms()

    def decide() -> Change:
        call, rung, _ = center.live.parties(sid)
        return callback_attempt.connected(call, rung, now_ms) if call and rung and rung.offer == offer else NOTHING

    center.live.settle(decide, now_ms)
    call = center.live.call(sid)
    if call is None or not call.joined:
        return False
    calling_back.closed(center, call, "kept", now_ms)
    return True


def take_alone(center: Center, sid: str, leg: str) -> Call | None:
    """The caller pressed 1 and their agent has gone: they are on the line now, first in it."""
    now_ms = center.now_ms()
    before = center.live.call(sid)

    def decide() -> Change:
        call = center.live.call(sid)
        return callback_attempt.picked_up_alone(call, leg, now_ms) if call else NOTHING

    if before is not None and center.live.settle(decide, now_ms):
        calling_back.closed(center, before, "kept", now_ms)
    return center.live.call(sid)


def may_ring(center: Center, call: Call, now_ms: int) -> bool:
    """False when it was moved to a later time meanwhile, or the window is over and it is night where they are."""
    in_window = now_ms <= call.until_ms or call_windows.decent(center, call.caller, now_ms)
    return call.not_before_ms <= now_ms and in_window


def attempt_failed(center: Center, sid: str, why: str, leg: str = "") -> None:
    """Nobody there, busy, or no 1 pressed: the agent is free, and it is tried again later or given up.

    With `leg`, as that leg has it: late news of an earlier attempt changes nothing.
    """
    now_ms = center.now_ms()

    def decide() -> Change:
        call, _, agent = center.live.parties(sid)
        if call is None or (leg and call.leg != leg and (call.leg or call.status != "talking")):
            return NOTHING
        return failed(center, call, agent, why, now_ms)

    if center.live.settle(decide, now_ms):
        forget_if_over(center, sid)


def failed(center: Center, call: Call, agent: Agent | None, why: str, now_ms: int) -> Change:
    """The change that an attempt leads to at which nobody took the call."""
    again_ms = _again_ms(center, call, why, now_ms)
    change = callback_attempt.missed(call, agent, why, now_ms, again_ms)
    if again_ms:
        after = change.record(Call)
        moved = isinstance(after, Call) and after.until_ms != call.until_ms and why == NOT_NOW
        said = Window(again_ms, again_ms + HALF_HOUR_MS)
        return calling_back.message(change, call, "callback_later", center, said) if moved else change
    return owed.with_case(calling_back.message(change, call, "callback_given_up", center), call, now_ms)


def forget_if_over(center: Center, sid: str) -> None:
    """A promise that has ended is not looked for when its caller rings again."""
    call = center.live.call(sid)
    if call is not None and call.status in ("ended", "wrap_up"):
        center.live.memories.drop_callback(call.caller, call.call)


def _again_ms(center: Center, call: Call, why: str, now_ms: int) -> int:
    """When to try again; 0 when it was tried often enough, at once when it was not the caller's doing."""
    hours, zone = center.plan.callbacks.hours, center.plan.zone
    if why == NOT_NOW:
        return max(call.not_before_ms, quiet_hours.next_decent_ms(call.caller, hours, now_ms, zone))
    if why in OURS:
        return now_ms
    if call.attempts >= center.plan.callbacks.attempts or why == "refused":
        return 0
    at_ms = callback_attempt.next_attempt_ms(call.attempts, now_ms)
    return quiet_hours.next_decent_ms(call.caller, hours, at_ms, zone)
