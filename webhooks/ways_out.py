"""The line leads out of itself: to a message, a callback or another number, when the queue's overflow says so.

Looked at with every wait document, so at most one round late. A number is rung from outside the network's queue while
the caller keeps the place in ours: whoever is there first has them.
"""

from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import addresses, call_windows, lifecycle, routing
from queues.records import NOTHING, Call, Change, Event
from webhooks import waiting_keys

# Long enough for a switchboard of a colleague's office; the caller hears it ring.
RING_S = 25
VOICEMAIL, CALLBACK = "voicemail", "callback"


def document(here: Center, call: Call) -> str | None:
    """What the caller hears instead of the wait document, once for each way; None to wait on."""
    now_ms = here.now_ms()
    for way in routing.ways_out(call, here.plan, now_ms):
        if way == CALLBACK and not call_windows.possible(here, call):
            continue
        if _taken(here, call, way, now_ms):
            return _led(here, call, way)
    return None


def onward(here: Center, call: Call) -> str:
    """The caller is out of the network's queue and still in our line: the number that they were told of is rung."""
    told = call.noted.split()
    numbers = [way for way in routing.ways_out(call, here.plan, here.now_ms()) if way.startswith("+")]
    rung = [number for number in numbers if lifecycle.mark_of(_event(call, number, 0)) in told]
    if not rung:
        return ""
    base = here.settings.base_url
    over = addresses.waiting(base, "elsewhere", addresses.memory(call))
    return twiml.dial(rung[-1], RING_S, over, addresses.forward_answered(base, call.call if call.leg else ""))


def _taken(here: Center, call: Call, way: str, now_ms: int) -> bool:
    """True when this way is taken now; each is taken once."""

    def decide() -> Change:
        now = here.live.call(call.call)
        waits = now is not None and now.status == "waiting"
        return lifecycle.note(now, _event(now, way, now_ms)) if now and waits else NOTHING

    return bool(here.live.settle(decide, now_ms))


def _event(call: Call, way: str, now_ms: int) -> Event:
    return Event("overflowed", now_ms, call.call, facts={"to": way})


def _led(here: Center, call: Call, way: str) -> str:
    if way == CALLBACK:
        return waiting_keys.ask(here, call, call_windows.soon(here, call))
    sentence = "overflow_voicemail" if way == VOICEMAIL else "overflow_number"
    say = [Prompt(wording.say(sentence, call.language), call.language)]
    return waiting_keys.leave_for_message(here, call, say) if way == VOICEMAIL else twiml.leave(say)
