"""The agent's leg: their phone rings, they accept, they meet the caller in the conference of the call.

A plain phone must press 1, because a machine may have answered; a browser that answers has accepted. Every document
looks at the offer again first: a late answer to an old offer is told so kindly.
"""

from dataclasses import replace
from email.utils import parsedate_to_datetime

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, endings, lifecycle, offers, partings
from queues.agent_moves import agent_of_offer
from queues.records import NOTHING, Agent, Call, Change, Offer, Order
from queues.rings import ring_ms
from webhooks.guard import center, guarded, xml

door = guarded(Blueprint("agent_leg", __name__, url_prefix="/voice"))


@door.post("/agent/answered")
def answered() -> Response:
    """The document of an agent's leg that was answered: a browser has accepted, a plain phone is asked for 1."""
    here = center()
    offer, call, _ = agent_of_offer(here, _number())
    if offer is None or call is None:
        return xml(_too_late(here, offer))
    if here.plan.agent_on_browser(offer.agent):
        return xml(_accept(here, offer.offer))
    now_ms = here.now_ms()
    here.live.settle(lambda: _picked_up(here, offer.offer, now_ms), now_ms)
    return xml(_ask_for_one(here, offer.offer))


@door.post("/agent/key")
def key() -> Response:
    """The key that the agent pressed: 1 is yes."""
    here = center()
    if request.form.get("Digits") == "1":
        return xml(_accept(here, _number()))
    endings.end_offer(here, _number(), "declined", "pressed_another_key")
    return xml(_say(here, here.live.offer(_number()), "offer_declined"))


@door.post("/agent/status")
def status() -> Response:
    """How the agent's leg gets on: dialled, ringing, answered, ended."""
    here = center()
    now_ms = here.now_ms()
    here.live.settle(lambda: _progress(here, now_ms), now_ms)
    return Response(status=204)


@door.post("/agent/after")
def after() -> Response:
    """The conference is over for the agent."""
    return xml(twiml.hang_up())


@door.post("/conference")
def conference() -> Response:
    """The conference of a call. Both legs say themselves that they ended; if that is lost, the carrier is asked."""
    here = center()
    sid = request.args.get("call", "")
    if request.form.get("StatusCallbackEvent") == "conference-end":
        now_ms = here.now_ms()
        here.live.settle(lambda: _look_soon(here, sid, now_ms), now_ms)
    return Response(status=204)


def _number() -> int:
    text = request.args.get("offer", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


# -- ringing ----------------------------------------------------------------------------------------------------


def _progress(here: Center, now_ms: int) -> Change:
    """What Twilio says of the agent's leg, in whatever order it arrives; what is old news changes nothing."""
    offer, call, agent = agent_of_offer(here, _number())
    leg, state = request.form["CallSid"], request.form.get("CallStatus", "")
    if offer is None or call is None or agent is None:
        return NOTHING if state in lifecycle.LEG_ENDS else Change(orders=(Order("cancel", leg=leg),))
    if offer.leg not in ("", leg):
        return NOTHING if state in lifecycle.LEG_ENDS else Change(orders=(Order("cancel", leg=leg),))
    if not lifecycle.leg_moved(offer, state):
        return NOTHING
    heard = replace(offer, leg_status=state, leg=leg)
    event = replace(lifecycle.leg_event(call, "agent", state, now_ms, leg, _twilio_ms()), agent=offer.agent)
    change = _moved(here, heard, call, agent, state, now_ms)
    return lifecycle.with_leg(change, offer, heard, replace(event, offer=offer.offer))


def _moved(here: Center, offer: Offer, call: Call, agent: Agent, state: str, now_ms: int) -> Change:
    """The move that a leg's new status means for its offer or its call."""
    one_ring = ring_ms(here.plan.agent_country(offer.agent))
    limit_ms = here.plan.limits.rings * one_ring
    if state in lifecycle.LEG_ENDS:
        if offer.status == "accepted":
            return partings.agent_left(call, agent, now_ms) if call.offer == offer.offer else NOTHING
        outcome = "declined" if state == "busy" else "missed"
        limit, heir = here.plan.limits.missed_before_break, endings.heir(here, offer, call)
        return offers.end_offer(offer, call, agent, outcome, state, limit, now_ms, heir)
    if offer.status not in (*offers.LIVE_OFFERS, "accepted"):
        return Change(orders=(Order("cancel", offer=offer.offer, leg=offer.leg),))
    if state == "ringing":
        return offers.ringing(offer, offer.leg, limit_ms, one_ring, now_ms)
    if state == "initiated":
        return offers.dialled(offer, offer.leg, limit_ms, now_ms)
    on_browser = here.plan.agent_on_browser(offer.agent)
    return NOTHING if on_browser else offers.picked_up(offer, offer.leg, now_ms)


def _twilio_ms() -> int:
    try:
        return int(parsedate_to_datetime(request.form["Timestamp"]).timestamp() * 1000)
    except (KeyError, ValueError, TypeError):
        return 0


# -- accepting --------------------------------------------------------------------------------------------------


def _picked_up(here: Center, number: int, now_ms: int) -> Change:
    offer = here.live.offer(number)
    return offers.picked_up(offer, request.form["CallSid"], now_ms) if offer else NOTHING


def _ask_for_one(here: Center, number: int) -> str:
    offer, call, _ = agent_of_offer(here, number)
    if offer is None or call is None or offer.status not in offers.LIVE_OFFERS:
        return _too_late(here, offer)
    language = here.plan.agent_language(offer.agent)
    text = wording.say(
        "agent_callback" if call.callback else "agent_offer",
        language,
        caller=wording.caller(call.name, call.caller, language),
        queue=here.plan.queues[call.queue].title if call.queue in here.plan.queues else call.queue,
        waited=wording.waited(here.now_ms() - call.enqueued_ms, language),
    )
    return twiml.agent_prompt(text, language, addresses.agent_key(here.settings.base_url, number))


def _accept(here: Center, number: int) -> str:
    """The agent's yes. Asked twice by the network, it is one yes; the second answer is the same."""
    leg, now_ms = request.form["CallSid"], here.now_ms()

    def decide() -> Change:
        offer, call, agent = agent_of_offer(here, number)
        if offer is None or call is None or agent is None or offer.leg not in ("", leg):
            return NOTHING
        return offers.accept(offer, call, agent, leg, now_ms)

    here.live.settle(decide, now_ms)
    offer, call, _ = agent_of_offer(here, number)
    if offer is None or call is None or offer.status != "accepted" or offer.leg != leg or call.offer != number:
        return _too_late(here, offer)
    base = here.settings.base_url
    language = here.plan.agent_language(offer.agent)
    who = wording.caller(call.name, call.caller, language)
    dialling = Prompt(wording.say("agent_dialling", language, caller=who), language) if call.callback else None
    return twiml.conference(
        addresses.conference_name(call.call),
        "agent",
        addresses.agent_after(base, number),
        addresses.conference_status(base, call.call),
        end_on_exit=True,
        say=dialling,
    )


def _too_late(here: Center, offer: Offer | None) -> str:
    call = here.live.call(offer.call) if offer else None
    gone = call is None or call.status in ("ended", "wrap_up")
    return _say(here, offer, "caller_gone" if gone else "already_taken")


def _say(here: Center, offer: Offer | None, sentence: str) -> str:
    language = here.plan.agent_language(offer.agent) if offer else "en"
    return twiml.say_and_hang_up(wording.say(sentence, language), language)


def _look_soon(here: Center, sid: str, now_ms: int) -> Change:
    call = here.live.call(sid)
    if call is None or call.status != "talking":
        return NOTHING
    return Change(dues=((f"check:{sid}", now_ms + lifecycle.LOST_WEBHOOK_MS),))
