"""<Record>, and the recordings that <Dial> makes: what is left behind by people who talk.

A <Record> hears the caller only; it ends by silence, by a key, by its length or by hanging up
(twilio.com/docs/voice/twiml/record).
"""

from dataclasses import dataclass, field

from simulator.callbacks import Sink
from simulator.interpreter import Run
from simulator.legs import Ear, Target
from simulator.program import TIMEOUT, Steps
from simulator.prompts import Key, Speech
from simulator.recordings import Recording, Transcription
from simulator.twiml import Verb

BEEP_MS = 500
LONGEST_TRANSCRIBED_S = 120
TRANSCRIBED_AFTER_MS = 5_000
ALL_KEYS = "1234567890*#"


@dataclass
class _Heard:
    key: str = ""
    words: list[str] = field(default_factory=list)


def record(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Record>: a beep, then the caller's message; always leads to `action` (default: the same document)."""
    ear = Ear(True, True, run.program, "record")
    if verb.flag("playBeep", True):
        run.net.note(run.leg, "beep")
        due_ms = run.now_ms + BEEP_MS
        while (yield due_ms) is not TIMEOUT:
            pass
    recording = run.net.recordings.start("RecordVerb", run.leg, sink=_sink(run, verb))
    heard = _Heard()
    try:
        run.net.listen_to(run.leg, ear)
        yield from _until_over(run, verb, heard)
    except GeneratorExit:
        if run.program.why == "hung_up":
            heard.key = "hangup"
            run.net.recordings.stop(recording)
            run.net.post_unanswered(run.leg, _action(run, verb, recording, heard))
        raise
    finally:
        run.net.listen_to(run.leg, None)
        run.net.recordings.stop(recording)
        if verb.flag("transcribe") or verb.get("transcribeCallback"):
            _transcribe(run, verb, recording, heard)
    return _action(run, verb, recording, heard)


def _until_over(run: Run, verb: Verb, heard: _Heard) -> Steps[None]:
    silence_ms = verb.number("timeout", 5) * 1000
    last_ms = run.now_ms + verb.number("maxLength", 3600) * 1000
    quiet_ms = run.now_ms + silence_ms if silence_ms else last_ms
    while True:
        signal = yield min(quiet_ms, last_ms)
        if signal is TIMEOUT:
            return
        if isinstance(signal, Key) and signal.key in verb.get("finishOnKey", ALL_KEYS):
            heard.key = signal.key
            return
        if isinstance(signal, Speech):
            heard.words.append(signal.text)
            quiet_ms = run.now_ms + signal.ms + silence_ms if silence_ms else last_ms


def _sink(run: Run, verb: Verb) -> Sink | None:
    url = verb.get("recordingStatusCallback")
    events = frozenset(verb.words("recordingStatusCallbackEvent", "completed"))
    return Sink(run.url(url), verb.get("recordingStatusCallbackMethod", "POST"), events) if url else None


def _action(run: Run, verb: Verb, recording: Recording, heard: _Heard) -> Target:
    url = run.url(verb.get("action")) if verb.get("action") else run.document.url
    extra = {**run.net.recordings.params(recording), "Digits": heard.key}
    return Target(url, verb.get("method", "POST"), extra=extra)


def _transcribe(run: Run, verb: Verb, recording: Recording, heard: _Heard) -> None:
    """Tell the words some seconds later; only recordings between 2 and 120 s are transcribed."""
    if not verb.get("transcribeCallback"):
        return
    net, url, sid = run.net, run.url(verb.get("transcribeCallback")), run.net.sids.make("TR")
    seconds = net.recordings.seconds(recording)
    fits = 2 < seconds < LONGEST_TRANSCRIBED_S
    text, status = (" ".join(heard.words), "completed") if fits else ("", "failed")
    extra = {
        "TranscriptionSid": sid,
        "TranscriptionText": text,
        "TranscriptionStatus": status,
        "TranscriptionUrl": f"{net.recordings.url(recording).rpartition('/Recordings')[0]}/Transcriptions/{sid}",
        "RecordingSid": recording.sid,
        "RecordingUrl": net.recordings.url(recording),
    }

    def tell() -> None:
        made = Transcription(sid, recording.sid, net.clock.now_ms, seconds, status, text)
        net.recordings.transcriptions[sid] = made
        net.post_unanswered(run.leg, Target(url, "POST", extra=extra))

    net.clock.after(TRANSCRIBED_AFTER_MS, tell)


def record_dial(run: Run, verb: Verb, moment: str) -> None:
    """Begin the recording that a <Dial> asks for, if this is its moment (from ringing, or from the answer)."""
    asked = verb.get("record", "do-not-record")
    asked = "record-from-answer" if asked == "true" else asked
    if asked.removesuffix("-dual") == moment:
        channels = 2 if asked.endswith("-dual") else 1
        track = verb.get("recordingTrack", "both")
        run.net.recordings.start("DialVerb", run.leg, channels=channels, sink=_sink(run, verb), track=track)
