"""Voicemail, recordings over REST, and files that can be played."""

import io
import wave

import pytest
from werkzeug.test import Client

from simulator.recordings import mp3, wav
from tests.simulator.customer import ACCOUNT, AGENT, HOST, OURS, TOKEN, Town

RECORD = (
    '<Record action="/done" maxLength="60" timeout="4" recordingStatusCallback="/rec" transcribeCallback="/words"/>'
)


@pytest.fixture
def voicemail(town: Town) -> Town:
    town.documents |= {"/in": f"<Say>Speak</Say>{RECORD}", "/done": "<Say>Thanks</Say>", "/rec": "", "/words": ""}
    return town


def test_message_ends_by_silence_and_is_told_when_its_file_is_ready(voicemail: Town) -> None:
    call = voicemail.call("say 'Please call me back, it is about my order' on record, wait")
    voicemail.pass_s(60)
    done, told = voicemail.customer.got("/done")[0], voicemail.customer.got("/rec")
    assert (done["RecordingDuration"], done["Digits"], call.said()) == ("7", "", ["Speak", "Thanks"])
    assert [(t["RecordingStatus"], t["RecordingSource"], t["RecordingSid"]) for t in told] == [
        ("completed", "RecordVerb", done["RecordingSid"])
    ]
    words = voicemail.customer.got("/words")[0]
    assert (words["TranscriptionStatus"], words["TranscriptionText"]) == (
        "completed",
        "Please call me back, it is about my order",
    )


def test_words_outlive_the_recording_and_are_deleted_by_themselves(voicemail: Town) -> None:
    voicemail.call("say 'Please call me back, it is about my order' on record, wait")
    voicemail.pass_s(60)
    sid = voicemail.customer.got("/done")[0]["RecordingSid"]
    voicemail.rest("DELETE", f"Recordings/{sid}.json", 204)
    voicemail.rest("GET", f"Recordings/{sid}.json", 404)
    path = f"Recordings/{sid}/Transcriptions"
    (words,) = voicemail.rest("GET", f"{path}.json")["transcriptions"]
    assert words["transcription_text"] == "Please call me back, it is about my order"
    for status in (204, 404):
        voicemail.rest("DELETE", f"{path}/{words['sid']}.json", status)
    assert voicemail.rest("GET", f"{path}.json")["transcriptions"] == []
    voicemail.rest("GET", f"Recordings/RE{'0' * 32}/Transcriptions.json", 404)


def test_key_or_length_ends_a_message(voicemail: Town) -> None:
    voicemail.call("press 5 on record, wait")
    voicemail.documents["/long"] = '<Record action="/done" maxLength="10" timeout="0"/>'
    voicemail.pass_s(30)
    voicemail.net.number(OURS, f"{HOST}/long")
    voicemail.call()
    voicemail.pass_s(60)
    assert [(d["Digits"], d["RecordingDuration"]) for d in voicemail.customer.got("/done")] == [("5", "1"), ("", "10")]


def test_hanging_up_ends_a_message_too(voicemail: Town) -> None:
    voicemail.call("say 'bye' on record, hang up after 3s")
    voicemail.pass_s(60)
    done = voicemail.customer.got("/done")[0]
    assert (done["Digits"], done["CallStatus"]) == ("hangup", "completed")


def talking(town: Town, script: str = "answer@1s, wait") -> str:
    town.documents |= {"/talk": "<Pause length='600'/>", "/rec": ""}
    sid = town.dial(AGENT, script, Url=f"{HOST}/talk").sid
    town.pass_s(5)
    return sid


def test_paused_time_is_left_out_or_silent_as_asked(town: Town) -> None:
    lengths = []
    for behavior in ("skip", "silence"):
        sid = talking(town)
        made = town.rest("POST", f"Calls/{sid}/Recordings.json", 201, RecordingStatusCallback=f"{HOST}/rec")
        town.pass_s(10)
        current = f"Calls/{sid}/Recordings/Twilio.CURRENT.json"
        assert town.rest("POST", current, 200, Status="paused", PauseBehavior=behavior)["status"] == "paused"
        town.pass_s(20)
        assert town.rest("POST", current, 200, Status="in-progress")["status"] == "in-progress"
        town.pass_s(5)
        assert town.rest("POST", current, 200, Status="stopped")["status"] == "processing"
        town.pass_s(2)
        shown = town.rest("GET", f"Recordings/{made['sid']}.json")
        lengths.append((shown["status"], shown["duration"], shown["source"]))
    assert lengths == [("completed", "15", "StartCallRecordingAPI"), ("completed", "35", "StartCallRecordingAPI")]
    assert [t["RecordingDuration"] for t in town.customer.got("/rec")] == ["15", "35"]


def test_recording_of_a_leg_that_is_not_in_progress_is_refused(town: Town) -> None:
    leg = town.dial(AGENT, "never", Url=f"{HOST}/talk")
    assert town.rest("POST", f"Calls/{leg.sid}/Recordings.json", 400)["code"] == 21220


@pytest.mark.parametrize(("contains_hold", "duration"), [(True, "30"), (False, "20")])
def test_whether_a_hold_is_in_a_conference_recording_is_a_switch(
    town: Town, contains_hold: bool, duration: str
) -> None:
    town.net.faults.recording_contains_hold = contains_hold
    asks = 'record="record-from-start" recordingStatusCallback="/rec"'
    room = f'<Dial><Conference endConferenceOnExit="true" {asks}>r</Conference></Dial>'
    town.documents |= {"/in": room, "/agent": room, "/rec": ""}
    caller = town.call()
    town.dial(AGENT, "answer@0s, wait", Url=f"{HOST}/agent")
    town.pass_s(0.3)
    started = town.net.now_ms
    path = f"Conferences/r/Participants/{caller.sid}.json"
    town.net.advance_to(started + 10_000)
    town.rest("POST", path, 200, Hold="true")
    town.net.advance_to(started + 20_000)
    town.rest("POST", path, 200, Hold="false")
    town.net.advance_to(started + 30_000)
    town.net.hang_up(caller.sid)
    town.pass_s(5)
    told = town.customer.got("/rec")[0]
    assert (told["RecordingDuration"], told["RecordingSource"], "CallSid" in told) == (duration, "Conference", False)


def test_file_is_a_wave_of_its_length_until_deleted(town: Town) -> None:
    sid = talking(town, "answer@1s, hang up after 12s")
    made = town.rest("POST", f"Calls/{sid}/Recordings.json", 201, RecordingChannels="dual")
    town.pass_s(60)
    client = Client(town.net.app)
    url = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{made['sid']}"
    assert client.get(url).status_code == 401
    for ending in ("", ".wav"):
        with wave.open(io.BytesIO(client.get(url + ending, auth=(ACCOUNT, TOKEN)).data)) as sound:
            assert (sound.getnchannels(), sound.getnframes() // sound.getframerate()) == (2, 8)
    assert client.get(f"{url}.mp3", auth=(ACCOUNT, TOKEN)).data[:2] == b"\xff\xfb"
    town.rest("DELETE", f"Recordings/{made['sid']}.json")
    town.rest("GET", f"Recordings/{made['sid']}.json", 404)
    assert town.rest("GET", f"Recordings/{made['sid']}.json", 404, IncludeSoftDeleted="no")["code"] == 20404
    assert town.rest("GET", f"Recordings/{made['sid']}.json", 200, IncludeSoftDeleted="true")["status"] == "deleted"


def test_files_are_as_long_as_they_say() -> None:
    assert len(b"".join(wav(3, 1))) == 44 + 3 * 16_000
    assert len(b"".join(mp3(2))) == 2 * 42 * 192
