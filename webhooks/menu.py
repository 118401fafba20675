"""What every door of the menu does: know who calls, and do what the menu's answer says.

Used by the doors at which a caller comes in, presses a key, comes back from another number, or has been looked up.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl

from flask import request

from center import Center
from ivr.flow import Flow
from ivr.parts import BACK_KEY, PERSON_KEY
from ivr.reply import Enqueue, Forward, HangUp, Listen, LookUp, Place, Reply
from ivr.step import Caller, Keys, step
from queues import coming_back, flow_versions, lifecycle, look_ups, partings, quiet_hours
from queues.lifecycle import Standing
from queues.plan import country_of
from queues.records import NOTHING, Call, Change, Order
from queues.rings import ring_ms
from queues.standing import standing
from webhooks.consent import into_line

DAY_MS = 86_400_000
VERSION = re.compile("[0-9a-f]{12}")


def caller_of(here: Center, form: Mapping[str, str], call: Call, place: Place | None = None) -> Caller:
    """Who calls, from the webhook's form and from what the call has brought so far.

    At a place with a language of the flow, nobody needs to remember another: that costs no way to Redis.
    """
    number = form.get("From", "")
    known = here.plan.callers.get(number)
    spoken = flow_of(here, call).speaks(place.language) if place else None
    return Caller(
        known=known is not None,
        language=spoken or _remembered(here, number, known.language if known else "") or None,
        name=known.name if known else None,
        called=form.get("To", ""),
        country=(call.country if number == call.caller else "") or country_of(number) or None,
        importance=here.plan.importance_minutes(number),
        recent=bool(call.recent),
        withheld=not number.startswith("+"),
        callback_ms=call.owed_callback_ms,
        case_ms=call.owed_case_ms,
        zone=quiet_hours.zone_of(number) if call.owed_callback_ms or call.owed_case_ms else None,
        given=lifecycle.values_of(call),
    )


def _remembered(here: Center, number: str, planned: str) -> str:
    """The language that this number chose before; SQL is asked where Redis does not know."""
    language = here.live.memories.language(number)
    if language is None:
        language = planned or here.history.remembered_language(number)
        here.live.memories.keep_language(number, language)
    return language


def flow_of(here: Center, call: Call) -> Flow:
    """The version of the menu that this caller began with."""
    return flow_versions.flow_of(here, call.flow)


def version() -> str:
    """The version of the menu that the URL of this request remembers; empty when it is not one."""
    found = request.args.get("v", "")
    return found if VERSION.fullmatch(found) else ""


def arrived(here: Center, form: Mapping[str, str], received_ms: int, version: str = "") -> Call:
    """The call, known from now on. Somebody else may have been quicker: the webhook may come twice.

    `version` is the one of the menu that the URL remembers, for a caller whom Redis forgot.
    """
    sid, number, called = form["CallSid"], form.get("From", ""), form.get("To", "")
    known, country = here.plan.callers.get(number), country_of(number)
    ring = ring_ms(country or country_of(called) or here.plan.country)
    remembered = here.live.memories.of_caller(number)
    fresh = Call(
        call=sid,
        caller=number,
        called=called,
        name=known.name if known else "",
        country=country,
        recent=int(remembered.called_ms > received_ms - DAY_MS),
        owed_callback_ms=remembered.callback_ms,
        owed_case_ms=remembered.case_ms,
        flow=version or flow_versions.begins(here, sid),
        steps=-1,  # the first document is step 0
    )
    now_ms = here.now_ms()
    here.live.settle(
        lambda: NOTHING if here.live.call(sid) else lifecycle.arrive(fresh, ring, received_ms, now_ms), now_ms
    )
    here.live.memories.keep_called(number, received_ms)
    return here.live.call(sid) or fresh


def follow(here: Center, call: Call, reply: Reply, turn: int) -> str:
    """Save what the caller chose, then do what the menu says: listen on, stand in line, or leave the menu."""
    now_ms, live = here.now_ms(), here.live
    chosen = reply.language if reply.remember_language else ""
    texts = tuple(Order("message", call=call.call, to=call.caller, text=text) for text in reply.messages)

    loaded = iter((call,))  # as the door has it; whoever was quicker makes it stale, and it is loaded again

    def decide() -> Change:
        newest = next(loaded, None) or live.call(call.call) or call
        change = lifecycle.choose(newest, turn, reply.choices, chosen, now_ms, reply.given, asked_at(reply))
        return replace(change, orders=(*change.orders, *texts)) if change else change

    live.settle(decide, now_ms)
    if chosen:
        live.memories.keep_language(call.caller, chosen)
    match reply.then:
        case Enqueue() as enqueue:
            place = _standing(here, call, enqueue)
            live.settle(lambda: lifecycle.enqueue(live.call(call.call) or call, place, now_ms), now_ms)
        case LookUp() as question:
            _look_up(here, call, reply.language, question)
        case HangUp() as over:
            live.settle(lambda: partings.finish(live.call(call.call) or call, over.outcome, now_ms), now_ms)
    # A question's document says nothing of the call.
    return into_line(here, call if isinstance(reply.then, Listen) else live.call(call.call) or call, reply)


def back_in_menu(here: Center, call: Call, key: str) -> str | None:
    """0 and * at a door behind the menu lead to a person and one step back; None for another key, or from elsewhere."""
    query = dict(parse_qsl(request.args.get("m", "")))
    place = Place.from_query(query)
    if key not in (PERSON_KEY, BACK_KEY) or place is None or call.status != "menu":
        return None
    flow, caller = flow_of(here, call), caller_of(here, request.form, call, place)
    return follow(here, call, step(flow, place, Keys(key), caller, here.now_ms()), place.turns)


def _standing(here: Center, call: Call, enqueue: Enqueue) -> Standing:
    """Where the caller will stand; in the line of the callback they are owed, where the menu says so."""
    owed = coming_back.owed_callback(here, call) if enqueue.promised else None
    queue = owed.queue if owed else enqueue.queue
    place = standing(here, queue, enqueue.language, enqueue.skills, call.caller, enqueue.priority)
    if owed and owed.language == enqueue.language:
        place = replace(place, needs=owed.needs)
    return coming_back.place_of(here, call, place) if call.status == "menu" else place


def asked_at(reply: Reply) -> str:
    """The node at which the caller is asked next, or waits for an answer; empty when they leave the menu."""
    return reply.then.place.node if isinstance(reply.then, Listen | LookUp | Forward) else ""


def question_of(call: Call, place: Place) -> str:
    """What names the question that a call asks at a place; the same for a webhook that comes twice."""
    return f"{call.call}:{place.turns}"


def _look_up(here: Center, call: Call, language: str, question: LookUp) -> None:
    asked = {
        "call": call.call,
        "caller": call.caller,
        "called": call.called,
        "language": language,
        "node": question.place.node,
        "given": dict(question.values),
    }
    look_ups.ask(here, question_of(call, question.place), question.url, json.dumps(asked))
