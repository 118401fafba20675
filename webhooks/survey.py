"""How was it? Asked when the agent has hung up and the caller is still there, or where the menu leads here.

Every question can be left with 9 or *, which is kept for the number. Silence twice is an answer too: goodbye.
"""

from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from cases.case import SHORTEST_S, spoken_s
from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, lifecycle, owed, survey
from queues.records import NOTHING, Event
from webhooks.guard import center, guarded, xml
from webhooks.line import call_id, sorry

MOST_ASKED = 2
SILENCE_S, COMMENT_S = 4, 60

door = guarded(Blueprint("survey", __name__, url_prefix="/voice/survey"))


@door.post("")
def begin() -> Response:
    """The first question, unless this number does not want any."""
    here, sid = center(), call_id()
    if _refused(here):
        return xml(_over(here, "closing_thanks"))
    now_ms = here.now_ms()
    here.live.settle(lambda: survey.begin(call, now_ms) if (call := here.live.call(sid)) else NOTHING, now_ms)
    return xml(_ask(here, "satisfied"))


@door.post("/key")
def key() -> Response:
    """An answer by key, or none."""
    here, question, digit = center(), request.args.get("s", ""), request.form.get("Digits", "")
    if digit in survey.STOP_KEYS:
        return xml(_stop(here))
    answer, again = survey.KEYS.get(question, {}).get(digit), _count() + 1
    if answer is None and (question not in survey.KEYS or again >= MOST_ASKED):
        return xml(_over(here, "closing_thanks"))
    if answer is None:
        return xml(_ask(here, question, again))
    owed.tell(here, call_id(), survey.answered(call_id(), question, answer, here.now_ms()))
    return xml(_next(here, question))


@door.post("/comment")
def comment() -> Response:
    """What was said after the tone."""
    here, sid = center(), request.form.get("RecordingSid", "")
    pressed = request.form.get("Digits", "")
    if pressed in survey.STOP_KEYS:
        return xml(_stop(here))
    seconds = _whole(request.form.get("RecordingDuration", ""))
    spoke = sid and spoken_s(seconds, SILENCE_S, not pressed and seconds < COMMENT_S) >= SHORTEST_S
    if spoke:
        made: dict[str, str | int] = {"recording": sid, "kind": "comment", "seconds": seconds}
        owed.tell(here, call_id(), Event("recorded", here.now_ms(), call_id(), facts=made))
        owed.tell(here, call_id(), survey.answered(call_id(), "comment", sid, here.now_ms()))
    if request.form.get("CallStatus") in lifecycle.LEG_ENDS:
        return xml(twiml.empty())
    return xml(_over(here, "survey_thanks"))


def _next(here: Center, question: str) -> str:
    asked = survey.questions(here.plan.survey)
    at = asked.index(question) + 1 if question in asked else len(asked)
    return _ask(here, asked[at]) if at < len(asked) else _over(here, "survey_thanks")


def _ask(here: Center, question: str, again: int = 0) -> str:
    base, language = here.settings.base_url, _language()
    text = wording.say(f"survey_{question}{'_again' if again else ''}", language)
    if question == "comment":
        ready = addresses.waiting(base, "voicemail/ready", _query() | {"k": "comment"})
        words = addresses.waiting(base, "voicemail/words", _query()) if language == "en" else ""
        action = addresses.waiting(base, "survey/comment", _query())
        tape = twiml.Tape(action, ready, words, COMMENT_S, SILENCE_S, finish="#*9")
        return twiml.record([Prompt(text, language)], tape)
    action = addresses.waiting(base, "survey/key", _query() | {"s": question, "a": str(again)})
    return twiml.ask_keys(text, language, action, 1)


def _stop(here: Center) -> str:
    """Not again: in SQL before it is said, and said only when it can be kept."""
    number = _number(here)
    owed.tell(here, call_id(), survey.stopped(call_id(), number, here.now_ms()))
    try:
        if not number.startswith("+"):
            return _over(here, "closing_thanks")
        here.history.surveys.refuse(number, here.now_ms())
    except SQLAlchemyError:
        return _over(here, "closing_thanks")
    return _over(here, "survey_stopped")


def _over(here: Center, sentence: str) -> str:
    """Goodbye; a caller whom the menu sent here has been served by it."""
    if call := here.live.call(call_id()):
        owed.end_call(here, call, "served_in_menu")
    return sorry(sentence, _language())


def _refused(here: Center) -> bool:
    try:
        return here.history.surveys.refused(_number(here))
    except SQLAlchemyError:  # better not asked than asked against their wish
        return True


def _number(here: Center) -> str:
    call = here.live.call(call_id())
    return call.caller if call else request.form.get("From", "")


def _language() -> str:
    return request.args.get("l", "")


def _query() -> dict[str, str]:
    return {name: value for name, value in request.args.items() if name in ("l", "c")}


def _count() -> int:
    return min(_whole(request.args.get("a", "")), 9)


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
