"""A caller waits for the answer of the company's own service: two seconds, then the menu goes on without."""

from flask import Blueprint, Response, request

from ivr import twiml
from ivr.reply import Place
from ivr.step import Found, step
from queues import look_ups
from webhooks.guard import center, guarded, xml
from webhooks.line import carry_on, sorry
from webhooks.links import CallerLinks
from webhooks.menu import arrived, caller_of, flow_of, follow, question_of, version

door = guarded(Blueprint("look_up", __name__, url_prefix="/voice"))


@door.post("/looked-up")
def looked_up() -> Response:
    """What was found, or a second more to wait for it."""
    here = center()
    place, now_ms = Place.from_query(request.args), here.now_ms()
    call = here.live.call(request.form["CallSid"]) or arrived(here, request.form, now_ms, version())
    if place is None or call.status == "ended":
        return xml(sorry("unknown_call", request.args.get("l", "")))
    if call.status != "menu":
        return xml(carry_on(here, call))
    asked = here.live.look_ups.question(question_of(call, place))
    if asked and asked.answer is None and not look_ups.waited_out(asked.asked_ms, now_ms):
        return xml(twiml.pause_and_redirect(CallerLinks(here.settings.base_url, call).looked_up(place), seconds=1))
    found = Found(asked.answer if asked else None)
    reply = step(flow_of(here, call), place, found, caller_of(here, request.form, call), now_ms)
    return xml(follow(here, call, reply, place.turns))
