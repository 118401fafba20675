"""`/c/…`: the caller's own page, from a text message: the place in line, the promise, and what can be changed of it.

In the caller's language, without a sign-in: the signed link is the right to see this one call, for a day.
"""

from typing import Any

from flask import Blueprint, redirect, render_template, request

from center import Center
from consoles import room
from ivr import wording
from queues import call_windows, caller_links, calling_back
from queues.callback import Window
from queues.calling_back import NotPromised
from queues.records import Call, Change, Event

blueprint = Blueprint("caller", __name__, url_prefix="/c")
LONGEST_NOTE = 500


@blueprint.get("/<token>")
def page(token: str) -> Any:
    """How it stands now."""
    center = room.center()
    sid = caller_links.call_of(center.settings, token)
    call = center.live.call(sid) if sid else None
    return _shown(center, call, token), 200 if call else 404


@blueprint.post("/<token>/<deed>")
def change(token: str, deed: str) -> Any:
    """Be called back instead of waiting, move the call, cancel it, or say what it is about."""
    center = room.center()
    sid = caller_links.call_of(center.settings, token)
    call = center.live.call(sid) if sid else None
    if call is None or call.status == "ended":
        return _shown(center, None, token), 404
    trouble = _done(center, call, deed)
    if trouble:
        return _shown(center, center.live.call(sid), token, trouble), 409
    return redirect(f"/c/{token}", 303)


def _done(center: Center, call: Call, deed: str) -> str:
    """What could not be done, as a sentence's name; empty when it was."""
    match deed:
        case "callback":
            try:
                calling_back.promise(center, call, call_windows.soon(center, call))
            except NotPromised:
                return "callback_not_now"
            center.live.commit(calling_back.hang_up(call), center.now_ms())
        case "move":
            chosen = request.form.get("from_ms", "")
            slots = call_windows.slots(center, call.queue, call.caller, most=8)
            slot = next((slot for slot in slots if str(slot.from_ms) == chosen), None)
            if slot is None or not calling_back.move(center, call.call, slot, "caller"):
                return "page_too_late"
        case "cancel":
            if not calling_back.end(center, call.call, "cancelled", "caller"):
                return "page_too_late"
        case "note":
            text = " ".join(request.form.get("note", "").split())[:LONGEST_NOTE]
            note = Event("caller_note", center.now_ms(), call.call, facts={"note": text})
            center.live.commit(Change(events=(note,)), center.now_ms())
        case _:
            return "page_too_late"
    return ""


def _shown(center: Center, call: Call | None, token: str, trouble: str = "") -> str:
    language = call.language if call else request.accept_languages.best_match(center.plan.languages, "en")
    words = {name: wording.say(name, language or "en") for name in wording.SENTENCES if name.startswith("page_")}
    about = _state(center, call, language or "en")
    said = wording.say(trouble, language or "en") if trouble else ""
    return render_template("caller.html", token=token, words=words, language=language, trouble=said, **about)


def _state(center: Center, call: Call | None, language: str) -> dict[str, Any]:
    if call is None or call.status not in ("waiting", "offered", "talking"):
        return {"told": wording.say("page_over", language), "state": "over", "slots": []}
    if call.status == "talking":
        return {"told": wording.say("page_with_agent", language), "state": "talking", "slots": []}
    if not call.callback:
        possible = call_windows.possible(center, call)
        told = wording.say("page_in_line", language, ahead=calling_back.ahead(center, call))
        return {"told": told, "state": "waiting", "possible": possible, "slots": []}
    said = Window(call.not_before_ms or center.now_ms(), call.until_ms)
    told = wording.say("page_promised", language, **call_windows.words(center, said, call.caller, language))
    times = [
        (slot.from_ms, call_windows.words(center, slot, call.caller, language)["when"])
        for slot in call_windows.slots(center, call.queue, call.caller, most=8)
    ]
    return {"told": told, "state": "promised", "slots": times}
