"""Cases in SQL: opened once, taken once, resolved once, and the same row whichever way the news came."""

from dataclasses import replace

from adapters.history import History
from cases.case import Recording, event_of, opened
from queues.plan import Plan
from queues.records import Call, Event

CASE = opened("voicemail", Call(call="CA1", caller="+919898000111", queue="support", language="gu"), 1_000, "RE1")


def told(*events: Event) -> list[tuple[str, dict[str, str]]]:
    rows = []
    for number, event in enumerate(events, 1):
        flat = event.to_fields()
        rows.append((f"{number}-0", dict(zip(flat[::2], flat[1::2], strict=True))))
    return rows


def test_a_case_is_taken_by_the_first_and_resolved_once(history: History) -> None:
    book = history.cases
    book.open(CASE, Recording("RE1", "CA1", "voicemail", 1_000))
    assert [book.take(CASE.id, "asha", 2_000), book.take(CASE.id, "ravi", 2_001)] == [True, False]
    assert [book.resolve(CASE.id, "asha", "Sent a part", at_ms) for at_ms in (3_000, 3_001)] == [True, False]
    done = replace(CASE, status="resolved", who="asha", taken_ms=2_000, resolved_by="asha", resolved_ms=3_000)
    assert book.find(CASE.id) == replace(done, note="Sent a part")
    assert (book.listed(), book.listed("resolved"), book.take(CASE.id, "ravi", 4_000)) == (
        [],
        [book.find(CASE.id)],
        False,
    )


def test_a_message_recorded_again_keeps_the_due_time(history: History) -> None:
    history.cases.open(CASE)
    history.cases.open(replace(CASE, recording="RE2", created_ms=9_000, due_ms=9_999))
    assert history.cases.find(CASE.id) == replace(CASE, recording="RE2")


def test_late_repeat_of_a_replaced_message_does_not_bring_it_back(history: History) -> None:
    for sid, at_ms in (("RE1", 1_000), ("RE2", 9_000), ("RE1", 9_500)):
        history.cases.open(replace(CASE, recording=sid), Recording(sid, "CA1", "voicemail", at_ms))
    assert history.cases.find(CASE.id) == replace(CASE, recording="RE2")


def test_only_what_a_newer_message_replaced_is_to_be_erased(history: History, plan: Plan) -> None:
    book = history.cases
    for sid, at_ms in (("RE1", 1_000), ("RE2", 9_000)):
        book.open(replace(CASE, recording=sid), Recording(sid, "CA1", "voicemail", at_ms, words="My fridge"))
    late = [  # a breath after it, a conversation before it, and another's message
        Event("recorded", 9_500, "CA1", facts={"recording": "RE3", "kind": "voicemail"}),
        Event("recorded", 500, "CA1", facts={"recording": "RE4", "kind": "conversation"}),
        Event("recorded", 500, "CA2", facts={"recording": "RE5", "kind": "voicemail"}),
    ]
    history.record(told(*late), plan, "one")
    assert [[made.recording for made in book.replaced(before_ms)] for before_ms in (9_000, 9_001)] == [[], ["RE1"]]
    book.erased("RE1")
    assert (book.replaced(9_001), [made.recording for made in book.old(99_000)]) == ([], ["RE4", "RE5", "RE3"])


def test_what_was_erased_says_nothing_new(history: History, plan: Plan) -> None:
    history.cases.open(CASE, Recording("RE1", "CA1", "voicemail", 1_000, words="My fridge"))
    erased_events = [
        Event("recording_erased", 2_000, "CA1", facts={"recording": "RE1", "why": "old"}),
        Event("recorded", 3_000, "CA1", facts={"recording": "RE1", "status": "completed", "words": "My fridge"}),
    ]
    history.record(told(*erased_events), plan, "one")
    assert history.cases.recording("RE1") == Recording("RE1", "CA1", "voicemail", 1_000, status="erased")


def test_message_of_an_open_case_is_never_too_old(history: History) -> None:
    history.cases.open(CASE, Recording("RE1", "CA1", "voicemail", 1_000))
    assert history.cases.old(99_000) == []
    history.cases.resolve(CASE.id, "asha", "Done", 2_000)
    assert [made.recording for made in history.cases.old(99_000)] == ["RE1"]
    assert history.cases.old(1_000) == []


def test_the_stream_alone_makes_the_same_rows_and_repeats_change_nothing(history: History, plan: Plan) -> None:
    resolved = Event("case_resolved", 3_000, "CA1", facts={"case": CASE.id, "who": "asha", "note": "Done"})
    ready = Event("recorded", 2_500, "CA1", facts={"recording": "RE1", "status": "completed", "seconds": 12})
    made = Event("recorded", 1_000, "CA1", facts={"recording": "RE1", "kind": "voicemail"})
    for entries in (told(event_of(CASE), ready, made, resolved),) * 2:
        history.record(entries, plan, "one")
    case = history.cases.find(CASE.id)
    assert case is not None
    assert (case.status, case.resolved_by, case.note, case.number) == ("resolved", "asha", "Done", CASE.number)
    assert history.cases.recordings(["CA1"]) == [
        Recording("RE1", "CA1", "voicemail", 2_500, status="completed", seconds=12)
    ]
    call = history.call("CA1", 10_000) or {}
    assert [(row["target"], row["verdict"], row["actual_ms"]) for row in call["targets"]] == [
        ("request_handled", "kept", 2_000)
    ]


def test_a_case_that_nobody_resolves_is_broken_after_a_day(history: History, plan: Plan) -> None:
    history.record(told(event_of(CASE)), plan, "one")
    verdicts = {}
    for at_ms in (2_000, CASE.due_ms - 1_000, CASE.due_ms + 1):
        verdicts[at_ms] = [row["verdict"] for row in (history.call("CA1", at_ms) or {})["targets"]]
    assert list(verdicts.values()) == [["running"], ["at_risk"], ["broken"]]
