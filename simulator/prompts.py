"""<Say>, <Play>, <Pause> and <Gather>: what is heard, for how long, and what is entered meanwhile.

A prompt under a Gather ends at the first key or word. Times of a Gather: `timeout` counts from the end of its prompts
and from each key (twilio.com/docs/voice/twiml/gather).
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from simulator.interpreter import Run, fetch
from simulator.legs import Ear, Target
from simulator.program import TIMEOUT, Steps
from simulator.twiml import Verb
from simulator.voices import LONGEST_TEXT, UNKNOWN_FILE_MS, file_ms, voice_fault

ENDLESS_LOOPS = 1000
SPEECH_PAUSE_MS = 1000
CONFIDENCE = "0.92"


@dataclass(frozen=True)
class Key:
    """Signal: one key was pressed."""

    key: str


@dataclass(frozen=True)
class Speech:
    """Signal: the person begins to say `text`, which takes `ms`."""

    text: str
    ms: int


def say(run: Run, verb: Verb, ear: Ear | None = None) -> Steps[Key | Speech | None]:
    """<Say>: its caption is heard at once, its length passes. Returns the input that cut it short."""
    voice, language = verb.get("voice"), verb.get("language")
    if fault := voice_fault(voice, language):
        run.net.warn(13512, f"<Say>: {fault}")
        return None
    if len(verb.text) > LONGEST_TEXT:
        run.net.warn(13520, f"<Say> of {len(verb.text)} characters, at most {LONGEST_TEXT}")
        return None
    run.net.note(run.leg, "say", verb.text, language or "en-US", voice)
    length_ms = run.net.speech_ms(verb.text) + verb.breaks_ms if verb.text else verb.breaks_ms
    return (yield from sound(run, length_ms * loops(verb), ear))


def play(run: Run, verb: Verb, ear: Ear | None = None) -> Steps[Key | Speech | None]:
    """<Play>: a sound by its address, or tones by `digits`."""
    if digits := verb.get("digits"):
        run.net.note(run.leg, "key", digits)
        return (yield from sound(run, sum({"w": 500, "W": 1000}.get(key, 200) for key in digits), ear))
    url = run.url(verb.text)
    run.net.note(run.leg, "play", url)
    length_ms = yield from _file_ms(run, url)
    return (yield from sound(run, length_ms * loops(verb), ear))


def pause(run: Run, verb: Verb, ear: Ear | None = None) -> Steps[Key | Speech | None]:
    """<Pause>: silence of whole seconds, 1 by default."""
    return (yield from sound(run, verb.number("length", 1) * 1000, ear))


PROMPTS = {"Say": say, "Play": play, "Pause": pause}


def prompt(run: Run, verb: Verb) -> Steps[Target | None]:
    """A prompt that stands by itself, and leads nowhere."""
    yield from PROMPTS[verb.tag](run, verb)
    return None


def loops(verb: Verb) -> int:
    """How often a prompt is heard: `loop`, where 0 stands for very often."""
    return verb.number("loop", 1) or ENDLESS_LOOPS


def sound(run: Run, ms: int, ear: Ear | None) -> Steps[Key | Speech | None]:
    """Let `ms` of sound pass; input for `ear` cuts it short and is returned."""
    due_ms = run.now_ms + ms
    while True:
        signal = yield due_ms
        if signal is TIMEOUT:
            return None
        if ear and isinstance(signal, Key | Speech):
            return signal


def _file_ms(run: Run, url: str) -> Steps[int]:
    """Length of a sound: its `seconds` hint, the header of a file on the document's own server, or a guess of 10 s."""
    hint = parse_qs(urlsplit(url).query).get("seconds", [""])[0]
    if hint.isdigit():
        return int(hint) * 1000
    if urlsplit(url).netloc != urlsplit(run.document.url).netloc:
        return UNKNOWN_FILE_MS
    if url not in run.net.file_lengths:
        outcome = yield from fetch(run, "media", "GET", url, {})
        if not outcome.ok:
            run.net.warn(outcome.error_code, f"<Play>: no file at {url}")
            return 0
        run.net.file_lengths[url] = file_ms(outcome.body)
    return run.net.file_lengths[url]


@dataclass
class _Entered:
    digits: str = ""
    finished_on: str = ""
    words: str = ""


def gather(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Gather>: keys or words, with the prompts inside it; leads to `action` (default: the same document)."""
    kinds = verb.words("input", "dtmf")
    ear = Ear("dtmf" in kinds, "speech" in kinds, run.program)
    first: Key | Speech | None = None
    try:
        run.net.listen_to(run.leg, ear)
        for child in verb.children:
            first = yield from PROMPTS[child.tag](run, child, ear)
            if first:
                break
        entered = yield from _collect(run, verb, first)
    except GeneratorExit:
        if run.program.why == "hung_up" and run.net.faults.gather_action_after_hangup:
            _tell_after_hangup(run, verb)
        raise
    finally:
        run.net.listen_to(run.leg, None)
    return _action(run, verb, entered)


def _tell_after_hangup(run: Run, verb: Verb) -> None:
    target = run.action(verb, {"Digits": "hangup"})
    if target:
        run.net.post_unanswered(run.leg, target)


def _collect(run: Run, verb: Verb, first: Key | Speech | None) -> Steps[_Entered]:
    timeout_ms = verb.number("timeout", 5) * 1000
    finish, most = verb.get("finishOnKey", "#"), verb.number("numDigits", 1000)
    entered = _Entered()
    due_ms = run.now_ms + timeout_ms
    signal: object = first
    while True:
        if isinstance(signal, Key):
            if signal.key in finish:
                entered.finished_on = signal.key
                return entered
            entered.digits += signal.key
            due_ms = run.now_ms + timeout_ms
            if len(entered.digits) >= most:
                return entered
        elif isinstance(signal, Speech) and not entered.digits:
            entered.words = signal.text
            _tell_partial(run, verb, signal)
            yield from sound(run, signal.ms + _speech_pause_ms(verb, timeout_ms), None)
            return entered
        elif signal is TIMEOUT:
            return entered
        signal = yield due_ms


def _tell_partial(run: Run, verb: Verb, speech: Speech) -> None:
    """Words while they are still spoken; the answer is ignored."""
    if url := verb.get("partialResultCallback"):
        extra = {"UnstableSpeechResult": speech.text, "Stability": CONFIDENCE}
        target = Target(run.url(url), verb.get("partialResultCallbackMethod", "POST"), extra=extra)
        run.net.post_unanswered(run.leg, target)


def _speech_pause_ms(verb: Verb, timeout_ms: int) -> int:
    given = verb.get("speechTimeout")
    if given == "auto":
        return SPEECH_PAUSE_MS
    return int(given) * 1000 if given.isdigit() else timeout_ms


def _action(run: Run, verb: Verb, entered: _Entered) -> Target | None:
    url = run.url(verb.get("action")) if verb.get("action") else run.document.url
    method = verb.get("method", "POST")
    if entered.words:
        return Target(url, method, extra={"SpeechResult": entered.words, "Confidence": CONFIDENCE})
    if not entered.digits and not verb.flag("actionOnEmptyResult"):
        return None
    extra = {"Digits": entered.digits, "FinishedOnKey": entered.finished_on, "msg": "Gather End"}
    if not entered.digits and run.net.faults.empty_digits == "absent":
        del extra["Digits"]
    return Target(url, method, extra=extra)
