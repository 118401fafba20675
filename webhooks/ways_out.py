"""The line leads out of itself: to a message, a callback or another number, when the queue's overflow says so.

Looked at with every wait document, so at most one round late. A number is rung from outside the network's queue while
the caller keeps the place in ours: whoever is there first has them. What was taken is noted with the call, each way
with the network's queue time: a webhook that comes again has the same one, and is answered the same.
"""

from dataclasses import replace

from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, call_windows, routing
from queues.records import NOTHING, Call, Change, Event
from webhooks import waiting_keys

# Long enough for a switchboard of a colleague's office; the caller hears it ring.
RING_S = 25
VOICEMAIL, CALLBACK = "voicemail", "callback"
MARK = "out:"


def document(here: Center, call: Call, queue_time: str) -> str | None:
    """What the caller hears instead of the wait document, once for each way; None to wait on."""
    for way, then in _taken(call).items():
        # Whoever was rung for in vain is back in line, where the network counts from nothing again.
        if then == queue_time != "" and not way.startswith("+"):
            return _led(here, call, way)
    for way in routing.ways_out(call, here.plan, here.now_ms()):
        possible = way != CALLBACK or call_windows.possible(here, call)
        if possible and _take(here, call, way, queue_time):
            return _led(here, call, way)
    return None


def onward(here: Center, call: Call) -> str:
    """The caller is out of the network's queue and still in our line: the number that they were told of is rung."""
    numbers = [way for way in _taken(call) if way.startswith("+")]
    if call.status != "waiting" or not numbers:
        return ""
    base = here.settings.base_url
    over = addresses.waiting(base, "elsewhere", addresses.memory(call))
    return twiml.dial(numbers[-1], RING_S, over, addresses.forward_answered(base, call.call if call.leg else ""))


def _taken(call: Call) -> dict[str, str]:
    """Each way that this caller was led, in order, with the queue time at which they were."""
    marks = (mark.removeprefix(MARK).partition("@") for mark in call.noted.split() if mark.startswith(MARK))
    return {way: then for way, _, then in marks}


def _take(here: Center, call: Call, way: str, queue_time: str) -> bool:
    """True when the caller is led this way now; nobody is led any way twice."""
    now_ms = here.now_ms()

    def decide() -> Change:
        now = here.live.call(call.call)
        if now is None or now.status != "waiting" or way in _taken(now):
            return NOTHING
        noted = f"{now.noted} {MARK}{way}@{queue_time}".strip()
        return Change((now,), (replace(now, noted=noted),), (Event("overflowed", now_ms, now.call, facts={"to": way}),))

    return bool(here.live.settle(decide, now_ms))


def _led(here: Center, call: Call, way: str) -> str:
    if way == CALLBACK:
        return waiting_keys.ask(here, call, call_windows.soon(here, call))
    sentence = "overflow_voicemail" if way == VOICEMAIL else "overflow_number"
    say = [Prompt(wording.say(sentence, call.language), call.language)]
    return waiting_keys.leave_for_message(here, call, say) if way == VOICEMAIL else twiml.leave(say)
