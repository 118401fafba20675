"""Replies as TwiML: the only file that knows verbs.

Everything a leg hears passes through here on its way out of the doors. Texts and names go through Twilio's own builder,
which escapes them; but for the two addresses of a question, nothing is put together from strings. URLs come from the
door and may be relative to the document.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from xml.sax.saxutils import escape

from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from ivr import wording
from ivr.reply import Callback, Enqueue, Forward, HangUp, Listen, LookUp, Place, Prompt, Reply, Survey, Voicemail
from ivr.voices import VOICES

# Characters that XML cannot carry even when escaped; a caller's name may hold one.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Stands for an address in a document that is kept; no text holds it, because XML cannot carry it.
_CUT = "\0"
_ANYWHERE = Place("")
_IN_QUOTES = {'"': "&quot;"}

# Twilio refuses longer texts in one Say.
SAY_LIMIT = 4096

# Twilio refuses larger documents.
DOCUMENT_LIMIT = 64 * 1024

# A wait document is over after about this long: then Twilio asks for the next one, with fresh positions and estimates.
WAIT_S = 25

# An agent's plain phone decides within this time of answering; silence is a missed offer.
AGENT_DECIDES_S = 10


class Links(Protocol):
    """Where the network goes on with a reply; the door knows its own URLs."""

    def step(self, place: Place) -> str:
        """URL for the keys or words heard at a place."""

    def nothing(self, place: Place) -> str:
        """URL for when nothing was heard there."""

    def wait(self, enqueue: Enqueue) -> str:
        """URL of the wait document."""

    def left(self, enqueue: Enqueue) -> str:
        """URL for when the caller is out of the line, for whatever reason."""

    def callback(self, callback: Callback) -> str:
        """URL of the door that promises a callback."""

    def voicemail(self, voicemail: Voicemail) -> str:
        """URL of the door that takes a message."""

    def survey(self, survey: Survey) -> str:
        """URL of the door that asks how it was."""

    def forwarded(self, place: Place) -> str:
        """URL for when the conversation with another number is over, or never began."""

    def forward_answered(self) -> str:
        """URL that is told when another number answers."""

    def looked_up(self, place: Place) -> str:
        """URL at which the answer of the company's own service is waited for."""


def reply(reply: Reply, links: Links) -> str:
    """A menu step's reply as a document."""
    if isinstance(reply.then, Listen):
        return _question(reply.say, reply.then, links)
    response = VoiceResponse()
    _speak(response, reply.say)
    match reply.then:
        case Enqueue() as enqueue:
            left, wait = links.left(enqueue), links.wait(enqueue)
            response.enqueue(enqueue.queue, action=left, method="POST", wait_url=wait, wait_url_method="POST")
        case Callback() as callback:
            response.redirect(links.callback(callback), method="POST")
        case Voicemail() as voicemail:
            response.redirect(links.voicemail(voicemail), method="POST")
        case Survey() as survey:
            response.redirect(links.survey(survey), method="POST")
        case Forward(number, timeout_s, place):
            response.append(_dial(number, timeout_s, links.forwarded(place), links.forward_answered()))
        case LookUp() as look_up:
            response.redirect(links.looked_up(look_up.place), method="POST")
        case HangUp():
            response.hangup()
    return str(response)


def wait_document(
    messages: Sequence[Prompt], keys_url: str, music_url: str | None = None, again_url: str | None = None
) -> str:
    """What a caller hears in line: the messages, then music, with one key listened for throughout.

    Without music there is silence of the same length. When the document runs out Twilio asks for the wait URL again,
    or goes to `again_url`.
    """
    response = VoiceResponse()
    gather = _one_key(keys_url, timeout_s=1)
    _speak(gather, messages)
    if music_url:
        gather.play(music_url)
    else:
        gather.pause(length=WAIT_S)
    response.append(gather)
    if again_url:
        response.redirect(again_url, method="POST")
    return str(response)


def agent_prompt(text: str, language: str, action_url: str) -> str:
    """Ask the agent on a plain phone to press 1; all is over in 10 s, and an answering machine accepts nothing."""
    response = VoiceResponse()
    text = wording.shorten(text, seconds=AGENT_DECIDES_S - 2)
    gather = _one_key(action_url, timeout_s=int(AGENT_DECIDES_S - wording.seconds_to_say(text)))
    _speak(gather, [Prompt(text, language)])
    response.append(gather)
    response.hangup()
    return str(response)


def ask_keys(text: str, language: str, action_url: str, digits: int, before: Sequence[Prompt] = ()) -> str:
    """Ask for so many keys and take silence as none, so that the action is always asked; `before` is said first."""
    response = VoiceResponse()
    _speak(response, before)
    gather = _one_key(action_url, timeout_s=5, max_digits=digits)
    _speak(gather, [Prompt(text, language)])
    response.append(gather)
    response.redirect(action_url, method="POST")
    return str(response)


@dataclass(frozen=True, slots=True)
class Tape:
    """How a message is recorded: where the caller goes on, who is told of the file and of its words, and for how long.

    `action` is asked whether or not anything was heard. `words` is empty when nobody writes them down.
    """

    action: str
    ready: str
    words: str
    most_s: int
    silence_s: int
    finish: str = "#"


def record(say: Sequence[Prompt], tape: Tape) -> str:
    """Ask for a message and record it until #, silence or the longest. Silence stays in, so that lengths are true."""
    response = VoiceResponse()
    _speak(response, say)
    transcribe = {"transcribe": True, "transcribe_callback": tape.words} if tape.words else {}
    response.record(
        action=tape.action,
        method="POST",
        timeout=tape.silence_s,
        finish_on_key=tape.finish,
        max_length=tape.most_s,
        play_beep=True,
        trim="do-not-trim",
        recording_status_callback=tape.ready,
        recording_status_callback_method="POST",
        recording_status_callback_event="completed absent",
        **transcribe,
    )
    response.redirect(tape.action, method="POST")
    return str(response)


def say_and_hang_up(text: str, language: str) -> str:
    """Say something and end the leg."""
    response = VoiceResponse()
    _speak(response, [Prompt(text, language)])
    response.hangup()
    return str(response)


def conference(
    name: str,
    label: str,
    action_url: str,
    status_url: str,
    end_on_exit: bool,
    start_on_enter: bool = True,
    wait_url: str = "",
    say: Prompt | None = None,
) -> str:
    """Join a leg to the conference of its call; an empty `wait_url` is silence until someone else is there.

    Twilio takes status URL and events from the first leg that joins, so every leg is given the same.
    """
    response = VoiceResponse()
    _speak(response, [say] if say else [])
    dial = Dial(action=action_url, method="POST")
    dial.conference(
        name,
        beep="false",
        start_conference_on_enter=start_on_enter,
        end_conference_on_exit=end_on_exit,
        wait_url=wait_url,
        participant_label=label,
        status_callback=status_url,
        status_callback_method="POST",
        status_callback_event="start end join leave",
    )
    response.append(dial)
    return str(response)


def apology(language: str) -> str:
    """What a caller hears when we fail; in the second voice of the language, because the first may be what failed."""
    response = VoiceResponse()
    _speak(response, [Prompt(wording.say("apology", language), language)], fallback=True)
    response.hangup()
    return str(response)


def empty() -> str:
    """Nothing to do; the answer to a status webhook."""
    return str(VoiceResponse())


def leave(say: Sequence[Prompt] = ()) -> str:
    """Take the caller out of the line; only a wait document may say so."""
    response = VoiceResponse()
    _speak(response, say)
    response.leave()
    return str(response)


def dial(number: str, timeout_s: int, over_url: str, answered_url: str) -> str:
    """Ring another number for the caller; the call goes on at `over_url` when that is over."""
    response = VoiceResponse()
    response.append(_dial(number, timeout_s, over_url, answered_url))
    return str(response)


def redirect(url: str) -> str:
    """Go on at another URL."""
    response = VoiceResponse()
    response.redirect(url, method="POST")
    return str(response)


def say_and_go_on(say: Sequence[Prompt], url: str) -> str:
    """Say something and go on at another URL."""
    response = VoiceResponse()
    _speak(response, say)
    response.redirect(url, method="POST")
    return str(response)


def pause_and_redirect(url: str, seconds: int) -> str:
    """Wait a little, then go on at another URL: for what will be back in a moment."""
    response = VoiceResponse()
    response.pause(length=seconds)
    response.redirect(url, method="POST")
    return str(response)


def hang_up() -> str:
    """End the leg without a word."""
    response = VoiceResponse()
    response.hangup()
    return str(response)


def reject(busy: bool = False) -> str:
    """Refuse a call without answering it, which costs nothing."""
    response = VoiceResponse()
    response.reject(reason="busy" if busy else "rejected")
    return str(response)


def _question(say: tuple[Prompt, ...], listen: Listen, links: Links) -> str:
    """The same question is asked of many callers, each with addresses of their own: the rest is built once."""
    before, between, after = _cut_question(say, listen.language, listen.timeout_s, listen.max_digits, listen.hints)
    step, nothing = links.step(listen.place), links.nothing(listen.place)
    return f"{before}{escape(step, _IN_QUOTES)}{between}{escape(nothing)}{after}"


@lru_cache(maxsize=1024)
def _cut_question(
    say: tuple[Prompt, ...], language: str, timeout_s: int, max_digits: int, hints: tuple[str, ...]
) -> list[str]:
    """The document of a question, cut where its two addresses belong."""
    response = VoiceResponse()
    gather = _gather(Listen(_ANYWHERE, language, timeout_s, max_digits, hints), _CUT)
    _speak(gather, say)
    response.append(gather)
    response.redirect(_CUT, method="POST")
    return str(response).split(_CUT)


def _dial(number: str, timeout_s: int, over_url: str, answered_url: str) -> Dial:
    dial = Dial(action=over_url, method="POST", timeout=timeout_s)
    dial.number(
        number,
        status_callback=answered_url,
        status_callback_method="POST",
        status_callback_event="answered",
    )
    return dial


def _gather(listen: Listen, action: str) -> Gather:
    if not listen.hints:
        return _one_key(action, listen.timeout_s, listen.max_digits)
    return Gather(
        action=action,
        method="POST",
        input="dtmf speech",
        timeout=listen.timeout_s,
        speech_timeout="auto",
        num_digits=listen.max_digits,
        finish_on_key=_finish(listen.max_digits),
        hints=", ".join(listen.hints),
        language=_locale(listen.language),
    )


def _one_key(action: str, timeout_s: int, max_digits: int = 1) -> Gather:
    finish = _finish(max_digits)
    return Gather(
        action=action, method="POST", input="dtmf", timeout=timeout_s, num_digits=max_digits, finish_on_key=finish
    )


def _finish(max_digits: int) -> str:
    """With no finishing key, # is a key like any other: an option, or answered as a wrong one, not as silence."""
    return "" if max_digits == 1 else "#"


def _speak(into: VoiceResponse | Gather, prompts: Sequence[Prompt], fallback: bool = False) -> None:
    for prompt in prompts:
        if prompt.audio:
            into.play(prompt.audio)
            continue
        voice = VOICES[prompt.language if prompt.language in VOICES else wording.DEFAULT_LANGUAGE]
        name = voice.fallback if fallback else voice.voice
        into.say(_NOT_XML.sub("", prompt.text)[:SAY_LIMIT], voice=name, language=voice.locale)


def _locale(language: str) -> str:
    return VOICES[language if language in VOICES else wording.DEFAULT_LANGUAGE].locale
