"""/Conferences/{CF}/Participants: legs dialled into a room, muted, held, coached, put out."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.callbacks import Sink
from simulator.conferences import Conference, Entry, Participant, events_of
from simulator.interpreter import Run
from simulator.legs import Leg, Target
from simulator.names import rfc2822
from simulator.program import Program, Steps
from simulator.rest.calls import AMD_FIELDS, EVENTS, RECORDING_EVENTS, check_line
from simulator.rest.conferences import find
from simulator.rest.door import BASE, Form, RestFailure, form, json_answer, page
from simulator.rooms import beside, stay

if TYPE_CHECKING:
    from simulator.network import Network

CREATE_FIELDS = (
    "From To StatusCallback StatusCallbackMethod StatusCallbackEvent Label Timeout Record Muted Beep "
    "StartConferenceOnEnter EndConferenceOnExit WaitUrl WaitMethod EarlyMedia MaxParticipants ConferenceRecord "
    "ConferenceTrim ConferenceStatusCallback ConferenceStatusCallbackMethod ConferenceStatusCallbackEvent "
    "RecordingChannels RecordingStatusCallback RecordingStatusCallbackMethod RecordingStatusCallbackEvent "
    "ConferenceRecordingStatusCallback ConferenceRecordingStatusCallbackMethod "
    "ConferenceRecordingStatusCallbackEvent Coaching CallSidToCoach JitterBufferSize Byoc CallerId CallReason "
    "RecordingTrack TimeLimit Region SipAuthUsername SipAuthPassword AmdStatusCallback AmdStatusCallbackMethod "
    f"Trim CallToken ClientNotificationUrl CallerDisplayName {AMD_FIELDS}"
)
UPDATE_FIELDS = (
    "Muted Hold HoldUrl HoldMethod AnnounceUrl AnnounceMethod WaitUrl WaitMethod BeepOnExit EndConferenceOnExit "
    "Coaching CallSidToCoach"
)
ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")


def routes(net: "Network") -> Blueprint:
    """The routes of /Participants."""
    door = Blueprint("participants", __name__)
    path = "/Conferences/<conference>/Participants"

    @door.post(f"{path}.json")
    def create(account: str, conference: str) -> Response:
        room, participant = dial_in(net, conference, form(net, CREATE_FIELDS))
        return json_answer(shown(net, room, participant), 201)

    @door.get(f"{path}.json")
    def index(account: str, conference: str) -> Response:
        room = find(net, conference)
        people = [one for one in room.participants.values() if _asked_for(one)]
        return page(
            net, f"Conferences/{room.sid}/Participants", "participants", people, lambda one: shown(net, room, one)
        )

    @door.get(f"{path}/<who>.json")
    def read(account: str, conference: str, who: str) -> Response:
        room = find(net, conference)
        return json_answer(shown(net, room, _one(room, who)))

    @door.post(f"{path}/<who>.json")
    def update(account: str, conference: str, who: str) -> Response:
        room, asked = find(net, conference), form(net, UPDATE_FIELDS)
        participant = _one(room, who)
        change(net, room, participant, asked)
        return json_answer(shown(net, room, participant))

    @door.delete(f"{path}/<who>.json")
    def kick(account: str, conference: str, who: str) -> Response:
        room = find(net, conference)
        net.conferences.kick(room, _one(room, who))
        return Response(status=204)

    return door


def _one(room: Conference, who: str) -> Participant:
    participant = room.find(who)
    if participant is None:
        raise RestFailure(20404, f"participant {who}")
    return participant


def dial_in(net: "Network", conference: str, asked: Form) -> tuple[Conference, Participant]:
    """Dial a new leg into a room: a running one by SID, any by name. Raises RestFailure."""
    to, from_ = asked.required("To", 21201), asked.required("From", 21213)
    check_line(net, to, from_)
    entry = _entry(asked)
    sink = asked.sink("StatusCallback", EVENTS)
    timeout_ms = asked.number("Timeout", 5, 600, 60) * 1000 + net.faults.timeout_extra_ms
    limit_ms = asked.number("TimeLimit", 1, 86_400, 14_400) * 1000
    if conference.startswith("CF") and len(conference) == 34:
        room = find(net, conference)
        if room.status == "completed":
            raise RestFailure(20404, f"{room.sid} is over")
    else:
        room = net.conferences.open(conference, entry.sink)
    leg = net.exchange.add(asked.get("CallerId") or from_, to, "outbound-api", net.script_of(to))
    leg.sink = sink
    participant = Participant(leg, entry, None, net.now_ms, updated_ms=net.now_ms)
    room.participants[leg.sid] = participant
    leg.on_answered = lambda answered: _come_in(net, room, participant, limit_ms)
    leg.on_ended.append(lambda gone: net.conferences.leave(room, participant, "participant_add_failed"))
    if asked.flag("EarlyMedia", True):
        for someone in room.present():
            net.note(someone.leg, "ring")
    net.exchange.dial_created(leg, timeout_ms)
    return room, participant


def _come_in(net: "Network", room: Conference, participant: Participant, limit_ms: int) -> None:
    leg = participant.leg
    net.clock.after(limit_ms, lambda: net.exchange.end(leg, "completed"))
    if room.status == "completed":
        net.exchange.end(leg, "completed")
        return
    net.exchange.run_story(leg, lambda program: _story(net, room, participant, program))


def _story(net: "Network", room: Conference, participant: Participant, program: Program) -> Steps[None]:
    participant.program = program
    refusal = net.conferences.refusal(room, participant.entry)
    if refusal:
        net.warn(*refusal)
        return
    yield from stay(Run(net, participant.leg, program, "call"), room, participant)


def _entry(asked: Form) -> Entry:
    url, method = asked.url("ConferenceStatusCallback"), asked.method("ConferenceStatusCallbackMethod")
    events = asked.events("ConferenceStatusCallbackEvent", ROOM_EVENTS) or ["start", "end"]
    wait_url = asked.url("WaitUrl")
    return Entry(
        label=asked.get("Label"),
        muted=asked.flag("Muted"),
        starts=asked.flag("StartConferenceOnEnter", True),
        ends=asked.flag("EndConferenceOnExit"),
        coach_sid=asked.get("CallSidToCoach"),
        coaching=asked.flag("Coaching"),
        beep=asked.choice("Beep", "true false onEnter onExit", "true"),
        most=asked.number("MaxParticipants", 2, 250, 250),
        wait=Target(wait_url, asked.method("WaitMethod")) if wait_url else None,
        silent_wait=asked.has("WaitUrl") and not wait_url,
        sink=Sink(url, method, events_of(events)) if url else None,
        record=asked.get("ConferenceRecord") in ("true", "record-from-start"),
        recording_sink=asked.sink("ConferenceRecordingStatusCallback", RECORDING_EVENTS),
    )


def change(net: "Network", room: Conference, participant: Participant, asked: Form) -> None:
    """Mute, hold, coach, announce to, or change what happens at the exit of a participant."""
    entry, modified = participant.entry, False
    if asked.has("EndConferenceOnExit"):
        entry.ends, modified = asked.flag("EndConferenceOnExit"), True
    if asked.has("Coaching") or asked.has("CallSidToCoach"):
        _coach(room, entry, asked)
        modified = True
    if asked.has("BeepOnExit"):
        entry.beep, modified = ("onExit" if asked.flag("BeepOnExit") else "false"), True
    if asked.has("Muted") and asked.flag("Muted") != entry.muted:
        entry.muted = asked.flag("Muted")
        net.conferences.changed(room, participant, "participant-mute" if entry.muted else "participant-unmute")
    if asked.has("Hold") and asked.flag("Hold") != participant.hold:
        _hold(net, room, participant, asked)
    if url := asked.url("AnnounceUrl"):
        target = Target(url, asked.method("AnnounceMethod"))
        told = participant
        beside(net, participant.leg, "announcement", target, lambda ok: net.conferences.announced(room, told, ok))
    if modified:
        net.conferences.changed(room, participant, "participant-modify")


def _coach(room: Conference, entry: Entry, asked: Form) -> None:
    sid = asked.get("CallSidToCoach") or entry.coach_sid
    if asked.flag("Coaching", entry.coaching) and sid not in room.participants:
        raise RestFailure(20404, f"CallSidToCoach {sid} is not in this conference")
    entry.coaching, entry.coach_sid = asked.flag("Coaching", entry.coaching), sid


def _hold(net: "Network", room: Conference, participant: Participant, asked: Form) -> None:
    """On hold the participant hears HoldUrl (fetched by GET unless told otherwise), or the network's music."""
    participant.hold = asked.flag("Hold")
    net.conferences.silence(participant)
    if participant.hold:
        if url := asked.url("HoldUrl"):
            target = Target(url, asked.choice("HoldMethod", "GET POST", "GET"))
            beside(net, participant.leg, "hold", target, lambda ok: None)
        else:
            net.note(participant.leg, "music", "hold music of the network")
    net.conferences.changed(room, participant, "participant-hold" if participant.hold else "participant-unhold")


def _asked_for(participant: Participant) -> bool:
    entry = participant.entry
    flags = {"Muted": entry.muted, "Hold": participant.hold, "Coaching": entry.coaching}
    return all(request.args.get(name, "").lower() in ("", str(value).lower()) for name, value in flags.items())


def shown(net: "Network", room: Conference, participant: Participant) -> dict[str, Any]:
    """A participant as Twilio shows it."""
    entry: Entry = participant.entry
    leg: Leg = participant.leg
    return {
        "account_sid": net.account_sid,
        "call_sid": leg.sid,
        "label": entry.label or None,
        "call_sid_to_coach": entry.coach_sid or None,
        "coaching": entry.coaching,
        "conference_sid": room.sid,
        "date_created": rfc2822(participant.created_ms),
        "date_updated": rfc2822(participant.updated_ms),
        "end_conference_on_exit": entry.ends,
        "muted": entry.muted,
        "hold": participant.hold,
        "start_conference_on_enter": entry.starts,
        "status": participant.status,
        "queue_time": str(leg.queue_time_ms),
        "uri": f"{BASE}/{net.account_sid}/Conferences/{room.sid}/Participants/{leg.sid}.json",
    }
