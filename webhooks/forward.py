"""A caller is forwarded to another number: told when it answers, and asked what next when it does not."""

from flask import Blueprint, Response, request

from ivr import twiml
from ivr.reply import Place
from ivr.step import NotReached, step
from queues import endings
from webhooks.guard import center, guarded, xml
from webhooks.line import sorry
from webhooks.menu import arrived, caller_of, flow_of, follow, version

door = guarded(Blueprint("forward", __name__, url_prefix="/voice"))


@door.post("/forward-answered")
def answered() -> Response:
    """The other number answered; the parent of its leg is the caller's, if the address does not say whose it is."""
    if request.form.get("CallStatus") == "in-progress":
        endings.forwarded(center(), request.args.get("c") or request.form.get("ParentCallSid", ""))
    return Response(status=204)


@door.post("/forwarded")
def over() -> Response:
    """The conversation with the other number is over, or nobody answered there and the menu goes on."""
    here = center()
    place, now_ms = Place.from_query(request.args), here.now_ms()
    call = here.live.call(request.form["CallSid"]) or arrived(here, request.form, now_ms, version())
    if place is None or call.status != "menu":
        return xml(sorry("unknown_call", request.args.get("l", "")))
    # The webhook that told of the answer may still be on its way.
    if call.forwarded_ms or request.form.get("DialBridged") == "true":
        endings.forwarded(here, call.call)
        endings.moved_on(here, call.call)
        return xml(twiml.hang_up())
    reply = step(flow_of(here, call), place, NotReached(), caller_of(here, request.form, call), now_ms)
    return xml(follow(here, call, reply, place.turns))
