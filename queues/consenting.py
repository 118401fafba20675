"""Callers asked for their consent, or told, and conversations recorded with it: the part that touches the world."""

from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from center import Center
from ivr import wording
from queues import addresses
from queues.answers import Gone, Unavailable
from queues.consent import Consent
from queues.plan import country_of
from queues.records import NOTHING, Call, Change, Event, Order

log = structlog.get_logger()

SENTENCES = {"opt_in": "consent_ask", "notice": "consent_notice"}


def mode(center: Center, call: Call) -> str:
    """What the caller's country asks for: `off`, `notice` or `opt_in`."""
    return center.plan.recording.mode(call.country or country_of(call.called) or center.plan.country)


def tell(center: Center, sid: str) -> None:
    """The notice is being said; it counts once it has been heard out."""

    def decide() -> Change:
        call = center.live.call(sid)
        return Change((call,), (replace(call, consent="telling"),)) if call and not call.consent else NOTHING

    center.live.settle(decide, center.now_ms())


def keep(center: Center, call: Call, answer: str, key: str = "") -> bool:
    """An answer: in SQL first, then with the call. False when it could not be kept, which counts as no."""
    now_ms, asked = center.now_ms(), mode(center, call)
    sentence = SENTENCES.get(asked, "")
    given = Consent(
        call=call.call,
        number=call.caller,
        country=call.country,
        mode=asked,
        prompt=wording.version(sentence, call.language) if sentence else "",
        language=call.language,
        key=key,
        answer=answer,
        at_ms=now_ms,
    )
    try:
        if not center.history.consents.keep(given):
            return False
    except SQLAlchemyError as error:
        log.warning("consent_not_kept", error=type(error).__name__)
        return False

    def decide() -> Change:
        now = center.live.call(call.call)
        if now is None or now.consent == answer:
            return NOTHING
        told = Event("consent", now_ms, call.call, facts={"answer": answer, "prompt": given.prompt, "key": key})
        return Change((now,), (replace(now, consent=answer),), (told,))

    center.live.settle(decide, now_ms)
    return True


def record(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """Record a conversation, if SQL says that the caller agreed. A second try first looks whether it is recorded."""
    call = center.live.call(order.call)
    if call is None or call.status != "talking" or not call.joined:
        return True
    try:
        given = center.history.consents.of(call.call)
    except SQLAlchemyError as error:
        raise Unavailable(type(error).__name__) from None
    if given is None or not given.allows:
        return True
    ready = addresses.waiting(center.settings.base_url, "voicemail/ready", {"c": call.call, "k": "conversation"})
    try:
        sid = (center.carrier.recording_of(order.leg) if tries > 1 else "") or center.carrier.record(order.leg, ready)
    except Gone:
        return True
    made = Event("recorded", center.now_ms(), call.call, facts={"recording": sid, "kind": "conversation"})
    center.live.commit(Change(events=(made,)), center.now_ms())
    after = center.live.call(order.call)
    if after is None or after.status != "talking":  # over while we asked
        center.carrier.stop_recording(order.leg)
    return True


def stop(center: Center, order: Order, tries: int, taken_ms: int) -> bool:
    """The conversation is over: what the caller says afterwards is not recorded with it."""
    center.carrier.stop_recording(order.leg)
    return True
