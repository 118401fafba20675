"""`/recordings`: what lies at the carrier, played to whoever is signed in. The carrier's own address is never told.

Who listened to what is an event of the call.
"""

import io
from typing import Any

from flask import Blueprint, abort, request, send_file
from sqlalchemy.exc import SQLAlchemyError

from cases.case import ERASED, Recording
from consoles import calls, lookups, room
from consoles.refusals import Refusal, unknown
from consoles.signin import who
from queues.answers import CarrierError
from queues.records import Change, Event

blueprint = Blueprint("recordings", __name__, url_prefix="/recordings")


@blueprint.get("/<sid>")
def play(sid: str) -> Any:
    """The recording as MP3; parts of it are given where they are asked for, so that a player can jump."""
    made = _known(sid)
    center = room.center()
    try:
        sound = center.carrier.recording(sid)
    except CarrierError:
        raise Refusal(502, "away", "The recording cannot be fetched from the phone network just now.") from None
    if request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        heard = Event("recording_heard", center.now_ms(), made.call, facts={"recording": sid, "who": who().name})
        center.live.commit(Change(events=(heard,)), center.now_ms())
    answer = send_file(io.BytesIO(sound), mimetype="audio/mpeg", conditional=True, etag=False)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _known(sid: str) -> Recording:
    """One of ours, for those who may hear it. Raises Refusal (404, 503)."""
    if not (who().watches or who().agent in room.center().plan.agents):
        abort(403, "Recordings are for agents and supervisors.")
    try:
        made = room.center().history.cases.recording(sid)
    except SQLAlchemyError:
        raise Refusal(503, "away", "Recordings cannot be looked up just now.") from None
    # A message is for whoever takes its case, the rest for those who were there.
    if made is None or (made.kind != "voicemail" and not _was_there(made.call)):
        raise unknown("recording", sid)
    if made.status == ERASED:
        raise Refusal(404, "erased", "This recording was erased. The call and what came of it are still there.")
    return made


def _was_there(sid: str) -> bool:
    call = lookups.call(room.center(), sid)
    return call is not None and calls.may_see(call)
