"""The caller's place in line: what is heard there, and how a leg that fell out of it comes back.

Twilio's queue is only where the leg is parked. The wait URL remembers the place, so that a caller whom Redis forgot is
back in it within one round of the wait document.
"""

from dataclasses import replace

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from ivr import twiml, wording
from ivr.reply import Enqueue, Prompt, Reply, Survey, Voicemail
from queues import addresses, coming_back, consenting, endings, lifecycle, lost_promises
from queues.announcement import Announcement, Sentence, announce
from queues.estimate import estimate
from queues.plan import country_of
from queues.records import NOTHING, Call, Change, Offer
from queues.standing import ordered, standing
from queues.survey import wanted
from webhooks import music, waiting_keys, ways_out
from webhooks.guard import center, guarded, xml
from webhooks.links import CallerLinks, remembered

MOST_RETURNS = 3
JUST_ENQUEUED_S = 5
TAKEN_OUT = frozenset({"redirected", "redirected-from-bridged", "bridged", "bridging-in-process"})

door = guarded(Blueprint("line", __name__, url_prefix="/voice"), open_to_all={"line.music_file"})


@door.post("/wait")
def wait() -> Response:
    """What is heard in line; Twilio asks again when it has run out, which also says that the caller is there."""
    here = center()
    call = in_line(here, call_id())
    if call is None or call.status == "ended":
        return xml(twiml.apology(request.args.get("l", "")))
    if call.callback:  # the wish to hang up for them was lost with Redis, or is still on its way
        return xml(waiting_keys.goodbye(here, call))
    if call.consent == "telling":  # the notice was heard out, or the caller would not be here
        consenting.keep(here, call, "told")
    queue_time = request.form.get("QueueTime", "")
    if led := ways_out.document(here, call, queue_time):
        return xml(led)
    first = _number(queue_time) < JUST_ENQUEUED_S
    told = _told(here, call)
    greeting = () if told.sorry else (Sentence("in_line" if first else "still_waiting"),)
    texts = (wording.say(one.id, call.language, **one.values) for one in (*greeting, *told.sentences))
    messages = [Prompt(text, call.language) for text in texts]
    return xml(waiting_keys.document(here, call, [*messages, *waiting_keys.choices(here, call, at_once=told.bad)]))


@door.post("/key")
def key() -> Response:
    """A key pressed in line: the choices that are there while waiting."""
    here = center()
    call = in_line(here, call_id())
    if call is None or call.status == "ended":
        return xml(twiml.apology(request.args.get("l", "")))
    return xml(waiting_keys.pressed(here, call, request.args.get("m", ""), request.form.get("Digits", "")))


@door.post("/left")
def left() -> Response:
    """Out of Twilio's queue: hung up, taken to an agent, or dropped by a fault, which puts the caller back."""
    here = center()
    sid, why = call_id(), request.form.get("QueueResult", "")
    if why == "hangup" or request.form.get("CallStatus") in lifecycle.LEG_ENDS:
        before = here.live.call(sid)
        change = endings.caller_gone(here, sid)
        if before is not None:
            coming_back.note_left(here, before, change)
        return xml(twiml.empty())
    call = here.live.call(sid) if why == "leave" else None
    if call is not None and call.status == "menu":  # to leave a message
        links = CallerLinks(here.settings.base_url, call)
        return xml(twiml.redirect(links.voicemail(Voicemail(call.queue, call.language))))
    if call is not None and (onward := ways_out.onward(here, call)):
        return xml(onward)
    if why in TAKEN_OUT:
        return xml(twiml.empty())
    call = in_line(here, sid)
    returns = _number(request.args.get("again", ""))
    if call is None or returns >= MOST_RETURNS:
        endings.caller_gone(here, sid, by="carrier", outcome="failed")
        return xml(sorry("queue_full" if why == "queue-full" else "apology", call.language if call else ""))
    return xml(park(here, call, "still_waiting", returns + 1))


@door.post("/elsewhere")
def elsewhere() -> Response:
    """The line led to another number: talked to, or nobody answered there and the place is still the caller's."""
    here = center()
    call = in_line(here, call_id())
    if call is None or call.status == "ended":
        return xml(sorry("closing_thanks", call.language if call else request.args.get("l", "")))
    # The webhook that told of the answer may still be on its way.
    if request.form.get("DialBridged") == "true":
        endings.forwarded(here, call.call)
    call = here.live.call(call.call) or call
    if call.forwarded_ms:
        endings.moved_on(here, call.call)
        return xml(twiml.hang_up())
    return xml(carry_on(here, call))


@door.post("/join")
def join() -> Response:
    """The caller's leg was moved: into the conference, if the agent who accepted is still there."""
    here = center()
    call, offer, _ = here.live.parties(call_id())
    if call is None:
        again = in_line(here, call_id())
        return xml(carry_on(here, again, "agent_lost") if again else sorry("unknown_call", ""))
    if offer is None or str(offer.offer) != request.args.get("offer") or call.status != "talking":
        return xml(carry_on(here, call, "agent_lost"))
    now_ms = here.now_ms()
    here.live.settle(lambda: _joined(here, call.call, now_ms), now_ms)
    here.live.memories.keep_agent(call.caller, call.agent)
    return xml(conference(here, call, offer))


@door.post("/after")
def after() -> Response:
    """The conversation is over and the caller still there: thank you, and for some, how was it?"""
    here = center()
    call = here.live.call(call_id())
    if request.form.get("CallStatus") in lifecycle.LEG_ENDS:
        return xml(twiml.empty())
    if call and wanted(here.plan.survey, call):
        return xml(twiml.redirect(CallerLinks(here.settings.base_url, call).survey(Survey(call.language))))
    return xml(sorry("closing_thanks", call.language if call else ""))


@door.get("/music.wav")
def music_file() -> Response:
    """What plays between messages; no secret, and Twilio fetches it without a signature to check."""
    return Response(music.wait_music(), mimetype="audio/wav", headers={"Cache-Control": "public, max-age=86400"})


# -- used by the menu's door too --------------------------------------------------------------------------------


def call_id() -> str:
    """Which call this leg belongs to: its own, unless the address says that it was dialled for another."""
    return request.args.get("c") or request.form["CallSid"]


def carry_on(here: Center, call: Call, sentence: str = "still_waiting") -> str:
    """A leg asked for a document that is not its turn: put it back where its call is."""
    if call.status in ("menu", "waiting", "offered") and call.queue:
        return park(here, call, sentence)
    if call.status == "talking":
        return conference(here, call, here.live.offer(call.offer))
    return sorry("closing_thanks" if call.status == "wrap_up" else "unknown_call", call.language)


def park(here: Center, call: Call, sentence: str, again: int = 0) -> str:
    """Say something and park the leg in the line it already stands in."""
    say = (Prompt(wording.say(sentence, call.language), call.language),)
    reply = Reply(say, Enqueue(call.queue, call.language), call.language)
    return twiml.reply(reply, CallerLinks(here.settings.base_url, call, again))


def sorry(sentence: str, language: str, before: str = "") -> str:
    """One of our own sentences, with another one `before` it, then hang up."""
    said = (wording.say(one, language) for one in (before, sentence) if one)
    return twiml.say_and_hang_up(" ".join(said), language)


def in_line(here: Center, sid: str) -> Call | None:
    """The waiting call; one that Redis forgot is back in the same place, from what the URL remembers."""
    call = here.live.call(sid) or promised(here, sid)
    if call is not None:
        return call
    ends = [request.form.get(name, "") for name in ("From", "To")]
    if request.form.get("Direction", "").startswith("outbound"):  # we dialled them
        ends.reverse()
    found = remembered(request.args, sid, *ends)
    if found is None:
        return None
    known = here.plan.callers.get(found.caller)
    asked = {f"lang:{found.language}": 1} if found.language else {}
    place = standing(here, found.queue, found.language, asked, found.caller, 0)
    again = replace(
        found,
        name=known.name if known else "",
        country=country_of(found.caller),
        queue=place.queue,
        needs=place.needs,
        wrap_up_ms=place.wrap_up_ms,
        overflow=place.overflow,
        leg=request.form["CallSid"] if sid != request.form["CallSid"] else "",
    )
    now_ms = here.now_ms()
    here.live.settle(lambda: NOTHING if here.live.call(sid) else lifecycle.restore(again, now_ms), now_ms)
    return here.live.call(sid)


def promised(here: Center, sid: str) -> Call | None:
    """A caller whom Redis forgot and whom we promised to call: what comes late of their line undoes no promise."""
    try:
        return lost_promises.restored(here, sid, "")
    except SQLAlchemyError:
        return None


def _told(here: Center, call: Call) -> Announcement:
    """What the caller is told of the wait, kept before it is said. Nothing, when the call has moved on meanwhile."""
    now_ms = here.now_ms()
    nothing = Announcement((), lifecycle.still_waiting(call, now_ms))
    told = nothing
    if call.status == "waiting" and call.queue in here.plan.queues:
        seen = here.live.outlook.of(call, now_ms)
        told = announce(call, seen, estimate(seen, now_ms), ordered(here, call.queue), now_ms)
    if here.live.commit(told.change, now_ms):
        return told
    here.live.commit(nothing.change, now_ms)
    return nothing


def _joined(here: Center, sid: str, now_ms: int) -> Change:
    call, offer, _ = here.live.parties(sid)
    return lifecycle.join(call, offer, now_ms) if call and offer else NOTHING


def conference(here: Center, call: Call, offer: Offer | None) -> str:
    """To the agent: into the conference of the call, or into the room where the agent's standing line stands."""
    base = here.settings.base_url
    after = addresses.caller_after(base, call.call if call.leg else "")
    if offer and offer.standing:
        room, status = addresses.room_name(offer.agent), addresses.room_status(base, offer.agent)
        return twiml.conference(room, "caller", after, status, end_on_exit=False)
    name, status = addresses.conference_name(call.call), addresses.conference_status(base, call.call)
    return twiml.conference(name, "caller", after, status, end_on_exit=True)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
