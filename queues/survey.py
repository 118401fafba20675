"""Asking afterwards how it was: who is asked, and what the answers are. Pure.

A caller is drawn by a hash of the call, so that the same call asked twice about gives the same answer, and nobody can
choose whom to ask. Answers are events; what they add up to is in the record of the call.
"""

from dataclasses import replace
from hashlib import sha256

from queues.policy import SurveyPlan
from queues.records import NOTHING, Call, Change, Event

# Three questions, each asked twice at most, and a minute to speak.
SURVEY_MS = 240_000
STOP_KEYS = frozenset("*9")
KEYS = {"satisfied": {key: key for key in "12345"}, "solved": {"1": "yes", "2": "no"}}


def drawn(call: str, share: float) -> bool:
    """Whether this call is one of the share (0 to 1) that is asked."""
    return int.from_bytes(sha256(f"survey {call}".encode()).digest()[:8]) < share * 2**64


def wanted(plan: SurveyPlan, call: Call) -> bool:
    """Whether the caller of a conversation that is over is to be asked."""
    return bool(call.joined) and (not plan.queues or call.queue in plan.queues) and drawn(call.call, plan.share)


def questions(plan: SurveyPlan) -> tuple[str, ...]:
    """What is asked, in order."""
    return ("satisfied", *(("solved",) if plan.ask_solved else ()), *(("comment",) if plan.ask_open else ()))


def begin(call: Call, now_ms: int) -> Change:
    """The caller is asked: their leg is left alone for as long as that takes."""
    if call.survey_ms:
        return NOTHING
    due = (f"check:{call.call}", now_ms + SURVEY_MS)
    return Change((call,), (replace(call, survey_ms=now_ms),), (Event("survey_asked", now_ms, call.call),), (due,))


def answered(call: str, question: str, answer: str, now_ms: int) -> Event:
    """One answer."""
    return Event("survey_answer", now_ms, call, facts={"question": question, "answer": answer})


def stopped(call: str, number: str, now_ms: int) -> Event:
    """The caller does not want to be asked, now or ever."""
    return Event("survey_stopped", now_ms, call, facts={"caller": number})
