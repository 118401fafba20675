"""/Conferences: rooms read, ended, spoken to."""

from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.conferences import Conference
from simulator.legs import Target
from simulator.names import rfc2822
from simulator.params import API_VERSION
from simulator.rest.door import BASE, RestFailure, form, in_span, json_answer, page
from simulator.rooms import beside

if TYPE_CHECKING:
    from simulator.network import Network


def routes(net: "Network") -> Blueprint:
    """The routes of /Conferences."""
    door = Blueprint("conferences", __name__)

    @door.get("/Conferences.json")
    def index(account: str) -> Response:
        rooms = [room for room in reversed(net.conferences.by_sid.values()) if _asked_for(room)]
        return page(net, "Conferences", "conferences", rooms, lambda room: shown(net, room))

    @door.get("/Conferences/<sid>.json")
    def read(account: str, sid: str) -> Response:
        return json_answer(shown(net, find(net, sid)))

    @door.post("/Conferences/<sid>.json")
    def update(account: str, sid: str) -> Response:
        room, asked = find(net, sid), form(net, "Status AnnounceUrl AnnounceMethod")
        if room.status == "completed":
            raise RestFailure(20404, f"{room.sid} is over")
        if url := asked.url("AnnounceUrl"):
            _announce(net, room, Target(url, asked.method("AnnounceMethod")))
        if asked.choice("Status", "completed"):
            net.conferences.end(room, "conference-ended-via-api", None)
        return json_answer(shown(net, room))

    return door


def _announce(net: "Network", room: Conference, target: Target) -> None:
    """Everybody hears the document; one event tells its end."""
    for position, someone in enumerate(room.present()):
        on_end = partial(net.conferences.announced, room, None) if position == 0 else _nobody
        beside(net, someone.leg, "announcement", target, on_end)


def _nobody(ok: bool) -> None:
    """Who is told of the end at the other participants: one event is enough."""


def find(net: "Network", sid: str) -> Conference:
    """The room by its SID, or the live one by its name. Raises RestFailure 20404."""
    room = net.conferences.by_sid.get(sid) or net.conferences.live(sid)
    if room is None:
        raise RestFailure(20404, f"{BASE}/{net.account_sid}/Conferences/{sid}.json")
    return room


def _asked_for(room: Conference) -> bool:
    wanted = {"FriendlyName": room.name, "Status": room.status}
    same = all(request.args.get(name) in (None, "", value) for name, value in wanted.items())
    return same and in_span(room.created_ms, "DateCreated") and in_span(room.updated_ms, "DateUpdated")


def shown(net: "Network", room: Conference) -> dict[str, Any]:
    """A room as Twilio shows it."""
    uri = f"{BASE}/{net.account_sid}/Conferences/{room.sid}"
    return {
        "sid": room.sid,
        "account_sid": net.account_sid,
        "friendly_name": room.name,
        "status": room.status,
        "region": "us1",
        "api_version": API_VERSION,
        "date_created": rfc2822(room.created_ms),
        "date_updated": rfc2822(room.updated_ms),
        "reason_conference_ended": room.reason,
        "call_sid_ending_conference": room.ending_sid,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }
