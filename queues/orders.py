"""What the moves asked of the phone network, carried out: ring, move, cancel, end, check.

An order is saved with the state that needs it and removed when it is done, so it survives the worker that took it.
Each looks at the state again first: an order whose moment has passed is done without doing anything.
"""

import contextlib

import structlog

from center import Center
from queues import addresses, consenting, dialling, endings, offers, ringing_back
from queues.answers import CarrierError, Gone, Refused, TooMany, Unavailable
from queues.records import Call, Change, Order
from queues.rings import rings_limit_ms

log = structlog.get_logger()

BACK_OFF_MS = 400
MOST_TRIES = 12
TIMEOUT_MARGIN_S = 15


def carry(center: Center, order: Order, tries: int, taken_ms: int) -> None:
    """Carry out one order. Whatever goes wrong is tried again, with a pause, and is given up by name."""
    try:
        if VERBS[order.do](center, order, tries, taken_ms):
            center.live.orders.done(order, taken_ms)
    except Unavailable as error:
        pause_ms = BACK_OFF_MS * 2 ** min(tries, 5)
        log.warning("carrier_unavailable", order=order.id, tries=tries, error=str(error), again_in_ms=pause_ms)
        # Whatever an earlier try may have done is not undone by a refusal: it must still be looked for.
        untried = isinstance(error, TooMany) and tries == 1
        center.live.orders.later(order, taken_ms, center.now_ms() + pause_ms, untried)
    except CarrierError as error:
        log.error("order_refused", order=order.id, error=str(error))
        center.live.orders.done(order, taken_ms)
    except Exception:
        log.exception("order_failed", order=order.id, tries=tries)
        if tries >= MOST_TRIES:
            center.live.orders.done(order, taken_ms)


def ring(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Dial the agent's line for an offer. A second try first looks whether the leg exists already."""
    live, now_ms = center.live, center.now_ms()
    offer, agent, slot_ms = live.ring_facts(order.offer, now_ms, slot=tries == 1 and not order.slot_ms)
    if offer is None or agent is None or offer.status != "placed" or offer.leg:
        return True
    plan = center.plan.agents.get(offer.agent)
    if plan is None:  # removed from the center file since the claim
        endings.end_offer(center, offer.offer, "withdrawn", "agent_left")
        return True
    limit_ms = rings_limit_ms(center.plan.agent_country(offer.agent), center.plan.limits.rings)
    if standing_leg := agent.standing_leg:
        one_ring_ms = limit_ms // center.plan.limits.rings
        live.settle(
            lambda: offers.ringing(live.offer(order.offer) or offer, standing_leg, limit_ms, one_ring_ms, now_ms, True),
            now_ms,
        )
        return True
    leg = _lost_leg(center, plan.line, offer.offer, offer.offered_ms) if tries > 1 else ""
    if not leg:
        slot_ms = order.slot_ms or slot_ms or live.orders.leg_slot(now_ms)
        if slot_ms > now_ms:
            _wait_for_slot(center, order, slot_ms, taken_ms)
            return False
        limits = {"timeout_s": limit_ms // 1000 + TIMEOUT_MARGIN_S, "time_limit_s": center.plan.limits.call_s}
        base = center.settings.base_url
        urls = addresses.agent_answered(base, offer.offer), addresses.agent_status(base, offer.offer)
        try:
            leg = center.carrier.ring(plan.line, center.settings.twilio_caller_id, *urls, limits)
        except Refused as error:
            log.error("line_refused", agent=offer.agent, offer=offer.offer, error=str(error))
            endings.end_offer(center, offer.offer, "missed", "line_refused")
            return True
    live.settle(lambda: offers.leg_placed(live.offer(order.offer) or offer, leg), center.now_ms())
    return True


def move(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Take the caller out of the line and into the conference with the agent who accepted."""
    call = center.live.call(order.call)
    if call is None or call.status != "talking" or call.offer != order.offer or call.joined:
        return True
    try:
        center.carrier.move(call.caller_leg, addresses.caller_join(center.settings.base_url, order.offer, call))
    except Gone:
        endings.caller_gone(center, call.call)
    return True


def cancel(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Stop the agent's phone. A leg that we do not know yet cancels itself at its first webhook."""
    offer = center.live.offer(order.offer) if order.offer else None
    if leg := order.leg or (offer.leg if offer else ""):
        center.carrier.cancel(leg)
    return True


def end(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Hang up a leg."""
    if order.leg:
        center.carrier.end(order.leg)
    return True


def withdraw(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Another agent was quicker, or the caller is gone: this phone need not ring any more."""
    endings.end_offer(center, order.offer, "withdrawn", "taken")
    return True


def thank(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """The agent is done on a standing line: take the caller out of the room, to the thank-you."""
    call = center.live.call(order.call)
    leg = call.caller_leg if call else order.call
    after = addresses.caller_after(center.settings.base_url, order.call if leg != order.call else "")
    with contextlib.suppress(Gone):
        center.carrier.move(leg, after)
    return True


def check_line(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """A standing leg has stood long: is it still there?"""
    if not center.carrier.leg(order.leg).alive:
        endings.line_gone(center, order.leg)
    return True


def check(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """A state has lasted long, or a webhook was lost: look at the carrier which legs are still there."""
    call = center.live.call(order.call)
    if call is None:
        return True
    if call.callback and not call.joined:
        return _check_callback(center, call)
    caller_there = center.carrier.leg(call.caller_leg).alive
    if call.status in ("ended", "wrap_up"):
        if caller_there:
            center.carrier.end(call.caller_leg)
    elif not caller_there:
        endings.caller_gone(center, call.call, by="carrier")
    elif call.status == "talking" and call.agent_leg and not center.carrier.leg(call.agent_leg).alive:
        endings.agent_gone(center, call.call)
    return True


def _check_callback(center: Center, call: Call) -> bool:
    """Nobody is on the line but, perhaps, an agent who waits for the caller's phone to be answered."""
    if call.status == "talking" and call.leg and not center.carrier.leg(call.leg).alive:
        ringing_back.attempt_failed(center, call.call, "no_answer")
    elif call.status == "talking" and call.agent_leg and not center.carrier.leg(call.agent_leg).alive:
        endings.agent_gone(center, call.call)
    return True


def _wait_for_slot(center: Center, order: Order, slot_ms: int, taken_ms: int) -> None:
    paced = Order(order.do, order.offer, slot_ms=slot_ms)
    center.live.orders.later(paced, taken_ms, slot_ms, untried=True)
    later = Change(dues=((f"offer:{order.offer}", slot_ms + offers.OFFER_LEASE_MS),))
    center.live.commit(later, center.now_ms())
    log.info("leg_paced", offer=order.offer, wait_ms=slot_ms - center.now_ms())


def _lost_leg(center: Center, line: str, offer: int, since_ms: int) -> str:
    """A leg to this line that no other offer knows: the answer to our first try was lost."""
    for leg in center.carrier.live_legs_to(line, since_ms):
        if center.live.offer_of_leg(leg.leg) in (0, offer):
            return leg.leg
    return ""


VERBS = {
    "ring": ring,
    "move": move,
    "dial": dialling.dial,
    "message": dialling.message,
    "record": consenting.record,
    "stop_recording": consenting.stop,
    "cancel": cancel,
    "end": end,
    "withdraw": withdraw,
    "thank": thank,
    "check": check,
    "check_line": check_line,
}
