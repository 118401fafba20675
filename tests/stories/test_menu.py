"""Ways through the menu other than into a line, with the real doors and the phone network."""

from dataclasses import replace

import pytest

from ivr.flow import load_flow
from tests.stories.world import World

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


@pytest.fixture
def night(world: World) -> World:
    world.center = replace(world.center, flow=load_flow(NIGHT, "night.yaml"))
    world.app.extensions["center"] = world.center
    return world


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
