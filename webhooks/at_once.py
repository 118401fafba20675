"""A key press answered with one way to Redis: its call is not loaded but expected, and saved only if it is so.

The address of a key press is ours and comes back signed. It says where in the menu the caller is and how many steps
they have taken, so of an ordinary call all is known that the next step depends on. Where Redis has it otherwise,
because the webhook came twice, late, or after something else happened, nothing is saved here, and the door goes the
ordinary way: load, decide, save.
"""

from collections.abc import Mapping

from flask import request

from center import Center
from ivr.flow import Flow
from ivr.nodes import CollectNode
from ivr.reply import Listen, Place, Reply
from ivr.step import Heard, step
from queues import lifecycle
from queues.plan import country_of
from queues.records import Call
from webhooks.consent import into_line
from webhooks.menu import asked_at, caller_of, flow_of, version


def answer(here: Center, form: Mapping[str, str], place: Place, heard: Heard) -> str | None:
    """The next question, with the step to it saved; None when more than that is to be done, or the call is not so."""
    call = _expected(form, place)
    flow = flow_of(here, call)
    if not flow.speaks(place.language) or _has_given(flow, place):
        return None
    now_ms = here.now_ms()
    reply = step(flow, place, heard, caller_of(here, form, call, place), now_ms)
    if not _only_asks(reply):
        return None
    change = lifecycle.choose(call, place.turns, reply.choices, "", now_ms, node=asked_at(reply))
    return into_line(here, call, reply) if here.live.commit(change, now_ms) else None


def _expected(form: Mapping[str, str], place: Place) -> Call:
    """A call in the menu, one step before this one. All that a reply looks at is named, and so is checked."""
    number = form.get("From", "")
    return Call.expected(
        call=form["CallSid"],
        status="menu",
        steps=place.turns - 1,
        caller=number,
        country=country_of(number),
        flow=version(),
        recent=int(request.args.get("r") == "1"),
        owed_callback_ms=0,
        owed_case_ms=0,
        given="",
    )


def _has_given(flow: Flow, place: Place) -> bool:
    """What was keyed in on the way is kept with the call, and in no address."""
    return any(isinstance(flow.nodes.get(name), CollectNode) for name in place.trail)


def _only_asks(reply: Reply) -> bool:
    return isinstance(reply.then, Listen) and not (reply.given or reply.messages or reply.remember_language)
