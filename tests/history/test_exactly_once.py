"""However often, in whatever batches and in whatever order the stream arrives, the record is the same."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.history import History
from adapters.history_entries import Entry
from queues.plan import Plan
from tests.history.conftest import Rows
from tests.history.told import WHOLE_CALL, entries, numbered

WORDS = {
    "country": st.sampled_from(["US", "IN", "DE"]),
    "ring_ms": st.sampled_from(["3000", "6000"]),
    "limit_ms": st.sampled_from(["9000", "18000", "nine"]),
    "caller": st.sampled_from(["+14155550123", "anonymous"]),
    "language": st.sampled_from(["hi", "gu"]),
    "queue": st.sampled_from(["sales", "support", "closed_years_ago"]),
    "leg": st.sampled_from(["CAx", "CAy"]),
    "status": st.sampled_from(["ringing", "in-progress", "completed", "available", "break"]),
    "outcome": st.sampled_from(["accepted", "missed", "withdrawn", "answered", "abandoned"]),
    "reason": st.sampled_from(["refund", "lunch", "of_another_year"]),
    "enqueued_ms": st.integers(1, 90_000).map(str),
}
NAMES = [
    *("received", "greeted", "menu_choice", "language", "enqueued", "restored", "offered", "leg", "ringing"),
    *("picked_up", "offer_end", "answered", "requeued", "joined", "ended", "wrapped", "agent_status", "never_heard_of"),
]


@st.composite
def streams(draw: st.DrawFn) -> list[Entry]:
    """Any events in any order, some of them unreadable: the record may not rely on a sensible story."""
    event = st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "at_ms": st.integers(1, 90_000).map(str),
            "call": st.sampled_from(["CA1", "CA2"]),
            "agent": st.sampled_from(["asha", "ravi"]),
        },
        optional={"offer": st.sampled_from(["1", "2", "x"])} | WORDS,
    )
    told = draw(st.lists(event, min_size=1, max_size=40))
    return numbered(("", fields) for fields in told)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stream=streams(), data=st.data())
def test_any_batches_repeated_in_any_order_give_the_same_rows(
    stream: list[Entry],
    data: st.DataObject,
    history: History,
    rows: Callable[[], Rows],
    emptied: Callable[[], None],
    plan: Plan,
) -> None:
    emptied()
    history.record(stream, plan, "life")
    in_one = rows()
    size = data.draw(st.integers(1, len(stream)))
    batches = [stream[at : at + size] for at in range(0, len(stream), size)]
    again = data.draw(st.lists(st.sampled_from(batches), max_size=3))

    emptied()
    for batch in data.draw(st.permutations(batches + again)):
        history.record(batch, plan, "life")

    assert rows() == in_one


def test_late_and_reordered_events_give_the_same_call(history: History, rows: Callable[[], Rows], plan: Plan) -> None:
    told = entries(WHOLE_CALL)
    history.record(told, plan)
    in_order = history.call(told[0][1]["call"], 300_000)
    shuffled = numbered([*told[10:], *told[5:10][::-1], *told[:5]], first_id=100)
    elsewhere = [(stream_id, {**fields, "call": "CAother"}) for stream_id, fields in shuffled]

    history.record(elsewhere[:7], plan)
    history.record(elsewhere[7:], plan)

    late = history.call("CAother", 300_000)
    assert late is not None
    assert in_order is not None
    for part in ("offers", "targets", "status", "outcome", "agent", "queue", "enqueued_ms", "answered_ms"):
        assert late[part] == in_order[part]


def test_one_by_one_is_the_same_as_all_at_once(
    history: History, rows: Callable[[], Rows], emptied: Callable[[], None], plan: Plan
) -> None:
    told = entries(WHOLE_CALL)
    history.record(told, plan)
    at_once = rows()

    emptied()
    for entry in [each for each in told for _ in range(2)]:
        history.record([entry], plan)

    assert rows() == at_once
    assert len(at_once["events"]) == len(told)


def test_two_recorders_at_once_record_everything_once(
    history: History, database_url: str, rows: Callable[[], Rows], plan: Plan
) -> None:
    told = [entry for call in range(20) for entry in entries(WHOLE_CALL, f"CA{call}", first_id=100 * call + 1)]
    batches = [told[at : at + 40] for at in range(0, len(told), 40)]
    others = [History(database_url) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda other: [other.record(batch, plan) for batch in batches], others))

    found = rows()
    assert (len(found["events"]), len(found["calls"]), len(found["clocks"])) == (len(told), 20, 120)
    assert (history.position(), history.set_aside()) == (told[-1][0], [])
    for other in others:
        other.close()
