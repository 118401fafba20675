"""The caller's leg: our number rings, the menu is walked, the caller stands in line; and how the leg ended.

Each view loads, lets pure code decide, saves, and answers TwiML; none waits for anything but Redis.
"""

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml
from ivr.step import Heard, Keys, Nothing, Place, Speech, start, step
from queues import coming_back, endings, lifecycle, partings
from queues.records import NOTHING, Change
from webhooks import at_once, room
from webhooks.guard import center, guarded, xml
from webhooks.line import carry_on, promised, sorry
from webhooks.menu import arrived, caller_of, flow_of, follow, version

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
    call = call or arrived(here, request.form, received_ms)
    reply = start(flow_of(here, call), caller_of(here, request.form, call), received_ms)
    return xml(follow(here, call, reply, 0))


@door.post("/menu")
def menu() -> Response:
    """A key, a word or silence at a place of the menu; the place travels in the URL."""
    here = center()
    place, heard = Place.from_query(request.args), _heard(request.values)
    if place and (document := at_once.answer(here, request.form, place, heard)):
        return xml(document)
    call = here.live.call(request.form["CallSid"])
    if place is None or (call is not None and call.status == "ended"):
        return xml(sorry("unknown_call", request.args.get("l", "")))
    call = call or promised(here, request.form["CallSid"]) or arrived(here, request.form, here.now_ms(), version())
    if call.status not in ("menu", "waiting"):
        return xml(carry_on(here, call))
    caller = caller_of(here, request.form, call, place)
    reply = step(flow_of(here, call), place, heard, caller, here.now_ms())
    return xml(follow(here, call, reply, place.turns))


@door.post("/status")
def status() -> Response:
    """The end of the caller's leg, whatever was going on."""
    here = center()
    now_ms = here.now_ms()
    sid, state = request.form["CallSid"], request.form.get("CallStatus", "")
    if state in lifecycle.LEG_ENDS:
        before = here.live.call(sid)
        change = here.live.settle(lambda: _leg_ended(here, sid, state, now_ms), now_ms)
        if before is not None:
            coming_back.note_left(here, before, change)
        endings.line_gone(here, sid)
    return Response(status=204)


@door.post("/fallback")
def fallback() -> Response:
    """Twilio could not use an answer of ours. Needs neither Redis nor SQL: back to the start, a few times."""
    tries = request.form.get("ErrorUrl", "").partition("/voice/incoming?again=")[2] or "0"
    if tries not in map(str, range(MOST_RETURNS)):
        return xml(twiml.apology(""))
    again = f"{center().settings.base_url}/voice/incoming?again={int(tries) + 1}"
    return xml(twiml.pause_and_redirect(again, seconds=1))


# -- what came in -----------------------------------------------------------------------------------------------


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


def _leg_ended(here: Center, sid: str, state: str, now_ms: int) -> Change:
    """The end of the caller's leg, with what the carrier said of it as an event of its own."""
    call, offer, agent = here.live.parties(sid)
    if call is None or call.leg or not lifecycle.leg_moved(call, state):
        return NOTHING
    heard = replace(call, leg_status=state)
    event = lifecycle.leg_event(call, "caller", state, now_ms)
    change = partings.caller_left(heard, offer, agent, now_ms)
    return lifecycle.with_leg(change, call, heard, event)
