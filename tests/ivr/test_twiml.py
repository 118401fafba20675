"""Documents: well formed, only with verbs and attributes that Twilio has, and true to the reply."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from ivr import twiml, wording
from ivr.flow import Flow
from ivr.step import (
    Callback,
    Caller,
    Enqueue,
    Forward,
    HangUp,
    Keys,
    Listen,
    Nothing,
    Place,
    Prompt,
    Reply,
    Survey,
    Voicemail,
    start,
    step,
)
from ivr.voices import VOICES

# The part of Twilio's published TwiML that we use: element → its attributes and the elements that may stand in it.
ALLOWED: dict[str, tuple[set[str], set[str]]] = {
    "Response": (set(), {"Gather", "Say", "Play", "Pause", "Redirect", "Enqueue", "Dial", "Hangup", "Leave", "Reject"}),
    "Gather": (
        {"action", "method", "input", "timeout", "speechTimeout", "numDigits", "finishOnKey", "hints", "language"},
        {"Say", "Play", "Pause"},
    ),
    "Say": ({"voice", "language"}, set()),
    "Play": (set(), set()),
    "Pause": ({"length"}, set()),
    "Redirect": ({"method"}, set()),
    "Enqueue": ({"action", "method", "waitUrl", "waitUrlMethod"}, set()),
    "Dial": ({"action", "method", "timeout"}, {"Conference", "Number"}),
    "Number": ({"statusCallback", "statusCallbackMethod", "statusCallbackEvent"}, set()),
    "Conference": (
        {"beep", "startConferenceOnEnter", "endConferenceOnExit", "waitUrl", "participantLabel"}
        | {"statusCallback", "statusCallbackMethod", "statusCallbackEvent"},
        set(),
    ),
    "Hangup": (set(), set()),
    "Leave": (set(), set()),
    "Reject": ({"reason"}, set()),
}
IN_LINE = {"Play", "Say", "Pause", "Hangup", "Redirect", "Leave", "Gather"}


class Links:
    """The door's URLs, as a door would write them."""

    def step(self, place: Place) -> str:
        return f"/voice/step?{urlencode(place.to_query())}"

    def nothing(self, place: Place) -> str:
        return f"/voice/nothing?{urlencode(place.to_query())}"

    def wait(self, enqueue: Enqueue) -> str:
        return f"/voice/wait?q={enqueue.queue}&l={enqueue.language}"

    def left(self, enqueue: Enqueue) -> str:
        return f"/voice/left?q={enqueue.queue}"

    def callback(self, callback: Callback) -> str:
        return f"/voice/callback?q={callback.queue}"

    def voicemail(self, voicemail: Voicemail) -> str:
        return f"/voice/voicemail?q={voicemail.queue}"

    def survey(self, survey: Survey) -> str:
        return f"/voice/survey?l={survey.language}"

    def forwarded(self, place: Place) -> str:
        return f"/voice/forwarded?{urlencode(place.to_query())}"

    def forward_answered(self) -> str:
        return "/voice/forward-answered"

    def looked_up(self, place: Place) -> str:
        return f"/voice/looked-up?{urlencode(place.to_query())}"


def read(document: str) -> ElementTree.Element:
    """The document's tree, every element and attribute of it allowed at Twilio."""
    root = ElementTree.fromstring(document)
    assert root.tag == "Response"
    for element in root.iter():
        attributes, children = ALLOWED[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children
    return root


def said(element: ElementTree.Element) -> list[tuple[str | None, str | None]]:
    return [(say.get("language"), say.text) for say in element.iter("Say")]


KEYS = st.sampled_from("12349*0").map(Keys) | st.just(Nothing())


@given(st.lists(KEYS, max_size=7), st.integers(1_790_000_000_000, 1_830_000_000_000))
def test_every_reply_of_the_menu_is_a_document_that_says_it(flow: Flow, heard: list[Keys | Nothing], now: int) -> None:
    reply = start(flow, Caller(), now)
    for one in heard:
        if isinstance(reply.then, Listen):
            reply = step(flow, reply.then.place, one, Caller(), now)
    root = read(twiml.reply(reply, Links()))
    assert said(root) == [(VOICES[prompt.language].locale, prompt.text) for prompt in reply.say]
    last = {Listen: "Redirect", Enqueue: "Enqueue", HangUp: "Hangup"}[type(reply.then)]
    assert root[-1].tag == last


def test_a_question_can_be_answered_while_it_is_spoken() -> None:
    place = Place("main", 1, "hi", ("language",), 3)
    reply = Reply((Prompt("नमस्ते", "hi"), Prompt("", "hi", "/audio/a.wav")), Listen(place, "hi", 4), "hi")
    gather, redirect = read(twiml.reply(reply, Links()))
    assert gather.attrib == {
        "action": "/voice/step?n=main&t=1&l=hi&b=language&s=3",
        "method": "POST",
        "input": "dtmf",
        "timeout": "4",
        "numDigits": "1",
        "finishOnKey": "",
    }
    assert [(child.tag, child.text) for child in gather] == [("Say", "नमस्ते"), ("Play", "/audio/a.wav")]
    assert redirect.text == "/voice/nothing?n=main&t=1&l=hi&b=language&s=3"


def test_a_question_with_phrases_listens_to_words_in_its_language() -> None:
    listen = Listen(Place("top"), "gu", hints=("બિલ", "મદદ"))
    gather = read(twiml.reply(Reply((), listen, "gu"), Links()))[0]
    assert (gather.get("input"), gather.get("hints"), gather.get("language")) == ("dtmf speech", "બિલ, મદદ", "gu-IN")
    assert gather.get("finishOnKey") == "", "# is a key of the menu, not its end"


def test_a_caller_goes_in_line_with_both_urls() -> None:
    (enqueue,) = read(twiml.reply(Reply((), Enqueue("sales", "te"), "te"), Links()))
    assert enqueue.text == "sales"
    assert enqueue.get("waitUrl") == "/voice/wait?q=sales&l=te"
    assert enqueue.get("action") == "/voice/left?q=sales"


@pytest.mark.parametrize(
    ("then", "url"),
    [
        (Callback("sales", "te"), "/voice/callback?q=sales"),
        (Voicemail("sales", "te"), "/voice/voicemail?q=sales"),
        (Survey("te"), "/voice/survey?l=te"),
    ],
)
def test_other_doors_are_reached_after_what_is_said(then: Callback | Voicemail | Survey, url: str) -> None:
    say, redirect = read(twiml.reply(Reply((Prompt("నమస్కారం", "te"),), then, "te"), Links()))
    assert (say.text, redirect.tag, redirect.text) == ("నమస్కారం", "Redirect", url)


def test_a_forwarded_caller_comes_back_to_the_menu_and_the_answer_is_told() -> None:
    forward = Forward("+919812345009", 25, Place("night", language="hi", turns=2))
    (dial,) = read(twiml.reply(Reply((), forward, "hi"), Links()))
    assert (dial.get("action"), dial.get("timeout")) == ("/voice/forwarded?n=night&l=hi&s=2", "25")
    assert (dial[0].text, dial[0].get("statusCallback")) == ("+919812345009", "/voice/forward-answered")
    assert dial[0].get("statusCallbackEvent") == "answered"


ADDRESSES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=20)


@given(
    st.lists(st.text(max_size=10), max_size=2), ADDRESSES, ADDRESSES, st.sampled_from([(), ("sales", 'a "b" & <c>')])
)
def test_a_kept_question_is_what_twilios_builder_makes(
    say: list[str], action: str, nothing: str, hints: tuple[str, ...]
) -> None:
    class Here(Links):
        def step(self, place: Place) -> str:
            return action

        def nothing(self, place: Place) -> str:
            return nothing

    listen = Listen(Place("main"), "en", 4, hints=hints)
    response = VoiceResponse()
    gather = twiml._gather(listen, action)
    twiml._speak(gather, [Prompt(text, "en") for text in say])
    response.append(gather)
    response.redirect(nothing, method="POST")
    asked = Reply(tuple(Prompt(text, "en") for text in say), listen, "en")
    assert [twiml.reply(asked, Here()) for _ in range(2)] == [str(response)] * 2


@given(st.text())
def test_no_text_breaks_out_of_its_document(text: str) -> None:
    (say,) = read(twiml.say_and_hang_up(text, "en")).iter("Say")
    assert len(say) == 0


def test_what_xml_cannot_carry_is_left_out() -> None:
    assert said(read(twiml.say_and_hang_up("a\x00b\ud800<c>&\ufffe", "en"))) == [("en-IN", "ab<c>&")]


def test_a_text_is_cut_at_the_limit_of_one_say() -> None:
    assert said(read(twiml.say_and_hang_up("x" * 5000, "en"))) == [("en-IN", "x" * 4096)]


@pytest.mark.parametrize(("music", "verb"), [("/voice/music.wav", "Play"), (None, "Pause")])
def test_a_wait_document_listens_for_a_key_throughout(music: str | None, verb: str) -> None:
    messages = [Prompt(wording.say("in_line", "gu"), "gu")]
    root = read(twiml.wait_document(messages, "/voice/keys?c=1", music, "/voice/wait?c=1"))
    assert {element.tag for element in root.iter()} - {"Response"} <= IN_LINE
    gather, again = root
    assert [child.tag for child in gather] == ["Say", verb]
    assert (gather.get("action"), gather.get("numDigits")) == ("/voice/keys?c=1", "1")
    assert again.text == "/voice/wait?c=1"


def test_a_wait_document_without_more_to_come_ends_by_itself() -> None:
    assert [element.tag for element in read(twiml.wait_document([], "/voice/keys"))] == ["Gather"]


@pytest.mark.parametrize("words", [1, 12, 60])
@pytest.mark.parametrize("word", ["call", "ప్రతినిధి"])
def test_an_agents_phone_hangs_up_ten_seconds_after_it_answers(words: int, word: str) -> None:
    gather, hangup = read(twiml.agent_prompt(" ".join([word] * words), "te", "/agent/accept?o=3"))
    text = gather[0].text or ""
    assert gather.get("numDigits") == "1"
    assert gather.get("action") == "/agent/accept?o=3"
    assert 8 < wording.seconds_to_say(text) + int(gather.get("timeout") or 0) <= 10
    assert hangup.tag == "Hangup"


def test_every_leg_joins_a_conference_that_tells_us_the_same() -> None:
    caller = read(twiml.conference("call-1", "caller", "/left?1", "/status", end_on_exit=True))[0]
    agent = read(twiml.conference("call-1", "agent", "/left?2", "/status", end_on_exit=False, wait_url="/ring"))[0]
    assert (caller.get("action"), agent.get("action")) == ("/left?1", "/left?2")
    assert caller[0].attrib == {
        "beep": "false",
        "startConferenceOnEnter": "true",
        "endConferenceOnExit": "true",
        "waitUrl": "",
        "participantLabel": "caller",
        "statusCallback": "/status",
        "statusCallbackMethod": "POST",
        "statusCallbackEvent": "start end join leave",
    }
    changed = {"endConferenceOnExit": "false", "waitUrl": "/ring", "participantLabel": "agent"}
    assert agent[0].attrib == caller[0].attrib | changed
    assert (agent[0].text, caller[0].text) == ("call-1", "call-1")


@pytest.mark.parametrize("language", ["en", "hi", "gu", "te"])
def test_the_apology_is_spoken_by_the_second_voice(language: str) -> None:
    say, hangup = read(twiml.apology(language))
    assert (say.get("voice"), say.text) == (VOICES[language].fallback, wording.say("apology", language))
    assert hangup.tag == "Hangup"


def test_an_unknown_language_is_spoken_in_english() -> None:
    assert said(read(twiml.apology("xx"))) == [("en-IN", wording.say("apology", "en"))]


def test_the_short_documents() -> None:
    documents = [twiml.empty(), twiml.leave(), twiml.redirect("/x?a=1&b=2"), twiml.reject(), twiml.reject(busy=True)]
    assert [[(verb.tag, verb.attrib, verb.text) for verb in read(document)] for document in documents] == [
        [],
        [("Leave", {}, None)],
        [("Redirect", {"method": "POST"}, "/x?a=1&b=2")],
        [("Reject", {"reason": "rejected"}, None)],
        [("Reject", {"reason": "busy"}, None)],
    ]
