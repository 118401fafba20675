"""Recordings of legs and conferences: started, paused, stopped, told about, and played back as a real sound file.

There is no audio on this network, so a file is a quiet tone (WAV) or silence (MP3) of the recording's length.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.callbacks import Sink
from simulator.conferences import Conference
from simulator.legs import Leg
from simulator.names import rfc2822

if TYPE_CHECKING:
    from simulator.network import Network

READY_AFTER_MS = 1000
RATE = 8000
TONE_HZ = 440
LOUDNESS = 3000


@dataclass
class Transcription:
    """What was understood of a recording. Twilio keeps it by itself: it outlives the recording."""

    sid: str
    recording: str
    made_ms: int
    seconds: int
    status: str
    text: str


@dataclass
class Recording:
    """What was recorded where. `counted_ms` is the length up to the last pause; what runs now began at `since_ms`."""

    sid: str
    source: str
    owner: Leg | Conference
    started_ms: int
    channels: int = 1
    track: str = "both"
    sink: Sink | None = None
    status: str = "in-progress"
    counted_ms: int = 0
    since_ms: int | None = None
    updated_ms: int = 0
    error_code: int | None = None

    @property
    def leg(self) -> Leg | None:
        """The leg it records, if it is one."""
        return self.owner if isinstance(self.owner, Leg) else None

    @property
    def room(self) -> Conference | None:
        """The conference it records, if it is one."""
        return self.owner if isinstance(self.owner, Conference) else None

    def length_ms(self, now_ms: int) -> int:
        """How long it is so far."""
        return self.counted_ms + (0 if self.since_ms is None else now_ms - self.since_ms)

    @property
    def live(self) -> bool:
        """Whether it still runs (or is paused)."""
        return self.status in ("in-progress", "paused")


class Recordings:
    """All recordings by SID."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self.by_sid: dict[str, Recording] = {}
        self._by_owner: dict[str, list[Recording]] = {}
        self.transcriptions: dict[str, Transcription] = {}

    def start(
        self, source: str, owner: Leg | Conference, channels: int = 1, sink: Sink | None = None, track: str = "both"
    ) -> Recording:
        """Begin to record a leg or a room; `source` says who asked (Twilio's RecordingSource)."""
        now_ms = self._net.clock.now_ms
        sid = self._net.sids.make("RE")
        recording = Recording(sid, source, owner, now_ms, channels, track, sink, since_ms=now_ms, updated_ms=now_ms)
        self.by_sid[sid] = recording
        self._by_owner.setdefault(owner.sid, []).append(recording)
        self._tell(recording, "in-progress")
        return recording

    def pause(self, recording: Recording, skip: bool) -> None:
        """Pause; `skip` leaves the gap out of the file, otherwise it is silence."""
        self._count(recording)
        recording.status = "paused"
        if not skip:
            recording.since_ms = self._net.clock.now_ms

    def resume(self, recording: Recording) -> None:
        """Go on after a pause."""
        self._count(recording)
        recording.status, recording.since_ms = "in-progress", self._net.clock.now_ms

    def stop(self, recording: Recording) -> None:
        """Stop for good; the file is ready, and told about, a second later."""
        if not recording.live:
            return
        self._count(recording)
        recording.status = "processing"
        self._net.clock.after(READY_AFTER_MS, lambda: self._ready(recording))

    def _ready(self, recording: Recording) -> None:
        if recording.status == "deleted":
            return
        recording.status = "completed"
        recording.updated_ms = self._net.clock.now_ms
        self._tell(recording, "completed")

    def _count(self, recording: Recording) -> None:
        now_ms = self._net.clock.now_ms
        recording.counted_ms, recording.since_ms = recording.length_ms(now_ms), None
        recording.updated_ms = now_ms

    # whose recordings

    def of(self, owner: Leg | Conference) -> list[Recording]:
        """Those of this leg or room, oldest first."""
        return list(self._by_owner.get(owner.sid, ()))

    def leg_ended(self, leg: Leg) -> None:
        """Stop what recorded this leg."""
        for recording in self.of(leg):
            self.stop(recording)

    def room_began(self, room: Conference, sink: Sink | None) -> None:
        """A room that asked to be recorded has started."""
        self.start("Conference", room, sink=sink)

    def room_ended(self, room: Conference) -> None:
        """Stop what recorded this room."""
        for recording in self.of(room):
            self.stop(recording)

    def hold_changed(self, room: Conference) -> None:
        """Whether the time of an individual hold is in a conference's recording is an open point: a switch decides."""
        if self._net.faults.recording_contains_hold:
            return
        held = any(participant.hold for participant in room.present())
        for recording in self.of(room):
            if recording.status == "in-progress" and held == (recording.since_ms is not None):
                self._count(recording)
                recording.since_ms = None if held else self._net.clock.now_ms

    def created_with(self, leg: Leg) -> dict[str, str]:
        """What the last status webhook says about the recording that a created call asked for."""
        return next((self.params(r) for r in self.of(leg) if r.source == "OutboundAPI"), {})

    def end_dial(self, leg: Leg) -> dict[str, str]:
        """Stop the recording of the leg's <Dial>, if there is one, and what the Dial action says about it."""
        for recording in self.of(leg):
            if recording.source == "DialVerb" and recording.live:
                self.stop(recording)
                return self.params(recording)
        return {}

    # how it is told

    def url(self, recording: Recording) -> str:
        """Where the file is; without an extension it is a WAV file."""
        return f"{self._net.base_url}/2010-04-01/Accounts/{self._net.account_sid}/Recordings/{recording.sid}"

    def seconds(self, recording: Recording) -> int:
        """Its length as Twilio tells it: whole seconds, at least one."""
        return max(1, round(recording.length_ms(self._net.clock.now_ms) / 1000))

    def params(self, recording: Recording) -> dict[str, str]:
        """RecordingUrl, RecordingSid, RecordingDuration."""
        return {
            "RecordingUrl": self.url(recording),
            "RecordingSid": recording.sid,
            "RecordingDuration": str(self.seconds(recording)),
        }

    def _tell(self, recording: Recording, event: str) -> None:
        params = {"AccountSid": self._net.account_sid}
        if recording.leg:
            params["CallSid"] = recording.leg.sid
        if recording.room:
            params["ConferenceSid"] = recording.room.sid
        params |= self.params(recording) | {
            "RecordingStatus": event,
            "RecordingChannels": str(recording.channels),
            "RecordingStartTime": rfc2822(recording.started_ms),
            "RecordingSource": recording.source,
            "RecordingTrack": recording.track,
            "ErrorCode": "0",
        }
        if event == "in-progress":
            del params["RecordingDuration"]
        self._net.callbacks.fire("recording", recording.sid, recording.sink, event, params)


def wav(seconds: int, channels: int) -> Iterator[bytes]:
    """A WAV file (8 kHz, 16 bit) with a quiet tone of that length, second by second."""
    size = seconds * RATE * 2 * channels
    header = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, channels, RATE, RATE * 2 * channels, 2 * channels, 16)  # fmt: skip # noqa: E501
    yield header + struct.pack("<4sI", b"data", size)
    samples = (round(LOUDNESS * math.sin(2 * math.pi * TONE_HZ * n / RATE)) for n in range(RATE))
    second = b"".join(struct.pack("<h", sample) * channels for sample in samples)
    for _ in range(seconds):
        yield second


def mp3(seconds: int) -> Iterator[bytes]:
    """An MP3 file of silence: MPEG 1 layer III frames, 64 kbit/s mono at 48 kHz, 24 ms and 192 bytes each."""
    frame = b"\xff\xfb\x54\xc0" + bytes(188)
    for _ in range(seconds):
        yield frame * 42
