"""The choices while waiting: keep waiting, be called back and keep the place, soon or at a time, or leave a message.

A key leads to a question inside the wait document, so the caller stands in line until the promise has been made.
"""

from collections.abc import Sequence

from center import Center
from ivr import twiml, wording
from ivr.reply import Prompt
from queues import call_windows, caller_links, calling_back, lifecycle
from queues.callback import Window
from queues.calling_back import NotPromised
from queues.records import NOTHING, Call, Change, Order
from webhooks import waiting_language
from webhooks.links import CallerLinks

LINK, LANGUAGE = "4", "*"
SOON, SLOT, SPEAK = "soon", "slot", "speak"
# The first round is short; the rarer choices are told from the second on.
MORE_CHOICES_MS = 60_000


def choices(here: Center, call: Call, at_once: bool = False) -> list[Prompt]:
    """What is said of the choices, once the wait is long enough to want one, or `at_once`."""
    waited_ms = here.now_ms() - call.enqueued_ms
    if waited_ms < here.plan.callbacks.offer_after_s * 1000 and not at_once:
        return []
    callback = ["callback_choices"] if call_windows.possible(here, call) else []
    callback += ["link_choice"] if callback and waited_ms >= MORE_CHOICES_MS else []
    message = ["voicemail_choice"] if here.plan.voicemail.offered else []
    return [_said(call, sentence) for sentence in (*callback, *message)]


def document(here: Center, call: Call, messages: Sequence[Prompt], asked: str = "") -> str:
    """A wait document: messages, then music; a key answers the question `asked`."""
    base = here.settings.base_url
    return twiml.wait_document(messages, CallerLinks(base, call).key(asked), f"{base}/voice/music.wav")


def pressed(here: Center, call: Call, asked: str, digit: str) -> str:
    """The answer to a key."""
    if call.callback:  # the network asks again
        return goodbye(here, call)
    if (asked, digit) == ("", "3"):
        return leave_for_message(here, call)
    languages = waiting_language.offered(here, call)
    if (asked, digit) == ("", LANGUAGE) and len(languages) > 1:
        return document(here, call, waiting_language.question(here, call), SPEAK)
    if asked == SPEAK and digit in languages:
        call = waiting_language.choose(here, call, languages[digit])
        return document(here, call, [_said(call, "still_waiting")])
    if not call_windows.possible(here, call):
        return document(here, call, [_said(call, "still_waiting")])
    if (asked, digit) == ("", LINK):
        return _send_link(here, call)
    match (asked, digit):
        case ("", "1"):
            return ask(here, call, call_windows.soon(here, call))
        case ("", "2") | ("soon", "2"):
            return _ask_when(here, call)
        case ("soon", "1"):
            return _promise(here, call, call_windows.soon(here, call), later=False)
        case ("slot", "1" | "2" | "3"):
            return _promise_slot(here, call, int(digit))
    return document(here, call, [_said(call, "still_waiting")])


def _send_link(here: Center, call: Call) -> str:
    link = caller_links.address(here.settings, call.call)
    text = wording.say("link_text", call.language, name=here.plan.name, link=link)
    sent = Order("message", call=call.call, to=call.caller, text=text)
    here.live.commit(Change(orders=(sent,)), here.now_ms())
    return document(here, call, [_said(call, "link_sent")])


def leave_for_message(here: Center, call: Call, say: Sequence[Prompt] = ()) -> str:
    """Out of the line, and on at the door that takes messages. Not while an agent is being rung for them."""
    now_ms = here.now_ms()

    def decide() -> Change:
        now = here.live.call(call.call)
        return lifecycle.leave_line(now, now_ms) if now else NOTHING

    here.live.settle(decide, now_ms)
    now = here.live.call(call.call)
    if now is not None and now.status == "menu":  # now, or when the network asks again
        return twiml.leave(say)
    return document(here, call, [_said(call, "still_waiting")])


def ask(here: Center, call: Call, said: Window) -> str:
    """Whether to be called back in this window; the caller stands in line until they have answered."""
    words = call_windows.words(here, said, call.caller, call.language)
    digits = wording.digits(call.caller[-4:])
    return document(here, call, [_said(call, "callback_soon", digits=digits, **words)], SOON)


def _ask_when(here: Center, call: Call) -> str:
    found = call_windows.slots(here, call.queue, call.caller)
    if not found:
        return document(here, call, [_said(call, "callback_no_time"), _said(call, "still_waiting")])
    times = [
        _said(call, "callback_slot", key=str(key), **call_windows.words(here, said, call.caller, call.language))
        for key, said in enumerate(found, 1)
    ]
    return document(here, call, times, SLOT)


def _promise_slot(here: Center, call: Call, key: int) -> str:
    found = call_windows.slots(here, call.queue, call.caller)
    if key > len(found):
        return document(here, call, [_said(call, "still_waiting")])
    return _promise(here, call, found[key - 1], later=True)


def _promise(here: Center, call: Call, said: Window, later: bool) -> str:
    try:
        calling_back.promise(here, call, said, later=later)
    except NotPromised:
        return document(here, call, [_said(call, "callback_not_now"), _said(call, "still_waiting")])
    return _goodbye(here, call, said)


def goodbye(here: Center, call: Call) -> str:
    """What was promised, once more."""
    return _goodbye(here, call, Window(here.now_ms(), call.until_ms))


def _goodbye(here: Center, call: Call, said: Window) -> str:
    words = call_windows.words(here, said, call.caller, call.language)
    return twiml.say_and_hang_up(wording.say("callback_promised", call.language, **words), call.language)


def _said(call: Call, sentence: str, **values: str) -> Prompt:
    return Prompt(wording.say(sentence, call.language, **values), call.language)
