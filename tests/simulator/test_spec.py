"""Every REST answer held against a table of Twilio's published API: paths, keys, types, enums, SID patterns.

`spec_table.json` holds facts drawn from twilio_api_v2010.yaml of github.com/twilio/twilio-oai, commit d50069b4.
"""

import json
import re
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from simulator.rest import calls, messages, numbers, participants, recordings
from tests.simulator.customer import ACCOUNT, AGENT, HOST, OURS, Town

TABLE = json.loads((Path(__file__).parent / "spec_table.json").read_text())
TYPES = {"string": str, "integer": int, "boolean": bool, "number": float, "object": dict, "any": object}
ROOM = '<Dial><Conference record="record-from-start">room</Conference></Dial>'


def faults_of(answer: dict[str, Any], kind: str) -> list[str]:
    """What is wrong with an answer, by its row of the table."""
    expected = TABLE["answers"][kind]
    wrong = [f"{kind} lacks {key}" for key in expected.keys() - answer.keys()]
    wrong += [f"{kind} has {key}, which Twilio has not" for key in answer.keys() - expected.keys()]
    return wrong + [f"{kind}.{key} = {answer[key]!r} is no {expected[key]}" for key in answer.keys() & expected.keys()
                    if not fits(answer[key], expected[key])]  # fmt: skip


def fits(value: Any, facts: str) -> bool:
    kind, *rest = facts.split(" ", 1)
    if value is None:
        return "required" not in facts
    rule = rest[0] if rest else ""
    if not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return False
    if not isinstance(value, str):
        return True
    if rule.startswith("^"):
        return re.fullmatch(rule, value) is not None
    if rule.startswith("date-time"):
        return value.endswith("+0000") and parsedate_to_datetime(value) is not None
    return value in rule.split("|") if "|" in rule else True


class Visit:
    """One busy town, and the SIDs by which its things are asked for."""

    def __init__(self) -> None:
        self.town = Town()
        town = self.town
        town.documents |= {"/in": '<Enqueue waitUrl="">support</Enqueue>', "/room": ROOM, "/out": "", "/m": ""}
        self.waiting = town.call().sid
        for line in (AGENT, "+919800000002"):
            self.talking = town.dial(line, "answer@1s, wait", Url=f"{HOST}/room", Record="true").sid
        town.dial("+919800000003", "busy", Url=f"{HOST}/room")
        town.pass_s(10)
        self.queue = town.rest("GET", "Queues.json")["queues"][0]["sid"]
        self.room = town.rest("GET", "Conferences.json")["conferences"][0]["sid"]
        self.recording = town.rest("GET", f"Calls/{self.talking}/Recordings.json")["recordings"][0]["sid"]
        self.room_recording = town.rest("GET", f"Conferences/{self.room}/Recordings.json")["recordings"][0]["sid"]
        self.message = town.rest("POST", "Messages.json", 201, To=AGENT, From=OURS, Body="hi")["sid"]
        self.number = town.rest("GET", "IncomingPhoneNumbers.json")["incoming_phone_numbers"][0]["sid"]
        self.application = town.net.application(voice_url=f"{HOST}/in").sid
        self._leave_a_message()

    def _leave_a_message(self) -> None:
        town = self.town
        town.documents |= {"/message": '<Record action="/out" transcribeCallback="/m"/>'}
        leg = town.dial(
            "+919800000005", "answer@1s, say 'Please call me back about it' on record, wait", Url=f"{HOST}/message"
        )
        town.pass_s(30)
        self.spoken = town.net.recordings.of(leg)[0].sid
        (self.words,) = town.net.recordings.transcriptions

    def path(self, template: str) -> str:
        """A path of the table with this town's SIDs in it."""
        owner = template.split("/")[1].split(".")[0]
        sid = {
            "Calls": self.recording if "Recordings" in template else self.talking,
            "Queues": self.queue,
            "Conferences": self.room_recording if "Recordings" in template else self.room,
            "Recordings": self.recording,
            "Messages": self.message,
            "IncomingPhoneNumbers": self.number,
            "Applications": self.application,
        }[owner]
        call = self.waiting if "Members" in template else self.talking
        sid = self.words if "Transcriptions" in template else sid
        names = {
            "RecordingSid": self.spoken,
            "Sid": sid,
            "QueueSid": self.queue,
            "ConferenceSid": self.room,
            "CallSid": call,
        }
        return template.removeprefix("/").format(**names)

    def form(self, row: str) -> dict[str, str]:
        """A request that succeeds."""
        return {
            "POST /Calls.json": {"To": AGENT, "From": OURS, "Url": f"{HOST}/room"},
            "POST /Calls/{Sid}.json": {"Status": "completed"},
            "POST /Queues.json": {"FriendlyName": "sales", "MaxSize": "10"},
            "POST /Queues/{Sid}.json": {"MaxSize": "20"},
            "POST /Queues/{QueueSid}/Members/{CallSid}.json": {"Url": f"{HOST}/out"},
            "POST /Conferences/{Sid}.json": {"Status": "completed"},
            "POST /Conferences/{ConferenceSid}/Participants.json": {"To": "+919800000004", "From": OURS, "Label": "x"},
            "POST /Conferences/{ConferenceSid}/Participants/{CallSid}.json": {"Hold": "true"},
            "POST /Calls/{CallSid}/Recordings/{Sid}.json": {"Status": "paused"},
            "POST /Conferences/{ConferenceSid}/Recordings/{Sid}.json": {"Status": "stopped"},
            "POST /Messages.json": {"To": AGENT, "From": OURS, "Body": "hi", "StatusCallback": f"{HOST}/m"},
            "POST /IncomingPhoneNumbers.json": {"PhoneNumber": "+18005550111"},
            "POST /IncomingPhoneNumbers/{Sid}.json": {"VoiceUrl": f"{HOST}/new"},
            "POST /Applications.json": {"FriendlyName": "app"},
            "POST /Applications/{Sid}.json": {"VoiceUrl": f"{HOST}/new"},
        }.get(row, {})


@pytest.mark.parametrize("row", TABLE["paths"])
def test_answer_has_the_published_shape(row: str) -> None:
    visit, facts = Visit(), TABLE["paths"][row]
    method, template = row.split(" ")
    if row in ("DELETE /Queues/{Sid}.json", "DELETE /Calls/{Sid}.json"):
        visit.town.net.hang_up(visit.waiting)
        visit.town.net.hang_up(visit.talking)
    expected = 201 if "201" in facts["status"] else int(facts["status"][0])
    answer = visit.town.rest(method, visit.path(template), expected, **visit.form(row))
    if "list" in facts:
        assert answer[facts["list"]], "the list is empty, so nothing would be held against the table"
        assert {key: type(answer[key]) for key in TABLE["page"] if answer[key] is not None}.items() <= {
            key: TYPES[kind] for key, kind in TABLE["page"].items()
        }.items()
        assert [fault for item in answer[facts["list"]] for fault in faults_of(item, facts["answer"])] == []
    elif "answer" in facts:
        assert faults_of(answer, facts["answer"]) == []
    assert visit.town.net.warnings == []


@pytest.mark.parametrize(
    ("row", "ours"),
    [
        ("POST /Calls.json", calls.CREATE_FIELDS),
        ("POST /Calls/{Sid}.json", calls.UPDATE_FIELDS),
        ("POST /Conferences/{ConferenceSid}/Participants.json", participants.CREATE_FIELDS),
        ("POST /Conferences/{ConferenceSid}/Participants/{CallSid}.json", participants.UPDATE_FIELDS),
        ("POST /Calls/{CallSid}/Recordings.json", recordings.START_FIELDS),
    ],
)
def test_known_form_fields_are_the_published_ones(row: str, ours: str) -> None:
    assert set(ours.split()) == set(TABLE["paths"][row]["form"].split())


@pytest.mark.parametrize(
    ("rows", "ours"),
    [
        (["POST /Messages.json"], messages.FIELDS),
        (["POST /IncomingPhoneNumbers.json", "POST /Applications.json"], numbers.FIELDS),
    ],
)
def test_no_form_field_is_of_our_making(rows: list[str], ours: str) -> None:
    assert set(ours.split()) <= {name for row in rows for name in TABLE["paths"][row]["form"].split()}


def test_misspelt_field_is_ignored_and_warned_of(town: Town) -> None:
    town.dial(AGENT, "busy", Url=f"{HOST}/x", TimeOut="5")
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert town.net.warnings == [f"20001 unknown parameter TimeOut in POST {path}"]


def test_table_finds_what_is_wrong() -> None:
    visit = Visit()
    good = visit.town.rest("GET", f"Calls/{visit.talking}.json")
    bad = {**good, "sid": "CA1", "status": "initiated", "duration": 5, "extra": 1}
    del bad["uri"]
    assert len(faults_of(bad, "call")) == 5
