"""/Recordings/{sid}/Transcriptions: what was understood of a recording, read and deleted; it outlives the recording."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from simulator.names import rfc2822
from simulator.params import API_VERSION
from simulator.recordings import Transcription
from simulator.rest.door import BASE, RestFailure, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network

PATH = "/Recordings/<recording>/Transcriptions"


def routes(net: "Network") -> Blueprint:
    """The routes of a recording's transcriptions."""
    door = Blueprint("transcriptions", __name__)

    @door.get(f"{PATH}.json")
    def index(account: str, recording: str) -> Response:
        if recording not in net.recordings.by_sid:
            raise RestFailure(20404, recording)
        found = [one for one in net.recordings.transcriptions.values() if one.recording == recording]
        where = f"Recordings/{recording}/Transcriptions"
        return page(net, where, "transcriptions", found, lambda one: shown(net, one))

    @door.get(f"{PATH}/<sid>.json")
    def read(account: str, recording: str, sid: str) -> Response:
        return json_answer(shown(net, _find(net, recording, sid)))

    @door.delete(f"{PATH}/<sid>.json")
    def remove(account: str, recording: str, sid: str) -> Response:
        del net.recordings.transcriptions[_find(net, recording, sid).sid]
        return Response(status=204)

    return door


def _find(net: "Network", recording: str, sid: str) -> Transcription:
    found = net.recordings.transcriptions.get(sid)
    if found is None or found.recording != recording:
        raise RestFailure(20404, f"transcription {sid}")
    return found


def shown(net: "Network", found: Transcription) -> dict[str, Any]:
    """A transcription as Twilio shows it."""
    return {
        "account_sid": net.account_sid,
        "api_version": API_VERSION,
        "date_created": rfc2822(found.made_ms),
        "date_updated": rfc2822(found.made_ms),
        "duration": str(found.seconds),
        "price": None,
        "price_unit": "USD",
        "recording_sid": found.recording,
        "sid": found.sid,
        "status": found.status,
        "transcription_text": found.text,
        "type": "fast",
        "uri": f"{BASE}/{net.account_sid}/Recordings/{found.recording}/Transcriptions/{found.sid}.json",
    }
