"""The caller's leg: our number rings, the menu is walked, the caller stands in line; and how the leg ended.

Each view loads, lets pure code decide, saves, and answers TwiML; none waits for anything but Redis.
"""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml
from ivr.reply import Enqueue, HangUp, Place, Reply
from ivr.step import Caller, Heard, Keys, Nothing, Speech, start, step
from queues import endings, lifecycle, partings
from queues.plan import country_of
from queues.records import NOTHING, Call, Change
from queues.rings import ring_ms
from queues.standing import standing
from webhooks import room
from webhooks.guard import center, guarded, xml
from webhooks.line import carry_on, sorry
from webhooks.links import CallerLinks

MOST_RETURNS = 3

door = guarded(Blueprint("voice", __name__, url_prefix="/voice"))


@door.post("/incoming")
@door.post("/client", endpoint="client")
def incoming() -> Response:
    """A call comes in. The same leg asking again is put back where its call is."""
    here = center()
    if agent := room.caller_is_agent(here, request.form):
        return xml(room.welcome(here, agent))
    received_ms = here.now_ms()
    call = here.live.call(request.form["CallSid"])
    if call is not None and call.status != "menu":
        return xml(carry_on(here, call))
    caller = _caller(here, request.form)
    reply = start(here.flow, caller, received_ms)
    return xml(_follow(here, call or _arrived(here, request.form, caller, received_ms), reply, 0))


@door.post("/menu")
def menu() -> Response:
    """A key, a word or silence at a place of the menu; the place travels in the URL."""
    here = center()
    place = Place.from_query(request.args)
    call = here.live.call(request.form["CallSid"])
    if place is None or (call is not None and call.status == "ended"):
        return xml(sorry("unknown_call", request.args.get("l", "")))
    caller = _caller(here, request.form)
    call = call or _arrived(here, request.form, caller, here.now_ms())
    if call.status not in ("menu", "waiting"):
        return xml(carry_on(here, call))
    reply = step(here.flow, place, _heard(request.values), caller, here.now_ms())
    return xml(_follow(here, call, reply, place.turns))


@door.post("/status")
def status() -> Response:
    """The end of the caller's leg, whatever was going on."""
    here = center()
    now_ms = here.now_ms()
    sid, state = request.form["CallSid"], request.form.get("CallStatus", "")
    if state in lifecycle.LEG_ENDS:
        here.live.settle(lambda: _leg_ended(here, sid, state, now_ms), now_ms)
        endings.line_gone(here, sid)
    return Response(status=204)


@door.post("/fallback")
def fallback() -> Response:
    """Twilio could not use an answer of ours. Needs neither Redis nor SQL: back to the start, a few times."""
    tries = request.form.get("ErrorUrl", "").rpartition("again=")[2][:1] or "0"
    if not tries.isdigit() or int(tries) >= MOST_RETURNS:
        return xml(twiml.apology(""))
    again = f"{center().settings.base_url}/voice/incoming?again={int(tries) + 1}"
    return xml(twiml.pause_and_redirect(again, seconds=1))


# -- the caller -------------------------------------------------------------------------------------------------


def _caller(here: Center, form: Mapping[str, str]) -> Caller:
    number = form.get("From", "")
    known = here.plan.callers.get(number)
    language = here.live.language_of(number)
    if language is None:
        language = (known.language if known else "") or here.history.remembered_language(number)
        here.live.remember_language(number, language)
    return Caller(
        known=known is not None,
        language=language or None,
        name=known.name if known else None,
        called=form.get("To", ""),
        country=country_of(number) or None,
    )


def _arrived(here: Center, form: Mapping[str, str], caller: Caller, received_ms: int) -> Call:
    """The call, known from now on. Somebody else may have been quicker: the webhook may come twice."""
    sid = form["CallSid"]
    country = caller.country or ""
    ring = ring_ms(country or country_of(caller.called) or here.plan.country)
    fresh = Call(call=sid, caller=form.get("From", ""), called=caller.called, name=caller.name or "", country=country)
    now_ms = here.now_ms()
    here.live.settle(
        lambda: NOTHING if here.live.call(sid) else lifecycle.arrive(fresh, ring, received_ms, now_ms), now_ms
    )
    return here.live.call(sid) or fresh


def _heard(values: Mapping[str, str]) -> Heard:
    if values.get("Digits"):
        return Keys(values["Digits"])
    if values.get("SpeechResult"):
        return Speech(values["SpeechResult"], _confidence(values.get("Confidence", "")))
    return Nothing()


def _confidence(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# -- the menu's answer ------------------------------------------------------------------------------------------


def _follow(here: Center, call: Call, reply: Reply, turn: int) -> str:
    """Save what the caller chose, then do what the menu says: listen on, stand in line, or hang up."""
    now_ms, live = here.now_ms(), here.live
    choices = tuple((choice.node, choice.choice) for choice in reply.choices)
    chosen = reply.language if reply.remember_language else ""
    live.settle(lambda: lifecycle.choose(live.call(call.call) or call, turn, choices, chosen, now_ms), now_ms)
    if chosen:
        live.remember_language(call.caller, chosen)
    match reply.then:
        case Enqueue() as enqueue:
            place = standing(here, enqueue.queue, enqueue.language, enqueue.skills, call.caller, enqueue.priority)
            live.settle(lambda: lifecycle.enqueue(live.call(call.call) or call, place, now_ms), now_ms)
        case HangUp() as over:
            live.settle(lambda: partings.finish(live.call(call.call) or call, over.outcome, now_ms), now_ms)
    return twiml.reply(reply, CallerLinks(here.settings.base_url, live.call(call.call) or call))


def _leg_ended(here: Center, sid: str, state: str, now_ms: int) -> Change:
    """The end of the caller's leg, with what the carrier said of it as an event of its own."""
    call, offer, agent = here.live.parties(sid)
    if call is None or not lifecycle.leg_moved(call, state):
        return NOTHING
    heard = replace(call, leg_status=state)
    event = lifecycle.leg_event(call, "caller", state, now_ms)
    change = partings.caller_left(heard, offer, agent, now_ms)
    return lifecycle.with_leg(change, call, heard, event)
