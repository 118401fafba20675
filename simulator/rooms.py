"""<Dial><Conference>: a leg's way through a room, and the sounds played beside it (waiting, hold, announcements).

A wait document is not asked for again when it runs out; silence follows (twilio.com/docs/voice/twiml/conference).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.callbacks import Sink
from simulator.conferences import LONGEST_NAME, Conference, Entry, Participant, Released, events_of
from simulator.interpreter import DocumentFailed, HangUp, Run, follow
from simulator.legs import Leg, Target
from simulator.program import Program, Steps
from simulator.twiml import Verb

if TYPE_CHECKING:
    from simulator.network import Network


@dataclass(frozen=True)
class WaitFailed:
    """Signal: the wait document could not be run, so the leg is not in the room."""


def dial_conference(run: Run, verb: Verb, noun: Verb) -> Steps[dict[str, str]]:
    """Be in the room until let go. The Dial action is told `answered`, or `failed` when the leg could not join."""
    if not 0 < len(noun.text) <= LONGEST_NAME:
        raise DocumentFailed(13224, f"conference name of {len(noun.text)} characters", run.document.url)
    entry = _entry(run, noun)
    room = run.net.conferences.open(noun.text, entry.sink)
    if refusal := run.net.conferences.refusal(room, entry):
        run.net.warn(*refusal)
        return {"DialCallStatus": "failed"}
    participant = Participant(run.leg, entry, run.program, run.now_ms)
    status = yield from stay(run, room, participant)
    return {"DialCallStatus": status}


def stay(run: Run, room: Conference, participant: Participant) -> Steps[str]:
    """Join, and stay until the room lets go; taken away from outside, the room is told why."""
    reason = "participant_hung_up"
    try:
        run.net.conferences.join(room, participant)
        if room.status == "init":
            _wait(run, participant)
        while True:
            signal = yield None
            if isinstance(signal, Released) and signal.conference_sid == room.sid:
                return "answered"
            if isinstance(signal, WaitFailed):
                return "failed"
    except GeneratorExit:
        if run.program.why == "redirected":
            reason = "participant_updated_via_api"
        raise
    finally:
        run.net.conferences.leave(room, participant, reason)


def _entry(run: Run, noun: Verb) -> Entry:
    wait_url = noun.get("waitUrl")
    return Entry(
        label=noun.get("participantLabel"),
        muted=noun.flag("muted"),
        starts=noun.flag("startConferenceOnEnter", True),
        ends=noun.flag("endConferenceOnExit"),
        coach_sid=noun.get("coach"),
        coaching=bool(noun.get("coach")),
        beep=noun.get("beep", "true"),
        most=noun.number("maxParticipants", 250),
        wait=Target(run.url(wait_url), noun.get("waitMethod", "POST")) if wait_url else None,
        silent_wait="waitUrl" in noun.attributes and not wait_url,
        sink=_sink(run, noun, "statusCallback", events_of(noun.words("statusCallbackEvent"))),
        record=noun.get("record") == "record-from-start",
        recording_sink=_sink(
            run, noun, "recordingStatusCallback", frozenset(noun.words("recordingStatusCallbackEvent", "completed"))
        ),
    )


def _sink(run: Run, noun: Verb, name: str, events: frozenset[str]) -> Sink | None:
    url = noun.get(name)
    return Sink(run.url(url), noun.get(f"{name}Method", "POST"), events) if url else None


def _wait(run: Run, participant: Participant) -> None:
    """What is heard until the room starts: the wait document once, the network's music, or nothing."""
    if participant.entry.wait is None:
        if not participant.entry.silent_wait:
            run.net.note(run.leg, "music", "conference music of the network")
        return
    beside(run.net, run.leg, "conference wait", participant.entry.wait, lambda ok: _waited(run, ok))


def _waited(run: Run, ok: bool) -> None:
    if not ok:
        run.program.signal(WaitFailed())


def beside(net: "Network", leg: Leg, place: str, target: Target, on_end: Callable[[bool], None]) -> None:
    """Play a document beside the leg's own; `on_end` is told whether it could be run."""
    if leg.side:
        leg.side.stop("replaced")
    side = Program(net.clock)
    leg.side = side
    outcome = [True]
    side.start(_beside(Run(net, leg, side, place), target, outcome), lambda: on_end(outcome[0]))


def _beside(run: Run, target: Target, outcome: list[bool]) -> Steps[None]:
    try:
        yield from follow(run, target)
    except (DocumentFailed, HangUp):
        outcome[0] = False
