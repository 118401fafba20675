"""/Recordings, of the account, of a call, of a conference: started, paused, stopped, read, played, deleted."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.names import rfc2822
from simulator.params import API_VERSION
from simulator.recordings import Recording, mp3, wav
from simulator.rest import calls, conferences
from simulator.rest.door import BASE, Form, RestFailure, form, in_span, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network

START_FIELDS = (
    "RecordingStatusCallback RecordingStatusCallbackMethod RecordingStatusCallbackEvent Trim RecordingChannels "
    "RecordingTrack"
)


def routes(net: "Network") -> Blueprint:
    """The routes of /Recordings."""
    door = Blueprint("recordings", __name__)

    @door.get("/Recordings.json")
    def index(account: str) -> Response:
        found = [one for one in reversed(net.recordings.by_sid.values()) if _asked_for(one)]
        return page(net, "Recordings", "recordings", found, lambda one: shown(net, one, "account"))

    @door.get("/Recordings/<sid>.json")
    def read(account: str, sid: str) -> Response:
        return json_answer(shown(net, _find(net, sid), "account"))

    @door.get("/Recordings/<sid>")
    @door.get("/Recordings/<sid>.<any(wav,mp3):kind>")
    def media(account: str, sid: str, kind: str = "wav") -> Response:
        recording = _find(net, sid)
        if recording.status != "completed":
            raise RestFailure(20404, f"{sid} is not ready")
        seconds = net.recordings.seconds(recording)
        if kind == "mp3":
            return Response(mp3(seconds), mimetype="audio/mpeg")
        return Response(wav(seconds, recording.channels), mimetype="audio/x-wav")

    @door.delete("/Recordings/<sid>.json")
    def remove(account: str, sid: str) -> Response:
        return _remove(net, _find(net, sid))

    _of_calls(net, door)
    _of_conferences(net, door)
    return door


def _of_calls(net: "Network", door: Blueprint) -> None:
    path = "/Calls/<call>/Recordings"

    @door.post(f"{path}.json")
    def start(account: str, call: str) -> Response:
        leg = calls.find(net, call)
        if leg.status != "in-progress":
            raise RestFailure(21220)
        asked = form(net, START_FIELDS)
        channels = {"mono": 1, "dual": 2}[asked.choice("RecordingChannels", "mono dual", "mono")]
        sink = asked.sink("RecordingStatusCallback", calls.RECORDING_EVENTS)
        track = asked.choice("RecordingTrack", "inbound outbound both", "both")
        recording = net.recordings.start("StartCallRecordingAPI", leg, channels=channels, sink=sink, track=track)
        return json_answer(shown(net, recording, "call"), 201)

    @door.get(f"{path}.json")
    def of_call(account: str, call: str) -> Response:
        leg = calls.find(net, call)
        found = net.recordings.of(leg)
        return page(net, f"Calls/{call}/Recordings", "recordings", found, lambda one: shown(net, one, "call"))

    def owned(call: str) -> list[Recording]:
        return net.recordings.of(calls.find(net, call))

    _one_of(net, door, path, "call", owned)


def _of_conferences(net: "Network", door: Blueprint) -> None:
    path = "/Conferences/<call>/Recordings"

    @door.get(f"{path}.json", endpoint="of_conference")
    def of_conference(account: str, call: str) -> Response:
        room = conferences.find(net, call)
        found = net.recordings.of(room)
        where = f"Conferences/{room.sid}/Recordings"
        return page(net, where, "recordings", found, lambda one: shown(net, one, "conference"))

    def owned(call: str) -> list[Recording]:
        return net.recordings.of(conferences.find(net, call))

    _one_of(net, door, path, "conference", owned)


def _one_of(net: "Network", door: Blueprint, path: str, owner: str, owned: Callable[[str], list[Recording]]) -> None:
    """Read, change and delete one recording of a call or conference; `Twilio.CURRENT` is the one that runs."""

    def one(call: str, sid: str) -> Recording:
        found = [r for r in owned(call) if r.sid == sid or (sid == "Twilio.CURRENT" and r.live)]
        if not found:
            raise RestFailure(20404, f"recording {sid}")
        return found[0]

    @door.get(f"{path}/<sid>.json", endpoint=f"read_{owner}")
    def read(account: str, call: str, sid: str) -> Response:
        return json_answer(shown(net, one(call, sid), owner))

    @door.post(f"{path}/<sid>.json", endpoint=f"change_{owner}")
    def change(account: str, call: str, sid: str) -> Response:
        recording = one(call, sid)
        _change(net, recording, form(net, "Status PauseBehavior"))
        return json_answer(shown(net, recording, owner))

    @door.delete(f"{path}/<sid>.json", endpoint=f"remove_{owner}")
    def remove(account: str, call: str, sid: str) -> Response:
        return _remove(net, one(call, sid))


def _change(net: "Network", recording: Recording, asked: Form) -> None:
    asked.required("Status")
    status = asked.choice("Status", "paused in-progress stopped")
    if not recording.live:
        raise RestFailure(21220, "the recording is over")
    if status == "stopped":
        net.recordings.stop(recording)
    elif status == "paused" and recording.status != "paused":
        net.recordings.pause(recording, asked.choice("PauseBehavior", "skip silence", "silence") == "skip")
    elif status == "in-progress" and recording.status == "paused":
        net.recordings.resume(recording)


def _remove(net: "Network", recording: Recording) -> Response:
    net.recordings.stop(recording)
    recording.status = "deleted"
    return Response(status=204)


def _find(net: "Network", sid: str) -> Recording:
    recording = net.recordings.by_sid.get(sid)
    wants_deleted = request.args.get("IncludeSoftDeleted", "").lower() == "true"
    if recording is None or (recording.status == "deleted" and not wants_deleted):
        raise RestFailure(20404, f"{BASE}/{net.account_sid}/Recordings/{sid}.json")
    return recording


def _asked_for(recording: Recording) -> bool:
    if recording.status == "deleted" and request.args.get("IncludeSoftDeleted", "").lower() != "true":
        return False
    leg_sid = recording.leg.sid if recording.leg else ""
    room_sid = recording.room.sid if recording.room else ""
    same = request.args.get("CallSid") in (None, "", leg_sid) and request.args.get("ConferenceSid") in (
        None,
        "",
        room_sid,
    )
    return same and in_span(recording.started_ms, "DateCreated")


def shown(net: "Network", recording: Recording, owner: str) -> dict[str, Any]:
    """A recording as Twilio shows it under the account, a call or a conference: the three differ by a few keys."""
    uri = f"{BASE}/{net.account_sid}/Recordings/{recording.sid}"
    done = recording.status in ("completed", "deleted")
    common: dict[str, Any] = {
        "account_sid": net.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.leg.sid if recording.leg else None,
        "conference_sid": recording.room.sid if recording.room else None,
        "date_created": rfc2822(recording.started_ms),
        "date_updated": rfc2822(recording.updated_ms),
        "start_time": rfc2822(recording.started_ms),
        "duration": str(net.recordings.seconds(recording)) if done else None,
        "sid": recording.sid,
        "price": None,
        "price_unit": "USD",
        "status": recording.status,
        "channels": recording.channels,
        "source": recording.source,
        "error_code": recording.error_code,
        "encryption_details": None,
        "uri": f"{uri}.json",
    }
    if owner == "call":
        common["track"] = recording.track
    if owner == "account":
        parts = ("add_on_results", "transcriptions")
        common["subresource_uris"] = {part: f"{uri}/{part.title().replace('_', '')}.json" for part in parts}
        common["media_url"] = net.recordings.url(recording)
    return common
