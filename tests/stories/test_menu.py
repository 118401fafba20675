"""Ways through the menu other than into a line, with the real doors and the phone network."""

from dataclasses import replace

import pytest

from ivr.flow import load_flow
from queues import lifecycle
from tests.stories.world import START_MS, World

NIGHT = """
name: night
languages: [en]
default_language: en
start: hello
person: general
budget_s: {usual: 5, worst: 100}
nodes:
  hello: {type: say, prompt: hello, next: night}
  night: {type: forward, number: "+919812345009", timeout_s: 15, otherwise: nobody}
  nobody: {type: hangup, outcome: closed, prompt: nobody}
  general: {type: enqueue, queue: general}
prompts:
  hello: {en: {text: Good evening and welcome. You are being connected., short: You are being connected.}}
  nobody: {en: Nobody is there now.}
"""


# Sunday, 2026-11-01, noon in Kolkata, and nine on Monday morning.
SUNDAY_MS = 1_793_514_600_000
MONDAY_MS = 1_793_590_200_000

KEYED = """
name: keyed
languages: [en]
default_language: en
start: account
person: general
budget_s: {usual: 20, worst: 100}
nodes:
  account: {type: collect, prompt: account, least: 6, most: 11, checksum: luhn, next: pin}
  pin: {type: collect, prompt: pin, least: 4, most: 4, secret: true, next: general}
  general: {type: enqueue, queue: general, prompt: thanks}
prompts:
  account: {en: "Your account, please."}
  pin: {en: "Your pin, please."}
  thanks: {en: "Thank you. Your account is {account}."}
"""


def serving(world: World, flow: str) -> World:
    """The same service with another menu."""
    world.center = replace(world.center, flow=load_flow(flow, "flow.yaml"))
    world.app.extensions["center"] = world.center
    return world


@pytest.fixture
def night(world: World) -> World:
    return serving(world, NIGHT)


LINKED = """
name: linked
languages: [en]
default_language: en
start: link
person: general
budget_s: {usual: 5, worst: 100}
nodes:
  link: {type: message, text: link, prompt: sent, next: bye}
  bye: {type: hangup}
  general: {type: enqueue, queue: general}
prompts:
  link: {en: "Your visit: example.org/visit"}
  sent: {en: We have sent you a message.}
"""


def test_a_text_is_sent_even_before_anything_was_asked(world: World) -> None:
    serving(world, LINKED)
    caller = world.call("wait")
    world.until_ended(caller)
    sent = [(row.form["To"], row.form["Body"]) for row in world.net.requests if row.path.endswith("/Messages.json")]
    assert sent == [("+14155550123", "Your visit: example.org/visit")]
    assert world.said(caller) == ["We have sent you a message."]


def test_what_a_caller_keys_in_is_in_the_record_unless_it_is_secret(world: World) -> None:
    serving(world, KEYED)
    caller = world.call("press 79927398713 on gather, press 1 on gather, press 4711 on gather, hang up at 60s")
    world.until_ended(caller)
    assert world.said(caller)[:4] == [
        "Your account, please.",
        "You entered 7 9 9 2, 7 3 9 8, 7 1 3. If that is right, press 1. To enter it again, press 2.",
        "Your pin, please.",
        "Thank you. Your account is 7 9 9 2, 7 3 9 8, 7 1 3.",
    ]
    told = [mark for mark in world.record(caller)["marks"] if mark["name"] == "given"]
    assert [(mark["given"], mark.get("value")) for mark in told] == [("account", "79927398713"), ("pin", None)]
    assert lifecycle.values_of(world.live(caller)) == {
        "account?": "79927398713",
        "account": "79927398713",
        "pin": "4711",
    }
    assert [row.url for row in world.net.deliveries if "7992" in row.url or "4711" in row.url] == []
    assert any("7992" in str(row) for row in world.net.deliveries)


def test_a_closed_desk_promises_to_call_back_when_it_is_open(world: World) -> None:
    world.run((SUNDAY_MS - START_MS) / 1000)
    keys = "press 1 on gather, press 2 on gather, press 3 on gather, press 2 after 12s, press 1 on gather"
    caller = world.call(keys, from_="+919898000111")
    world.run(120, until=lambda: caller.ended)
    closed = world.said(caller).index("The service visit desk is closed now. It opens tomorrow at 9 AM.")
    assert world.said(caller)[closed + 1] == (
        "To speak to our support team now, press 1. To be called back when the desk is open, press 2."
    )
    call = world.live(caller)
    assert (call.queue, bool(call.callback)) == ("service_visits", True)
    assert MONDAY_MS == call.not_before_ms < call.until_ms
    assert world.said(caller)[-1] == "Thank you. We will call you back tomorrow between 9 AM and 9:30 AM. Goodbye."


@pytest.mark.parametrize(("then", "asked"), [("press 0 on gather", 1), ("press * on gather, press 0 on gather", 2)])
def test_who_is_offered_a_callback_may_still_have_a_person_or_go_back(world: World, then: str, asked: int) -> None:
    world.run((SUNDAY_MS - START_MS) / 1000)
    keys = f"press 1 on gather, press 2 on gather, press 3 on gather, press 2 after 12s, {then}, wait"
    caller = world.call(keys, from_="+919898000111")
    world.run(90, until=lambda: world.status(caller) == "waiting")
    choices = "To speak to our support team now, press 1. To be called back when the desk is open, press 2."
    assert (world.said(caller).count(choices), world.live(caller).queue) == (asked, "general")
    assert world.center.history.callbacks.list() == []


def test_a_caller_who_keys_star_and_zero_gets_a_person(world: World) -> None:
    serving(world, KEYED)
    caller = world.call("press *0 on gather, hang up at 60s")
    world.until_ended(caller)
    assert world.record(caller)["queue"] == "general"


def test_a_forwarded_caller_who_talked_has_moved_on(night: World) -> None:
    night.net.person("+919812345009", "answer@2rings, hang up after 30s of talk", country="IN")
    caller = night.call("wait")
    night.until_ended(caller)
    assert (night.record(caller)["outcome"], night.marks(caller).count("forwarded")) == ("moved_on", 1)
    assert night.said(caller) == ["Good evening and welcome. You are being connected."]


def test_a_forwarded_caller_who_hangs_up_first_has_moved_on_too(night: World) -> None:
    night.net.person("+919812345009", "answer@1ring, wait", country="IN")
    caller = night.call("hang up at 60s")
    night.until_ended(caller)
    assert night.record(caller)["outcome"] == "moved_on"


def test_a_caller_who_hangs_up_while_the_other_number_rings_has_left_in_the_menu(night: World) -> None:
    night.net.person("+919812345009", "never", country="IN")
    caller = night.call("hang up at 8s")
    night.until_ended(caller)
    assert night.record(caller)["outcome"] == "left_in_menu"


def test_nobody_at_the_other_number_is_said_and_the_menu_goes_on(night: World) -> None:
    night.net.person("+919812345009", "never", country="IN")
    caller = night.call("wait")
    night.until_ended(caller)
    assert night.record(caller)["outcome"] == "closed"
    assert night.said(caller)[-1] == "Nobody is there now."


def test_who_calls_again_within_a_day_hears_the_short_form(night: World) -> None:
    night.net.person("+919812345009", "never", country="IN")
    first = night.call("wait")
    night.until_ended(first)
    again = night.call("wait")
    night.until_ended(again)
    stranger = night.call("wait", from_="anonymous")
    night.until_ended(stranger)
    another = night.call("wait", from_="anonymous")
    night.until_ended(another)
    night.run(86_400)
    later = night.call("wait")
    night.until_ended(later)
    long, short = "Good evening and welcome. You are being connected.", "You are being connected."
    firsts = [night.said(leg)[0] for leg in (first, again, stranger, another, later)]
    assert firsts == [long, short, long, long, long]
