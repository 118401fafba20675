"""A caller is forwarded to another number: told when it answers, and asked what next when it does not."""

from flask import Blueprint, Response, request

from ivr import twiml
from ivr.reply import Place
from ivr.step import NotReached, step
from queues import partings
from queues.records import NOTHING
from webhooks.guard import center, guarded, xml
from webhooks.line import sorry
from webhooks.menu import arrived, caller_of, flow_of, follow, version

door = guarded(Blueprint("forward", __name__, url_prefix="/voice"))


@door.post("/forward-answered")
def answered() -> Response:
    """The other number answered; the parent of its leg is the caller's."""
    here = center()
    sid, now_ms = request.form.get("ParentCallSid", ""), here.now_ms()
    if request.form.get("CallStatus") == "in-progress":
        here.live.settle(lambda: partings.forwarded(call, now_ms) if (call := here.live.call(sid)) else NOTHING, now_ms)
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
        here.live.settle(lambda: partings.finish(here.live.call(call.call) or call, "moved_on", now_ms), now_ms)
        return xml(twiml.hang_up())
    reply = step(flow_of(here, call), place, NotReached(), caller_of(here, request.form, call), now_ms)
    return xml(follow(here, call, reply, place.turns))
