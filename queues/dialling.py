"""Phoning somebody who is not an agent, carried out: a caller who is called back, and text messages.

The attempt is written to SQL before the phone rings, under the promise's id and its number: a second try, by whatever
worker, finds that and looks for the leg of the first one.
"""

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from queues import addresses, callback_attempt, ringing_back
from queues.answers import Refused, Unavailable
from queues.lifecycle import LEG_ENDS
from queues.lost_promises import STILL_RINGING_MS
from queues.records import Call, Change, Order

log = structlog.get_logger()

MESSAGE_LOOK_BACK_MS = 300_000


def dial(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Ring the caller who is to be called back; their agent is waiting. True when nothing is left to do."""
    live, now_ms = center.live, center.now_ms()
    call = live.call(order.call)
    if call is None or call.status != "talking" or call.offer != order.offer or call.joined:
        return True
    if call.leg:  # it rings since an agent who was lost, or has ended while this one was rung
        if call.leg_status in LEG_ENDS:
            ringing_back.attempt_failed(center, call.call, "no_answer")
        return True
    slot_ms = order.slot_ms or live.orders.leg_slot(now_ms)
    if slot_ms > now_ms:
        live.orders.later(
            Order("dial", order.offer, order.call, slot_ms=slot_ms), taken_ms, slot_ms, untried=tries == 1
        )
        return False
    if call.attempts >= center.plan.callbacks.attempts:  # how the last one ended was lost with Redis
        ringing_back.attempt_failed(center, call.call, "no_answer")
        return True
    if not ringing_back.may_ring(center, call, now_ms):
        ringing_back.attempt_failed(center, call.call, ringing_back.NOT_NOW)
        return True
    try:
        attempt, leg = _begin(center, call, now_ms)
    except SQLAlchemyError as error:
        log.warning("callback_waits_for_record", call=call.call, error=type(error).__name__)
        ringing_back.attempt_failed(center, call.call, "record_away")
        return True
    try:
        leg = leg or _ring(center, call)
    except Refused as error:
        log.error("callback_refused", call=call.call, error=str(error))
        ringing_back.attempt_failed(center, call.call, "refused")
        return True
    live.settle(
        lambda: callback_attempt.dialled(live.call(call.call) or call, leg, attempt, center.now_ms()), center.now_ms()
    )
    now = live.call(call.call)
    if now is not None and leg and now.leg != leg:  # the agent or the promise had gone by the time it rang
        live.commit(Change(orders=(Order("cancel", leg=leg),)), center.now_ms())
    return True


def message(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Send a text message. A second try first looks whether the first one went out."""
    since_ms = taken_ms - MESSAGE_LOOK_BACK_MS
    try:
        if tries == 1 or not center.carrier.was_sent(order.to, order.text, since_ms):
            center.carrier.message(order.to, center.settings.twilio_caller_id, order.text)
    except Refused as error:  # a number that takes no texts
        log.warning("message_refused", call=order.call, error=str(error))
    return True


def _begin(center: Center, call: Call, now_ms: int) -> tuple[int, str]:
    """The number of this attempt, and its leg if a try that nobody finished has made one already."""
    book = center.history.callbacks
    last = book.last_attempt(call.callback)
    if last and last.offer == call.offer:
        return last.attempt, center.carrier.leg_since(call.caller, last.at_ms)
    if last and now_ms - last.at_ms < STILL_RINGING_MS:
        # Whoever dialled for the agent before this one may have died before naming the leg, and it rings still.
        leg = center.carrier.leg_since(call.caller, last.at_ms)
        if leg and center.carrier.leg(leg).alive:
            return last.attempt, leg
    attempt = last.attempt + 1 if last else 1
    if not book.begin_attempt(call.callback, attempt, call.offer, now_ms):
        raise Unavailable("another worker began this attempt")
    return attempt, ""


def _ring(center: Center, call: Call) -> str:
    base = center.settings.base_url
    urls = addresses.callback(base, "answered", call), addresses.callback(base, "status", call)
    limits = {"timeout_s": callback_attempt.RING_S, "time_limit_s": center.plan.limits.call_s}
    return center.carrier.ring(call.caller, center.settings.twilio_caller_id, *urls, limits)
