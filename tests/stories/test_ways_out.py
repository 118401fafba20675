"""A line that leads out of itself: to a message, a callback or another number, and never to a lost place."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ivr import wording
from ivr.flow import load_flow
from simulator import Faults, Leg
from tests.stories.world import World

Make = Callable[[dict[str, Any]], World]
MARIA, JIGNESH, BRANCH = "+14155550123", "+919898000111", "+919812345009"
SPEAKS = "say 'My fridge is loud, please call me' on record"
IN_SALES = "press 1 on gather, press 1 on gather"
NOBODY_IN_TIME = {
    "en": "We are sorry, nobody can take your call in good time. Please leave a message, and we will take care of it.",
    "hi": "क्षमा कीजिए, इस समय कोई प्रतिनिधि आपकी कॉल नहीं ले पा रहा है। कृपया संदेश छोड़िए, हम उस पर ध्यान देंगे।",
    "gu": "માફ કરશો, અત્યારે કોઈ પ્રતિનિધિ આપનો કૉલ લઈ શકતા નથી. કૃપા કરીને સંદેશો મૂકો, અમે તેના પર ધ્યાન આપીશું.",
    "te": "క్షమించండి, ప్రస్తుతం మా ప్రతినిధులెవరూ మీ కాల్ తీసుకోలేకపోతున్నారు. దయచేసి సందేశం ఇవ్వండి, మేము దానిపై శ్రద్ధ తీసుకుంటాము.",
}
ELSEWHERE = (
    "Our people here are still busy. We are ringing colleagues elsewhere, and you keep your place. One moment, please."
)


def overflowing(world_with: Make, *rows: dict[str, Any]) -> World:
    return world_with({"queues.sales.overflow": list(rows)})


def ended(world: World, caller: Leg, seconds: float = 400) -> dict[str, Any]:
    world.run(seconds, lambda: caller.ended)
    world.run(20)
    return world.record(caller)


def callback_asked(world: World, caller: Leg) -> int:
    question = wording.say("callback_soon", "en", digits="", when="").partition(",")[0][:20]
    return sum(text.startswith(question) for text in world.said(caller))


@pytest.mark.parametrize(("key", "language"), enumerate(NOBODY_IN_TIME, 1))
def test_caller_who_waited_long_enough_is_asked_for_a_message(world_with: Make, key: int, language: str) -> None:
    world = overflowing(world_with, {"to": "voicemail", "after_s": 40})
    caller = world.call(f"press {key} on gather, press 1 on gather, {SPEAKS}, press 1 on gather, wait", JIGNESH)
    record = ended(world, caller)
    greeting = wording.say("voicemail_greeting", language)
    assert world.said(caller)[-4:-2] == [NOBODY_IN_TIME[language], greeting]
    assert record["outcome"] == "voicemail"
    (case,) = world.center.history.cases.listed()
    assert (case.call, case.queue) == (caller.sid, "sales")
    waited_ms = record["left_line_ms"] - record["enqueued_ms"]
    assert 40_000 <= waited_ms <= 40_000 + 40_000  # what is being said and played is heard out


def test_line_with_nobody_signed_in_takes_a_message_at_once(world_with: Make) -> None:
    world = overflowing(world_with, {"to": "voicemail", "when": "nobody_signed_in"})
    caller = world.call(f"{IN_SALES}, {SPEAKS}, press 1 on gather, wait")
    record = ended(world, caller)
    assert record["outcome"] == "voicemail"
    assert record["left_line_ms"] - record["enqueued_ms"] < 1000


def test_long_line_offers_the_callback_first_of_all_and_the_place_is_kept(world_with: Make) -> None:
    world = overflowing(world_with, {"to": "callback", "when": "length", "length": 1})
    world.agent("asha", "busy")
    first = world.call(f"{IN_SALES}, wait", "+14155550101")
    world.run(20)
    second = world.call(f"{IN_SALES}, press 1 on gather, wait", MARIA)
    world.run(20, lambda: second.ended)
    assert (callback_asked(world, first), callback_asked(world, second)) == (0, 1)
    assert world.record(second)["callback"].startswith("CB")
    assert world.live(second).status in ("waiting", "offered")


def test_callback_is_offered_once_and_who_says_nothing_waits_on(world_with: Make) -> None:
    world = overflowing(world_with, {"to": "callback", "after_s": 30})
    caller = world.call(f"{IN_SALES}, wait")
    world.run(150)
    assert callback_asked(world, caller) == 1
    assert (world.live(caller).status, world.live(caller).callback) == ("waiting", "")


def test_who_cannot_be_called_back_is_led_the_next_way(world_with: Make) -> None:
    world = overflowing(world_with, {"to": "callback", "after_s": 30}, {"to": "voicemail", "after_s": 30})
    caller = world.call(f"{IN_SALES}, {SPEAKS}, press 1 on gather, wait", "anonymous")
    assert ended(world, caller)["outcome"] == "voicemail"
    assert callback_asked(world, caller) == 0


def test_colleagues_elsewhere_answer_and_the_caller_has_moved_on(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "answer@2rings, hang up after 30s of talk", country="IN")
    caller = world.call(f"{IN_SALES}, wait")
    record = ended(world, caller)
    assert (record["outcome"], world.said(caller)[-1]) == ("moved_on", ELSEWHERE)
    assert world.marks(caller).count("forwarded") == 1


def test_nobody_elsewhere_and_the_caller_is_answered_in_the_place_they_kept(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "never", country="IN")
    caller = world.call(f"{IN_SALES}, wait")
    world.run(120)
    before = world.live(caller)
    assert (before.status, world.said(caller).count(ELSEWHERE)) == ("waiting", 1)
    younger = world.call(f"{IN_SALES}, hang up at 200s", "+14155550101")
    world.run(20)
    world.agent("asha")
    world.until_ended(caller, younger)
    answered = [world.record(one)["answered_ms"] for one in (caller, younger)]
    assert (world.record(caller)["enqueued_ms"], answered == sorted(answered)) == (before.enqueued_ms, True)


def test_agent_who_is_free_while_colleagues_are_rung_has_the_caller(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "answer@20s, wait", country="IN")
    caller = world.call(f"{IN_SALES}, wait")
    world.run(120, lambda: ELSEWHERE in world.said(caller))
    world.run(2)
    world.agent("asha")
    world.until_ended(caller)
    assert (world.record(caller)["outcome"], world.offers(caller)) == ("answered", [("asha", "accepted")])
    assert "forwarded" not in world.marks(caller)


def test_colleague_who_answers_first_stops_the_agents_phone(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "answer@4s, hang up after 30s of talk", country="IN")
    caller = world.call(f"{IN_SALES}, wait")
    world.run(120, lambda: ELSEWHERE in world.said(caller))
    world.run(9)
    world.agent("asha", "answer@8s, press 1 on gather, hang up after 30s of talk")
    record = ended(world, caller)
    assert (record["outcome"], world.offers(caller)) == ("moved_on", [("asha", "withdrawn")])
    assert world.center.live.agent("asha").activity == "idle"


def test_caller_who_hangs_up_while_colleagues_are_rung_has_left_the_line(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "never", country="IN")
    caller = world.call(f"{IN_SALES}, hang up at 65s")
    assert ended(world, caller)["outcome"] == "abandoned"
    assert ELSEWHERE in world.said(caller)


def test_place_is_kept_when_redis_is_lost_while_colleagues_are_rung(world_with: Make) -> None:
    world = overflowing(world_with, {"to": BRANCH, "after_s": 30})
    world.net.person(BRANCH, "never", country="IN")
    caller = world.call(f"{IN_SALES}, wait")
    world.run(120, lambda: ELSEWHERE in world.said(caller))
    kept = world.live(caller)
    world.run(5)
    world.client.flushall()
    world.run(60)
    again = world.live(caller)
    assert (again.status, again.enqueued_ms, again.position_ms) == ("waiting", kept.enqueued_ms, kept.position_ms)


@pytest.mark.parametrize("way", ["voicemail", "callback"])
def test_answer_that_leads_out_is_the_same_when_the_network_asks_again(
    world_with: Make, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    world = overflowing(world_with, {"to": way, "when": "nobody_signed_in"})
    world.net.faults = Faults(repeated_requests=lambda fields: "QueueTime" in fields)
    answers, ask = [], world.web.open

    def open_(path: str, **request: Any) -> Any:
        answer = ask(path, **request)
        if path == "/voice/wait":
            answers.append(answer.get_data(as_text=True))
        return answer

    monkeypatch.setattr(world.web, "open", open_)
    caller = world.call(f"{IN_SALES}, wait")
    world.run(60, lambda: len(answers) > 1)
    assert answers[0] == answers[1]
    assert ("<Leave" if way == "voicemail" else "press 1") in answers[0]
    world.run(30)
    assert world.marks(caller).count("overflowed") == 1


# -- a callback that cannot be ----------------------------------------------------------------------------------------

CALL_ME = """
name: call_me
languages: [en]
default_language: en
start: callback
person: general
budget_s: {usual: 5, worst: 100}
nodes:
  callback: {type: callback, queue: sales, prompt: hello}
  general: {type: enqueue, queue: general}
prompts:
  hello: {en: We can call you back.}
"""
NOT_ON_THIS_NUMBER = [
    "We are sorry, we cannot call you back on this number.",
    "Please leave us a message instead.",
    "Please leave your message after the tone, with your name and what it is about. "
    "Press the hash key when you have finished.",
]


def menu_that_calls_back(world_with: Make, changes: dict[str, Any]) -> World:
    world = world_with(changes)
    world.center = replace(world.center, flow=load_flow(CALL_ME, "flow.yaml"))
    world.app.extensions["center"] = world.center
    return world


def test_caller_whom_we_cannot_call_back_leaves_a_message(world_with: Make) -> None:
    world = menu_that_calls_back(world_with, {})
    caller = world.call(f"{SPEAKS}, press 1 on gather, wait", "anonymous")
    assert ended(world, caller)["outcome"] == "voicemail"
    assert world.said(caller)[1:4] == NOT_ON_THIS_NUMBER
    assert [case.queue for case in world.center.history.cases.listed()] == ["sales"]


def test_caller_hears_why_and_goodbye_where_no_messages_are_taken(world_with: Make) -> None:
    world = menu_that_calls_back(world_with, {"voicemail.offered": False})
    caller = world.call("wait", "anonymous")
    ended(world, caller)
    goodbye = "Please call us again. Thank you for calling. Goodbye."
    assert world.said(caller)[1:] == [f"{NOT_ON_THIS_NUMBER[0]} {goodbye}"]


def test_caller_leaves_a_message_when_no_promise_can_be_written(
    world_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = menu_that_calls_back(world_with, {})

    def away(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("away"))

    monkeypatch.setattr(world.center.history.callbacks, "promise", away)
    caller = world.call(f"press 1 on gather, {SPEAKS}, press 1 on gather, wait", JIGNESH)
    assert ended(world, caller)["outcome"] == "voicemail"
    assert world.said(caller)[2:4] == ["We cannot promise a call at this moment.", NOT_ON_THIS_NUMBER[1]]
