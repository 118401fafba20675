"""A message for us: heard out, kept as a case before it is promised, and told until when somebody will call about it.

Reached from the menu, and by a key while waiting. Hanging up after the message is the usual way to leave one, so a
message counts from when it was recorded, not from when it was confirmed.
"""

from dataclasses import replace

from flask import Blueprint, Response, request

from cases.case import SHORTEST_S, spoken_s
from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, call_windows, calling_back, lifecycle, owed
from queues.plan import country_of
from queues.records import Call, Event
from webhooks.guard import center, guarded, xml
from webhooks.line import call_id, sorry
from webhooks.menu import back_in_menu

MOST_EMPTY, MOST_TAKES = 2, 3
# The network's transcription understands English only, and nothing longer.
TRANSCRIBED, LONGEST_TRANSCRIBED_S = "en", 120

door = guarded(Blueprint("voicemail", __name__, url_prefix="/voice/voicemail"))


@door.post("")
def greet() -> Response:
    """Ask for the message."""
    here = center()
    call = _call(here)
    if call.status == "ended":
        return xml(sorry("closing_thanks", _language()))
    return xml(_record(here, "voicemail_greeting", takes=1, empty=0))


@door.post("/recorded")
def recorded() -> Response:
    """The message is over: kept, or too short to be one."""
    here = center()
    call, seconds = _call(here), _spoken_s(here)
    gone = request.form.get("CallStatus") in lifecycle.LEG_ENDS
    sid, key = request.form.get("RecordingSid", ""), "" if gone else request.form.get("Digits", "")
    if not sid or seconds < SHORTEST_S:
        return xml(back_in_menu(here, call, key) or _nothing_heard(here, call, gone))
    case = owed.open_message(here, call, sid, _whole(request.form.get("RecordingDuration", "")))
    if gone:
        owed.end_call(here, call, "voicemail", "caller")
        return xml(twiml.empty())
    if document := back_in_menu(here, call, key):
        return xml(document)
    if case is None or _count("n") >= MOST_TAKES:
        return xml(_goodbye(here, call))
    action = addresses.waiting(here.settings.base_url, "voicemail/key", _query(n=_count("n")))
    return xml(twiml.ask_keys(wording.say("voicemail_send", _language()), _language(), action, 1))


@door.post("/key")
def key() -> Response:
    """2 records it again, 0 is a person, * one step back; whatever is pressed but 2, the message is kept."""
    here = center()
    call = _call(here)
    if document := back_in_menu(here, call, request.form.get("Digits", "")):
        return xml(document)
    if request.form.get("Digits") == "2" and call.status != "ended":
        return xml(_record(here, "voicemail_again", takes=_count("n") + 1, empty=1))
    return xml(_goodbye(here, call))


@door.post("/ready")
def ready() -> Response:
    """The file can be fetched, or there is none. It also tells of a message whose end we were not told of."""
    here, sid = center(), request.form.get("RecordingSid", "")
    seconds = _whole(request.form.get("RecordingDuration", ""))
    call = _call(here)
    message = not request.args.get("k")
    if message and seconds >= here.plan.voicemail.silence_s + SHORTEST_S and owed.message_of(here, call.call) is None:
        owed.open_message(here, call, sid, seconds)
    facts: dict[str, str | int] = {
        "recording": sid,
        "status": request.form.get("RecordingStatus", ""),
        "seconds": seconds,
    }
    _tell(here, call, facts)
    return Response(status=204)


@door.post("/words")
def words() -> Response:
    """What a machine understood of the message."""
    here = center()
    if request.form.get("TranscriptionStatus") == "completed":
        text = request.form.get("TranscriptionText", "")[:2000].replace("\x00", "")
        _tell(here, _call(here), {"recording": request.form.get("RecordingSid", ""), "words": text})
    return Response(status=204)


def _tell(here: Center, call: Call, facts: dict[str, str | int]) -> None:
    if facts["recording"]:
        owed.tell(here, call.call, Event("recorded", here.now_ms(), call.call, facts=facts))


# -- what is said ---------------------------------------------------------------------------------------------------


def _record(here: Center, sentence: str, takes: int, empty: int, before: str = "") -> str:
    base, language, plan = here.settings.base_url, _language(), here.plan.voicemail
    after = addresses.waiting(base, "voicemail/recorded", _query(n=takes, e=empty))
    transcribed = language == TRANSCRIBED and plan.most_s <= LONGEST_TRANSCRIBED_S
    tape = twiml.Tape(
        action=after,
        ready=addresses.waiting(base, "voicemail/ready", _query()),
        words=addresses.waiting(base, "voicemail/words", _query()) if transcribed else "",
        most_s=plan.most_s,
        silence_s=plan.silence_s,
        finish="#0*" if "m" in request.args else "#",
    )
    say = [Prompt(wording.say(id, language), language) for id in (before, sentence) if id]
    return twiml.record(say, tape)


def _nothing_heard(here: Center, call: Call, gone: bool) -> str:
    """Asked once more, then goodbye. An earlier message stands: it was only to be bettered."""
    if owed.message_of(here, call.call):
        if gone:
            owed.end_call(here, call, "voicemail", "caller")
            return twiml.empty()
        return _goodbye(here, call)
    if gone:
        return twiml.empty()  # the end of the leg says how the call ended
    if _count("e") + 1 < MOST_EMPTY:
        return _record(here, "voicemail_again", takes=_count("n"), empty=_count("e") + 1, before="voicemail_empty")
    owed.end_call(here, call, "abandoned" if call.enqueued_ms else "left_in_menu")
    return sorry("voicemail_none", _language())


def _goodbye(here: Center, call: Call) -> str:
    """The promise, if it is in SQL and there is a number to call."""
    owed.end_call(here, call, "voicemail")
    case = owed.message_of(here, call.call)
    if case is None or not case.number.startswith("+"):
        return sorry("voicemail_kept", _language())
    zone = call_windows.zone_of(here, case.number)
    when = wording.due(case.due_ms, here.now_ms(), zone, _language())
    when = when if calling_back.zone_is_known(case.number) else wording.in_zone(when, zone, _language())
    return twiml.say_and_hang_up(wording.say("voicemail_promised", _language(), when=when), _language())


# -- what came in ---------------------------------------------------------------------------------------------------


def _call(here: Center) -> Call:
    """The call; one that Redis forgot is what the network and the address say of it."""
    call = here.live.call(call_id())
    if call is None:
        number = request.form.get("From", "")
        call = Call(call=call_id(), caller=number, called=request.form.get("To", ""), country=country_of(number))
    return replace(call, queue=call.queue or request.args.get("q", ""), language=_language())


def _language() -> str:
    return request.args.get("l", "")


def _query(**counts: int) -> dict[str, str]:
    query = {name: value for name, value in request.args.items() if name in ("q", "l", "r", "c", "m")}
    return query | {name: str(count) for name, count in counts.items()}


def _spoken_s(here: Center) -> int:
    plan, seconds = here.plan.voicemail, _whole(request.form.get("RecordingDuration", ""))
    by_silence = not request.form.get("Digits") and seconds < plan.most_s
    return spoken_s(seconds, plan.silence_s, by_silence)


def _count(name: str) -> int:
    return min(_whole(request.args.get(name, "")), 9)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
