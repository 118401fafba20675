"""Conferences: joining, waiting, hold, mute, coaching, leaving, ending, and the events of all that."""

from typing import Any

import pytest

from simulator import Leg
from tests.simulator.customer import AGENT, HOST, Town

EVENTS = "start end join leave mute hold modify announcement"


def room(attributes: str = "", name: str = "room-1") -> str:
    told = f'statusCallback="/conf" statusCallbackEvent="{EVENTS}"'
    return f'<Dial action="/after"><Conference {told} {attributes}>{name}</Conference></Dial>'


@pytest.fixture
def rooms(town: Town) -> Town:
    town.documents |= {
        "/in": room('endConferenceOnExit="true" participantLabel="customer" beep="false"'),
        "/agent": room('participantLabel="agent" beep="false"'),
        "/after": "<Say>After</Say>",
        "/conf": "",
        "/wait": "<Say>Please hold</Say>",
    }
    return town


def agent(town: Town, script: str = "answer@1s, wait", path: str = "/agent", to: str = AGENT) -> Leg:
    return town.dial(to, script, Url=f"{HOST}{path}")


def talk(town: Town) -> tuple[Leg, Leg]:
    """A caller and an agent who talk."""
    caller, answered = town.call(), agent(town)
    town.pass_s(10)
    assert caller.talking
    assert answered.talking
    return caller, answered


def events(town: Town) -> list[str]:
    return town.customer.statuses("/conf", "StatusCallbackEvent")


def participants(town: Town) -> list[dict[str, Any]]:
    return list(town.rest("GET", "Conferences/room-1/Participants.json")["participants"])


def test_two_meet_talk_and_the_caller_ends_it(rooms: Town) -> None:
    caller, answered = rooms.call("hang up after 30s of talk"), agent(rooms)
    rooms.pass_s(60)
    assert events(rooms) == [
        *["participant-join", "participant-join", "conference-start"],
        *["participant-leave", "participant-leave", "conference-end"],
    ]
    got = rooms.customer.got("/conf")
    assert [e["SequenceNumber"] for e in got] == ["0", "1", "2", "3", "4", "5"]
    assert not any("CallStatus" in e or "From" in e for e in got)
    assert (got[0]["ParticipantLabel"], got[0]["EndConferenceOnExit"], got[0]["CallSid"]) == (
        "customer",
        "true",
        caller.sid,
    )
    left = [(e["ReasonParticipantLeft"], e["ParticipantCallStatus"]) for e in got[3:5]]
    assert left == [("participant_hung_up", "completed"), ("moderator_ended_conference", "in-progress")]
    assert got[5]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert (got[5]["CallSidEndingConference"], got[5]["ParticipantLabelEndingConference"]) == (caller.sid, "customer")
    assert (answered.said(), caller.script_ok) == (["After"], True)
    assert rooms.customer.got("/after")[0]["DialCallStatus"] == "answered"


def test_agent_who_hangs_up_leaves_the_caller_in_the_room(rooms: Town) -> None:
    caller, answered = rooms.call(), agent(rooms, "answer@1s, hang up after 5s of talk")
    rooms.pass_s(60)
    assert (answered.status, caller.status, caller.talking) == ("completed", "in-progress", False)
    assert [p["label"] for p in participants(rooms)] == ["customer"]
    rooms.net.hang_up(caller.sid)
    rooms.pass_s(1)
    assert rooms.customer.got("/conf")[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"


def test_wait_document_of_a_conference_is_not_repeated(rooms: Town) -> None:
    rooms.documents["/in"] = room('waitUrl="/wait"')
    caller = rooms.call()
    rooms.pass_s(120)
    assert caller.said() == ["Please hold"]
    rooms.documents["/in"] = room('waitUrl="/loop"', "room-2")
    rooms.documents["/loop"] = "<Say>Please hold</Say><Pause length='4'/><Redirect/>"
    looping = rooms.call()
    rooms.pass_s(15)
    assert looping.said() == ["Please hold"] * 4


def test_music_stops_when_the_conference_begins(rooms: Town) -> None:
    rooms.documents["/in"] = room('waitUrl="/wait"')
    rooms.documents["/wait"] = "<Play loop='0'>/music.wav?seconds=3</Play><Say>never</Say>"
    caller = rooms.call()
    rooms.pass_s(5)
    agent(rooms)
    rooms.pass_s(3600)
    assert [h.kind for h in caller.heard] == ["ring", "play", "talk"]


def test_wait_document_with_a_forbidden_verb_keeps_the_leg_out(rooms: Town) -> None:
    rooms.documents |= {"/in": room('waitUrl="/wait"'), "/wait": "<Gather><Say>Press</Say></Gather>"}
    caller = rooms.call()
    rooms.pass_s(30)
    assert caller.said() == ["After"]
    assert rooms.net.warnings[0].startswith("12200 <Gather> is not allowed in a conference wait document")


def test_nobody_starts_a_room_in_which_nobody_may(rooms: Town) -> None:
    rooms.documents |= {"/in": room('startConferenceOnEnter="false"'), "/agent": room('startConferenceOnEnter="false"')}
    caller, _ = rooms.call(), agent(rooms)
    rooms.pass_s(10)
    assert "conference-start" not in events(rooms)
    assert caller.talking is False
    rooms.documents["/agent"] = room()
    agent(rooms, to="+919800000002")
    rooms.pass_s(10)
    assert "conference-start" in events(rooms)
    assert caller.talking is True


def test_first_participants_callback_wins(rooms: Town) -> None:
    rooms.documents["/agent"] = room().replace("/conf", "/other")
    rooms.documents["/other"] = ""
    talk(rooms)
    assert rooms.customer.got("/other") == []
    assert len(rooms.customer.got("/conf")) == 3


def test_label_in_use_keeps_the_second_leg_out(rooms: Town) -> None:
    rooms.documents["/agent"] = room('participantLabel="customer"')
    rooms.call()
    second = agent(rooms)
    rooms.pass_s(20)
    assert [p["label"] for p in participants(rooms)] == ["customer"]
    assert second.said() == ["After"]
    assert rooms.customer.got("/after")[0]["DialCallStatus"] == "failed"
    assert rooms.net.warnings == ["16025 participant label 'customer' is in use in this conference"]


def test_coach_hears_all_and_is_heard_by_one(rooms: Town) -> None:
    caller, answered = talk(rooms)
    rooms.documents["/boss"] = room(f'coach="{answered.sid}" participantLabel="boss" beep="false"')
    boss = agent(rooms, path="/boss", to="+919800000009")
    rooms.pass_s(5)
    heard = {p["label"]: set(p["hears"]) for p in rooms.control("GET", "state")["conferences"][0]["participants"]}
    assert heard["boss"] == {caller.sid, answered.sid}
    assert heard["agent"] == {caller.sid, boss.sid}
    assert heard["customer"] == {answered.sid}
    shown = participants(rooms)[2]
    assert (shown["coaching"], shown["call_sid_to_coach"], shown["muted"]) == (True, answered.sid, False)
    rooms.rest("POST", "Conferences/room-1/Participants/boss.json", 200, Coaching="false", Muted="false")
    heard = {p["label"]: set(p["hears"]) for p in rooms.control("GET", "state")["conferences"][0]["participants"]}
    assert heard["customer"] == {answered.sid, boss.sid}
    rooms.pass_s(1)
    assert events(rooms)[-1] == "participant-modify"


def test_coach_of_nobody_goes_to_the_action(rooms: Town) -> None:
    talk(rooms)
    rooms.documents["/boss"] = room(f'coach="CA{"0" * 32}"')
    boss = agent(rooms, path="/boss", to="+919800000009")
    rooms.pass_s(10)
    assert boss.said() == ["After"]
    assert rooms.net.warnings[0].startswith("13240")


def test_hold_and_mute_are_told_and_heard(rooms: Town) -> None:
    caller, _answered = talk(rooms)
    rooms.documents["/hold"] = "<Say>On hold</Say><Pause length='10'/><Redirect method='GET'/>"
    path = f"Conferences/room-1/Participants/{caller.sid}.json"
    held = rooms.rest("POST", path, 200, Hold="true", HoldUrl=f"{HOST}/hold")
    rooms.pass_s(15)
    assert (held["hold"], caller.talking, caller.said()) == (True, False, ["On hold", "On hold"])
    assert rooms.rest("POST", path, 200, Hold="false")["hold"] is False
    assert rooms.rest("POST", path, 200, Muted="true")["muted"] is True
    rooms.pass_s(60)
    assert caller.talking is True
    assert len(caller.said()) == 2
    assert events(rooms)[-3:] == ["participant-hold", "participant-unhold", "participant-mute"]


def test_supervisor_who_listens_is_heard_by_nobody(rooms: Town) -> None:
    caller, answered = talk(rooms)
    rooms.documents["/ear"] = room('muted="true" beep="false" participantLabel="ear"')
    ear = agent(rooms, path="/ear", to="+919800000008")
    rooms.pass_s(5)
    heard = {p["call"]: set(p["hears"]) for p in rooms.control("GET", "state")["conferences"][0]["participants"]}
    assert heard == {caller.sid: {answered.sid}, answered.sid: {caller.sid}, ear.sid: {caller.sid, answered.sid}}


def test_redirected_leg_leaves_at_once_and_may_end_the_room(rooms: Town) -> None:
    caller, answered = talk(rooms)
    rooms.documents["/moved"] = "<Say>Moved</Say><Pause length='60'/>"
    rooms.rest("POST", f"Calls/{answered.sid}.json", 200, Url=f"{HOST}/moved")
    assert [p["label"] for p in participants(rooms)] == ["customer"]
    rooms.pass_s(1)
    left = rooms.customer.got("/conf")[-1]
    assert (left["ReasonParticipantLeft"], left["ParticipantCallStatus"]) == (
        "participant_updated_via_api",
        "in-progress",
    )
    rooms.rest("POST", f"Calls/{caller.sid}.json", 200, Url=f"{HOST}/moved")
    rooms.pass_s(5)
    assert events(rooms)[-1] == "conference-end"
    assert caller.said() == ["Moved"]


def test_kicked_participant_goes_on_with_its_action(rooms: Town) -> None:
    _caller, answered = talk(rooms)
    rooms.rest("DELETE", f"Conferences/room-1/Participants/{answered.sid}.json")
    rooms.pass_s(5)
    assert answered.said() == ["After"]
    assert rooms.customer.got("/conf")[-1]["ReasonParticipantLeft"] == "participant_updated_via_api"


def test_conference_ended_by_rest_lets_everybody_go(rooms: Town) -> None:
    caller, answered = talk(rooms)
    sid = rooms.rest("GET", "Conferences.json", FriendlyName="room-1", Status="in-progress")["conferences"][0]["sid"]
    assert rooms.rest("POST", f"Conferences/{sid}.json", 200, Status="completed")["status"] == "completed"
    rooms.pass_s(2)
    assert (caller.said(), answered.said()) == (["After"], ["After"])
    end = rooms.customer.got("/conf")[-1]
    assert (end["ReasonConferenceEnded"], "CallSidEndingConference" in end) == ("conference-ended-via-api", False)
    assert rooms.rest("GET", f"Conferences/{sid}/Participants.json")["participants"] == []


def test_leg_dialled_into_a_room_rings_joins_and_leaves(rooms: Town) -> None:
    caller = rooms.call()
    rooms.pass_s(2)
    rooms.net.person(AGENT, "answer@2rings, hang up after 10s of talk")
    made = rooms.rest(
        "POST", "Conferences/room-1/Participants.json", 201, From="+18005550100", To=AGENT, Label="expert", Timeout=20
    )
    assert (made["status"], made["label"], made["conference_sid"][:2]) == ("queued", "expert", "CF")
    rooms.pass_s(1)
    assert participants(rooms)[1]["status"] == "ringing"
    rooms.pass_s(6)
    assert participants(rooms)[1]["status"] == "connected"
    assert [h.kind for h in caller.heard] == ["ring", "music", "ring", "beep", "talk"]
    rooms.pass_s(60)
    assert [p["label"] for p in participants(rooms)] == ["customer"]


def test_leg_that_never_answers_is_a_participant_whose_adding_failed(rooms: Town) -> None:
    rooms.call()
    rooms.pass_s(2)
    leg = rooms.rest(
        "POST",
        "Conferences/room-1/Participants.json",
        201,
        From="+18005550100",
        To=AGENT,
        Timeout=10,
        EarlyMedia="false",
    )
    rooms.pass_s(15.5)
    left = rooms.customer.got("/conf")[-1]
    assert (left["StatusCallbackEvent"], left["ReasonParticipantLeft"]) == (
        "participant-leave",
        "participant_add_failed",
    )
    assert (left["ParticipantCallStatus"], left["CallSid"]) == ("no-answer", leg["call_sid"])
    assert [p["label"] for p in participants(rooms)] == ["customer"]


def test_warm_transfer_keeps_the_room_when_the_flag_is_taken_back(rooms: Town) -> None:
    rooms.documents["/agent"] = room('endConferenceOnExit="true" participantLabel="agent"')
    rooms.documents["/in"] = room('participantLabel="customer"')
    caller, answered = talk(rooms)
    rooms.rest("POST", "Conferences/room-1/Participants/agent.json", 200, EndConferenceOnExit="false")
    rooms.net.hang_up(answered.sid)
    rooms.pass_s(5)
    assert (caller.status, [p["label"] for p in participants(rooms)]) == ("in-progress", ["customer"])


def test_announcement_is_heard_by_all(rooms: Town) -> None:
    caller, answered = talk(rooms)
    rooms.documents["/news"] = "<Say>This call is recorded</Say>"
    rooms.rest("POST", "Conferences/room-1.json", 200, AnnounceUrl=f"{HOST}/news")
    rooms.pass_s(5)
    assert (caller.said(), answered.said()) == (["This call is recorded"], ["This call is recorded"])
    assert events(rooms).count("announcement-end") == 1
    assert caller.talking


def test_full_room_refuses(rooms: Town) -> None:
    rooms.documents |= {"/in": room('maxParticipants="2"'), "/agent": room('maxParticipants="2"')}
    talk(rooms)
    third = rooms.call()
    rooms.pass_s(5)
    assert third.said() == ["After"]
