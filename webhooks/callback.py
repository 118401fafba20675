"""A callback, heard from the caller's side: asked for in the menu, and answered when we phone.

The leg we dialled belongs to the call it was dialled for; its addresses say which. Whoever lifts hears at once who
calls and why, and nobody is put through who does not press 1: it may be an answering machine.
"""

from dataclasses import replace

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, call_windows, calling_back, lifecycle, lost_promises, partings, ringing_back
from queues.callback import Window
from queues.calling_back import NotPromised
from queues.lifecycle import Standing
from queues.records import NOTHING, Call, Change, Order
from queues.routing import wanted
from queues.standing import standing
from webhooks.guard import center, guarded, xml
from webhooks.line import conference, park, sorry
from webhooks.menu import back_in_menu

door = guarded(Blueprint("callback", __name__, url_prefix="/voice/callback"))


# -- asked for in the menu ------------------------------------------------------------------------------------------


@door.post("")
def wish() -> Response:
    """The menu leads here: when we would call, and does the caller want that?"""
    here, call = _menu_call()
    if call is None or call.status != "menu":
        return xml(sorry("unknown_call", request.args.get("l", "")))
    said = _window(here)
    if said is None or not call_windows.possible(here, call):
        return xml(_message_instead(here, "callback_not_possible"))
    return xml(_ask(here, said, 0))


@door.post("/wished")
def wished() -> Response:
    """1 is yes, 0 a person, * one step back; anything else is asked once more and then taken for no."""
    here, call = _menu_call()
    if call and (document := back_in_menu(here, call, request.form.get("Digits", ""))):
        return xml(document)
    said = _window(here)
    if call is None or said is None:
        return xml(sorry("unknown_call", _language()))
    if request.form.get("Digits") != "1":
        asked_before = request.args.get("a") == "1"
        return xml(sorry("closing_thanks", _language()) if asked_before else _ask(here, said, 1))
    later = said.from_ms > here.now_ms()
    try:
        promised = call if call.callback else calling_back.promise(here, call, said, _place(here, call), later)
    except NotPromised:
        return xml(_message_instead(here, "callback_not_now"))
    said = Window(said.from_ms, promised.until_ms)
    return xml(_promised(here, said, _language()))


def _message_instead(here: Center, sentence: str) -> str:
    """No call can be promised: why, and then a message is taken, where they are. Nobody is sent away."""
    if not here.plan.voicemail.offered:
        return sorry("call_again", _language(), before=sentence)
    query = {name: value for name, value in request.args.items() if name in "qlrm"}
    door = addresses.waiting(here.settings.base_url, "voicemail", query)
    texts = (wording.say(one, _language()) for one in (sentence, "message_instead"))
    return twiml.say_and_go_on([Prompt(text, _language()) for text in texts], door)


def _menu_call() -> tuple[Center, Call | None]:
    here = center()
    return here, here.live.call(request.form["CallSid"])


def _language() -> str:
    return request.args.get("l", "")


def _window(here: Center) -> Window | None:
    """Soon where the queue is open, else the first half hours after it opens."""
    queue = request.args.get("q", "")
    if queue not in here.plan.queues:
        return None
    call = Call(caller=request.form.get("From", ""), called=request.form.get("To", ""))
    if call_windows.is_open(here, queue, here.now_ms()):
        return call_windows.soon(here, call)
    return next(iter(call_windows.slots(here, queue, call.caller, most=1)), None)


def _place(here: Center, call: Call) -> Standing:
    query = request.args
    skills = dict(wanted(query["k"])) if query.get("k") else {f"lang:{_language()}": 1}
    minutes = float(query["p"]) if query.get("p", "").isdigit() else 0
    return standing(here, query["q"], _language(), skills, call.caller, minutes)


def _ask(here: Center, said: Window, asked: int) -> str:
    text = offer(here, said, request.form.get("From", ""), _language(), "callback_wish")
    query = {name: value for name, value in request.args.items() if name in "qlkprm"} | {"a": str(asked)}
    return twiml.ask_keys(text, _language(), addresses.callback_wish(here.settings.base_url, "/wished", query), 1)


def _promised(here: Center, said: Window, language: str) -> str:
    return twiml.say_and_hang_up(promised_text(here, said, language), language)


def offer(here: Center, said: Window, number: str, language: str, sentence: str) -> str:
    """The question whether to call back: when, and on which number."""
    last = wording.digits(number[-4:])
    return wording.say(sentence, language, digits=last, **call_windows.words(here, said, number, language))


def promised_text(here: Center, said: Window, language: str) -> str:
    """The promise as it is said."""
    number = request.form.get("From", "")
    return wording.say("callback_promised", language, **call_windows.words(here, said, number, language))


# -- the phone rings ------------------------------------------------------------------------------------------------


@door.post("/answered")
def answered() -> Response:
    """The caller lifted: who calls, and press 1."""
    here = center()
    call = _called_back(here)
    if call is None:
        return xml(sorry("unknown_call", ""))
    sentence = "callback_here" if call.name else "callback_here_unnamed"
    asking = wording.say(sentence, call.language, company=here.plan.name, caller=call.name)
    return xml(twiml.ask_keys(asking, call.language, addresses.callback(here.settings.base_url, "key", call), 1))


@door.post("/key")
def key() -> Response:
    """1 brings caller and agent together; anything else is an attempt at which nobody took the call."""
    here, sid = center(), request.args.get("c", "")
    call = _called_back(here)
    if call is None:
        return xml(sorry("unknown_call", ""))
    if request.form.get("Digits") != "1":
        ringing_back.attempt_failed(here, sid, "not_accepted", request.form["CallSid"])
        return xml(sorry("callback_later_then", call.language))
    if ringing_back.connect(here, sid, call.offer):
        return xml(conference(here, call, here.live.offer(call.offer)))
    waiting = ringing_back.take_alone(here, sid, request.form["CallSid"])
    if waiting is None or waiting.status not in ("waiting", "offered"):
        return xml(sorry("closing_thanks", call.language))
    return xml(park(here, waiting, "callback_a_moment"))


@door.post("/status")
def status() -> Response:
    """How the caller's phone gets on. Its end before anybody pressed 1 is an attempt that failed."""
    here, sid, state = center(), request.args.get("c", ""), request.form.get("CallStatus", "")
    now_ms = here.now_ms()
    call = _called_back(here)
    if call is not None and state in lifecycle.LEG_ENDS and call.leg == request.form["CallSid"]:
        calling_back.let_go(here, sid)
    change = here.live.settle(lambda: _progress(here, sid, state, now_ms), now_ms)
    if state in lifecycle.LEG_ENDS and change:
        ringing_back.forget_if_over(here, sid)
    return Response(status=204)


def _called_back(here: Center) -> Call | None:
    """The call of this leg; one that Redis lost while the phone rang is back in its place, and with it the leg."""
    sid = request.args.get("c", "")
    return here.live.call(sid) or lost_promises.restored(here, sid, request.form["CallSid"])


def _is_its_leg(call: Call) -> bool:
    """True when this is the leg on which the call's caller is rung; its webhooks may come before its name is known."""
    return call.leg == request.form["CallSid"] or (not call.leg and request.args.get("offer") == str(call.offer))


def _progress(here: Center, sid: str, state: str, now_ms: int) -> Change:
    """What Twilio says of the leg we dialled, in whatever order it arrives; another leg's news changes nothing."""
    call, offer, agent = here.live.parties(sid)
    leg = request.form["CallSid"]
    if call is None or not _is_its_leg(call):
        # One whose answer to us was lost must not ring beside the next; who has lifted it is heard out.
        rings_on = call is not None and state in lifecycle.LEG_ORDER and state != "in-progress"
        return Change(orders=(Order("end", leg=leg),)) if rings_on else NOTHING
    if not lifecycle.leg_moved(call, state):
        return NOTHING
    heard = replace(call, leg_status=state, leg=leg)
    change = NOTHING
    if state in lifecycle.LEG_ENDS:
        why = state.replace("-", "_")
        failed = heard.callback and not heard.joined
        change = ringing_back.failed(here, heard, agent, why, now_ms) if failed else NOTHING
        change = change or partings.caller_left(heard, offer, agent, now_ms)
    return lifecycle.with_leg(change, call, heard, lifecycle.leg_event(call, "caller", state, now_ms, leg))
