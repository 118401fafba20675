"""A message that its caller replaced is deleted at the network, once, and never before the new one is in SQL."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cases.case import Case, Recording
from ivr.flow import load_flow
from simulator import Leg, RestError
from simulator.legs import Target
from tests.stories.test_voicemail import FLOW, JIGNESH, SPEAKS
from tests.stories.world import BASE, World, changed

AGAIN = "press 2 on gather, say 'It is my washing machine, not the fridge' on record"
QUARTER_S, DAY_S = 900, 86_400


@pytest.fixture
def night(world: World) -> World:
    world.center = replace(world.center, flow=load_flow(FLOW, "flow.yaml"))
    world.app.extensions["center"] = world.center
    return world


def bettered(world: World) -> Leg:
    """A caller who records the message again."""
    caller = world.call(f"{SPEAKS}, {AGAIN}, press 1 on gather, wait", JIGNESH)
    world.run(400, lambda: caller.ended)
    world.run(20)
    return caller


def errand(world: World) -> None:
    world.center.jobs.errand("erase_recordings")
    world.run(1)


def at_the_network(world: World) -> list[str]:
    """The state of each recording there, oldest first."""
    return [made.status for made in world.net.recordings.by_sid.values()]


def erased(world: World, caller: Leg) -> list[tuple[Any, Any]]:
    marks = world.record(caller)["marks"]
    return [(mark["recording"], mark["why"]) for mark in marks if mark["name"] == "recording_erased"]


def test_replaced_message_is_deleted_with_its_words_and_the_newer_one_stays(night: World) -> None:
    caller = bettered(night)
    first, second = night.net.recordings.by_sid
    assert [made.recording for made in night.net.recordings.transcriptions.values()] == [first, second]
    errand(night)
    assert at_the_network(night) == ["completed", "completed"]  # its words may still be on their way
    night.run(QUARTER_S)
    errand(night)
    assert at_the_network(night) == ["deleted", "completed"]
    assert [made.recording for made in night.net.recordings.transcriptions.values()] == [second]
    assert erased(night, caller) == [(first, "replaced")]
    rows = {row["recording"]: (row["status"], row["words"]) for row in night.record(caller)["recordings"]}
    assert rows == {first: ("erased", None), second: ("completed", "It is my washing machine, not the fridge")}


def test_errand_that_comes_again_changes_nothing(night: World) -> None:
    caller = bettered(night)
    night.run(QUARTER_S)
    for _ in range(3):
        errand(night)
    assert len(erased(night, caller)) == 1


def test_what_is_gone_already_counts_as_erased(night: World) -> None:
    caller = bettered(night)
    first, _ = night.net.recordings.by_sid.values()
    first.status = "deleted"
    night.net.recordings.transcriptions.clear()
    night.run(QUARTER_S)
    errand(night)
    assert erased(night, caller) == [(first.sid, "replaced")]


@pytest.mark.parametrize("where", ["/Recordings/*", "/Transcriptions.json"])
def test_network_that_fails_is_asked_again(night: World, where: str) -> None:
    caller = bettered(night)
    night.run(QUARTER_S)
    path = where.replace("*", f"{next(iter(night.net.recordings.by_sid))}.json")
    night.net.faults.rest_errors.append(RestError(20429, times=1, path=path))
    errand(night)
    assert (at_the_network(night), erased(night, caller)) == (["completed", "completed"], [])
    errand(night)
    assert (at_the_network(night), len(erased(night, caller))) == (["deleted", "completed"], 1)


@pytest.mark.parametrize(("code", "then"), [(20429, "completed"), (20001, "deleted")])
def test_others_wait_with_it_only_when_the_network_wants_a_pause(night: World, code: int, then: str) -> None:
    for _ in range(2):
        bettered(night)
    first, _, other, _ = night.net.recordings.by_sid
    night.run(QUARTER_S)
    night.net.faults.rest_errors.append(RestError(code, times=1, path=f"{first}.json"))
    errand(night)
    states = night.net.recordings.by_sid
    assert [states[sid].status for sid in (first, other)] == ["completed", then]


def test_sql_that_fails_after_the_deletion_is_made_up_for(night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("update", {}, Exception("away"))

    caller = bettered(night)
    night.run(QUARTER_S)
    with monkeypatch.context() as patched:
        patched.setattr(night.center.history.cases, "recording", away)
        errand(night)
    assert (at_the_network(night)[0], erased(night, caller)) == ("deleted", [])
    errand(night)
    assert len(erased(night, caller)) == 1


def test_replaced_message_is_deleted_though_redis_was_wiped(night: World) -> None:
    caller = bettered(night)
    night.client.flushall()
    night.run(QUARTER_S)
    errand(night)
    assert (at_the_network(night), len(erased(night, caller))) == (["deleted", "completed"], 1)


def test_newer_message_that_is_not_in_sql_yet_erases_nothing(night: World, monkeypatch: pytest.MonkeyPatch) -> None:
    night.recording = False
    real = night.center.history.cases.open

    def first_only(case: Case, recording: Recording | None = None) -> None:
        if len(night.net.recordings.by_sid) > 1:
            raise OperationalError("insert", {}, Exception("away"))
        real(case, recording)

    monkeypatch.setattr(night.center.history.cases, "open", first_only)
    bettered(night)
    night.run(QUARTER_S)
    errand(night)
    assert at_the_network(night) == ["completed", "completed"]
    night.recording = True
    night.drain()
    errand(night)
    assert at_the_network(night) == ["deleted", "completed"]


def test_recordings_are_kept_for_as_long_as_the_center_says(night: World) -> None:
    night.center = replace(night.center, plan=changed(night.center.plan, {"recording.keep_days": 2}))
    caller = night.call(f"{SPEAKS}, press 1 on gather, wait", JIGNESH)
    night.run(400, lambda: caller.ended)
    night.run(3 * DAY_S)
    errand(night)
    assert at_the_network(night) == ["completed"]  # somebody still has to hear it
    (case,) = night.center.history.cases.listed()
    night.center.history.cases.resolve(case.id, "asha", "Done", night.net.now_ms)
    errand(night)
    assert (at_the_network(night), erased(night, caller)) == (["deleted"], [(case.recording, "old")])
    assert night.record(caller)["outcome"] == "voicemail"


def test_words_that_come_after_the_deletion_are_not_kept(night: World) -> None:
    caller = bettered(night)
    night.run(QUARTER_S)
    errand(night)
    first = next(iter(night.net.recordings.by_sid))
    words = {"RecordingSid": first, "TranscriptionStatus": "completed", "TranscriptionText": "My fridge"}
    night.net.post_unanswered(caller, Target(f"{BASE}/voice/voicemail/words", "POST", extra=words))
    night.run(5)
    assert [row["words"] for row in night.record(caller)["recordings"] if row["recording"] == first] == [None]
