"""May the conversation be recorded? Asked, or told, on the way into line, where the country wants it.

The caller has the place in line before the question, so it costs no time; whoever is put through before having
answered is not recorded.
"""

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml, wording
from ivr.reply import Enqueue, Prompt, Reply
from queues import addresses, consenting
from queues.records import Call
from webhooks.guard import center, guarded, xml
from webhooks.line import call_id, carry_on, in_line, park
from webhooks.links import CallerLinks

door = guarded(Blueprint("consent", __name__, url_prefix="/voice/consent"))


@door.post("")
def answered() -> Response:
    """1 is yes; another key or silence is no, and the service is the same."""
    here = center()
    call = in_line(here, call_id())
    if call is None or call.status == "ended":
        return xml(twiml.apology(request.args.get("l", "")))
    digit = request.form.get("Digits", "")
    agreed = consenting.keep(here, call, "yes" if digit == "1" else "no", digit) and digit == "1"
    if call.status not in ("waiting", "offered"):
        return xml(carry_on(here, call))
    return xml(park(here, call, "consent_yes" if agreed else "consent_no"))


def into_line(here: Center, call: Call, reply: Reply) -> str:
    """The document that takes a caller into line, with the question or the notice before it where one is due."""
    links = CallerLinks(here.settings.base_url, call)
    mode = consenting.mode(here, call) if isinstance(reply.then, Enqueue) else "off"
    if mode == "off" or call.consent not in ("", "telling"):
        return twiml.reply(reply, links)
    text = wording.say(consenting.SENTENCES[mode], call.language)
    if mode == "opt_in":
        action = addresses.waiting(here.settings.base_url, "consent", addresses.memory(call))
        return twiml.ask_keys(text, call.language, action, 1, before=reply.say)
    consenting.tell(here, call.call)
    return twiml.reply(Reply((*reply.say, Prompt(text, call.language)), reply.then, reply.language), links)
