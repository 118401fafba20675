"""Conferences: who is in which room, who hears whom, and the events that the first participant subscribed to.

Facts: twilio.com/docs/voice/twiml/conference. A room starts when two are in and one of them starts it; it ends when
its last participant leaves, when one leaves that ends it, or by REST. The room's callback URL and events are the
first participant's.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.callbacks import Sink
from simulator.legs import Leg, Target
from simulator.params import participant_flags
from simulator.program import Program

if TYPE_CHECKING:
    from simulator.network import Network

SHORT_EVENTS = {
    "start": ["conference-start"],
    "end": ["conference-end"],
    "join": ["participant-join"],
    "leave": ["participant-leave"],
    "mute": ["participant-mute", "participant-unmute"],
    "hold": ["participant-hold", "participant-unhold"],
    "modify": ["participant-modify"],
    "speaker": ["participant-speech-start", "participant-speech-stop"],
    "announcement": ["announcement-end", "announcement-fail"],
}
LARGEST_ROOM = 250
LONGEST_NAME = 128


@dataclass
class Entry:
    """How a leg asks to be in a room."""

    label: str = ""
    muted: bool = False
    starts: bool = True
    ends: bool = False
    coach_sid: str = ""
    coaching: bool = False
    beep: str = "true"
    most: int = LARGEST_ROOM
    wait: Target | None = None
    silent_wait: bool = False
    sink: Sink | None = None
    record: bool = False
    recording_sink: Sink | None = None


@dataclass
class Participant:
    """A leg in a room; `program` is told when the room lets it go. One that still rings has `joined` False."""

    leg: Leg
    entry: Entry
    program: Program | None
    created_ms: int
    joined: bool = False
    hold: bool = False
    updated_ms: int = 0

    @property
    def status(self) -> str:
        """As REST shows it: queued, connecting, ringing, connected, complete."""
        if self.joined:
            return "connected"
        return {"queued": "queued", "initiated": "connecting", "ringing": "ringing"}.get(self.leg.status, "complete")


@dataclass
class Conference:
    """One room; `participants` by leg SID, in the order of their coming."""

    sid: str
    name: str
    created_ms: int
    sink: Sink | None = None
    status: str = "init"
    participants: dict[str, Participant] = field(default_factory=dict)
    updated_ms: int = 0
    started_ms: int | None = None
    ended_ms: int | None = None
    reason: str | None = None
    ending_sid: str | None = None
    wants_recording: Participant | None = None

    def present(self) -> list[Participant]:
        """Those who are in, without those who still ring."""
        return [someone for someone in self.participants.values() if someone.joined]

    def find(self, name: str) -> Participant | None:
        """By the leg's SID or the participant's label."""
        by_label = (p for p in self.participants.values() if p.entry.label and p.entry.label == name)
        return self.participants.get(name) or next(by_label, None)

    def hears(self, listener: Participant, speaker: Participant) -> bool:
        """Whether `listener` hears `speaker`: hold deafens and silences, mute silences, a coach is heard by one."""
        if listener is speaker or self.status != "in-progress" or not (listener.joined and speaker.joined):
            return False
        if listener.hold or speaker.hold or speaker.entry.muted:
            return False
        return not speaker.entry.coaching or speaker.entry.coach_sid == listener.leg.sid


@dataclass(frozen=True)
class Released:
    """Signal: the room let the participant go, the room ended, or it was kicked."""

    conference_sid: str


class Conferences:
    """All rooms by SID; one live room per name."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self.by_sid: dict[str, Conference] = {}
        self._live: dict[str, Conference] = {}

    def live(self, name: str) -> Conference | None:
        """The room of that name that is not over, or None."""
        return self._live.get(name)

    def open(self, name: str, sink: Sink | None) -> Conference:
        """The live room of that name, made (with this subscription) if there is none."""
        room = self.live(name)
        if room is None:
            now_ms = self._net.clock.now_ms
            room = Conference(self._net.sids.make("CF"), name, now_ms, sink, updated_ms=now_ms)
            self.by_sid[room.sid] = self._live[name] = room
        return room

    def refusal(self, room: Conference, entry: Entry) -> tuple[int, str] | None:
        """Why this leg may not join (Twilio's code and words), or None."""
        label = entry.label
        if label and (other := room.find(label)) is not None and other.joined:
            return 16025, f"participant label {label!r} is in use in this conference"
        if entry.coaching and (room.find(entry.coach_sid) is None or room.status != "in-progress"):
            return 13240, f"coach names {entry.coach_sid}, which is not in a running conference of that name"
        if len(room.present()) >= min(entry.most, LARGEST_ROOM):
            return 13250, "the conference is full"
        return None

    def join(self, room: Conference, participant: Participant) -> None:
        """Come in; the room starts when that makes it two and one of them starts it."""
        participant.joined = True
        participant.updated_ms = room.updated_ms = self._net.clock.now_ms
        room.participants[participant.leg.sid] = participant
        if participant.entry.record and room.wants_recording is None:
            room.wants_recording = participant
        self._event(room, "participant-join", participant)
        present = room.present()
        if room.status == "init" and len(present) > 1 and any(p.entry.starts for p in present):
            self._begin(room)
        if room.status == "in-progress" and participant.entry.beep in ("true", "onEnter"):
            for someone in present:
                self._net.note(someone.leg, "beep")
        self.refresh(room)

    def _begin(self, room: Conference) -> None:
        room.status, room.started_ms = "in-progress", self._net.clock.now_ms
        self._event(room, "conference-start", None)
        for participant in room.present():
            self.silence(participant)
        if room.wants_recording:
            self._net.recordings.room_began(room, room.wants_recording.entry.recording_sink)

    def leave(self, room: Conference, participant: Participant, reason: str) -> None:
        """Go out, for `reason` (Twilio's ReasonParticipantLeft); may end the room. Going twice does nothing."""
        if room.participants.pop(participant.leg.sid, None) is None:
            return
        room.updated_ms = self._net.clock.now_ms
        self.silence(participant)
        self._net.set_talking(participant.leg, False)
        left = {"ParticipantCallStatus": participant.leg.status, "ReasonParticipantLeft": reason}
        was_in, participant.joined = participant.joined, False
        self._event(room, "participant-leave", participant, left)
        if was_in and participant.entry.ends and room.status != "completed":
            how = "kicked" if reason == "participant_updated_via_api" else "left"
            self.end(room, f"participant-with-end-conference-on-exit-{how}", participant)
        elif not room.participants and room.status != "completed":
            how = "kicked" if reason == "participant_updated_via_api" else "left"
            self.end(room, f"last-participant-{how}", participant)
        else:
            self.refresh(room)

    def end(self, room: Conference, reason: str, by: Participant | None) -> None:
        """End the room: everyone is let go and goes on with what comes after their Dial."""
        room.status, room.ended_ms, room.reason = "completed", self._net.clock.now_ms, reason
        room.ending_sid = by.leg.sid if by else None
        self._live.pop(room.name, None)
        via_api = reason == "conference-ended-via-api"
        for participant in list(room.participants.values()):
            if participant.program:
                participant.program.signal(Released(room.sid))
            self.leave(room, participant, "conference_ended_via_api" if via_api else "moderator_ended_conference")
        self._net.recordings.room_ended(room)
        told = {"ReasonConferenceEnded": reason, "Reason": _prose(reason, by)}
        if by:
            told["CallSidEndingConference"] = by.leg.sid
            if by.entry.label:
                told["ParticipantLabelEndingConference"] = by.entry.label
        self._event(room, "conference-end", None, told)

    def kick(self, room: Conference, participant: Participant) -> None:
        """Put somebody out; the leg goes on with what comes after its Dial."""
        if participant.program:
            participant.program.signal(Released(room.sid))
        self.leave(room, participant, "participant_updated_via_api")

    def refresh(self, room: Conference) -> None:
        """Work out who talks now: in a started room, not on hold, with somebody else there who is not on hold."""
        present = room.present()
        for someone in present:
            others = [p for p in present if p is not someone and not p.hold]
            self._net.set_talking(someone.leg, room.status == "in-progress" and not someone.hold and bool(others))

    def silence(self, participant: Participant) -> None:
        """Stop the wait or hold sound of a participant."""
        if participant.leg.side:
            participant.leg.side.stop("over")
            participant.leg.side = None

    def changed(self, room: Conference, participant: Participant, event: str) -> None:
        """Tell that a participant was muted, held or otherwise modified."""
        participant.updated_ms = self._net.clock.now_ms
        self._event(room, event, participant)
        self._net.recordings.hold_changed(room)
        self.refresh(room)

    def announced(self, room: Conference, participant: Participant | None, ok: bool) -> None:
        """Tell that an announcement is over."""
        self._event(room, "announcement-end" if ok else "announcement-fail", participant)

    def _event(
        self, room: Conference, event: str, participant: Participant | None, more: dict[str, str] | None = None
    ) -> None:
        params = {
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "AccountSid": self._net.account_sid,
            "StatusCallbackEvent": event,
        }
        if participant:
            entry = participant.entry
            params["CallSid"] = participant.leg.sid
            params |= participant_flags(entry.muted, participant.hold, entry.coaching, entry.ends, entry.starts)
            if entry.label:
                params["ParticipantLabel"] = entry.label
        self._net.callbacks.fire("conference", room.sid, room.sink, event, {**params, **(more or {})})
        leg = participant.leg.sid if participant else None
        self._net.tell(
            {"type": "conference", "conference": room.sid, "event": event, "call": leg, "at_ms": room.updated_ms}
        )


def _prose(reason: str, by: Participant | None) -> str:
    if by is None:
        return "Conference ended via API"
    who = f"label {by.entry.label}" if by.entry.label else f"CallSid {by.leg.sid}"
    return f"Participant with {who} {'was removed' if reason.endswith('kicked') else 'left'}"


def events_of(names: list[str]) -> frozenset[str]:
    """The full event names behind the short ones of `statusCallbackEvent`."""
    return frozenset(event for name in names for event in SHORT_EVENTS.get(name, []))
