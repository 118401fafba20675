"""Cases, pure: one per call and kind, due a day later, the same again from what the events say."""

import pytest

from cases.case import DUE_MS, event_of, opened, spoken_s, told
from queues.records import Call

CALL = Call(call="CA1", caller="+919898000111", name="Jignesh", queue="support", language="gu")


def test_a_case_is_due_a_day_after_it_was_opened_and_has_one_id_however_often() -> None:
    first, again = opened("voicemail", CALL, 1_000, "RE1"), opened("voicemail", CALL, 2_000, "RE2")
    assert first.due_ms - first.created_ms == DUE_MS == 24 * 3600 * 1000
    assert first.id == again.id
    assert opened("callback_failed", CALL, 1_000).id != first.id


def test_its_event_tells_all_of_it() -> None:
    case = opened("voicemail", CALL, 1_000, "RE1")
    assert told(event_of(case)) == case


@pytest.mark.parametrize(
    ("duration_s", "ended_by_silence", "spoken"),
    [(4, True, 0), (3, True, 0), (9, True, 5), (4, False, 4), (0, False, 0)],
)
def test_the_silence_that_ended_a_message_is_not_spoken(duration_s: int, ended_by_silence: bool, spoken: int) -> None:
    assert spoken_s(duration_s, 4, ended_by_silence) == spoken
