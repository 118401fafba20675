"""First-contact resolution out of the record, on both kinds of database."""

from adapters.history import History
from adapters.history_entries import Entry
from cases.first_contact import WINDOW_MS, figures
from queues.plan import Plan
from queues.shares import Share
from tests.history.told import entries

CALL = """
received     {0} caller={caller} called=+912212345678 country=US ring_ms=6000
enqueued     {0} queue=support language=en needs=support=1 position_ms=9000
offered      {0} agent=asha offer={offer} rule=longest_idle idle=1 waiting=1 needs=support=1
offer_end    {1} agent=asha offer={offer} outcome=accepted
answered     {1} agent=asha offer={offer}
joined       {1} agent=asha offer={offer}
ended        {2} agent=asha outcome=answered by=caller
survey_answer {2} question=satisfied answer=4
survey_answer {2} question=solved answer={said}
wrapped      {3} agent=asha disposition=resolved reason=refund solved=yes by=agent
"""
HOUR_MS = 3_600_000


def call(number: int, began_ms: int, caller: str = "+14155550123", said: str = "yes") -> list[Entry]:
    times = (began_ms, began_ms + 10_000, began_ms + 60_000, began_ms + 90_000)
    text = CALL.format(*times, caller=caller, offer=number, said=said)
    return entries(text, f"CA{number:032d}", number * 100)


def abandoned(number: int, began_ms: int) -> list[Entry]:
    return entries(
        f"received {began_ms} caller=+14155550123\nenqueued {began_ms} queue=support needs=support=1\n"
        f"ended {began_ms + 5_000} outcome=abandoned by=caller",
        f"CA{number:032d}",
        number * 100,
    )


def test_second_call_after_the_days_asked_for_is_found(history: History, plan: Plan) -> None:
    history.record(call(1, HOUR_MS), plan, "one")
    history.record(call(2, 2 * HOUR_MS, "+14155550199", said="no"), plan, "one")
    history.record(call(3, 3 * HOUR_MS, "+14155550142"), plan, "one")
    history.record(call(4, 72 * HOUR_MS), plan, "one")
    history.record(abandoned(5, 90 * HOUR_MS), plan, "one")
    found = history.first_contacts(0, 24 * HOUR_MS, 30 * 24 * HOUR_MS)
    assert [(one.contact.call[-1], one.state, one.again[-1:]) for one in found] == [
        ("3", "held", ""),
        ("2", "said_no", ""),
        ("1", "again", "4"),
    ]
    total, (row,) = figures(found)
    assert (total.held, total.said, total.content, row.reason) == (Share(1, 3), Share(2, 3), Share(3, 3), "refund")


def test_days_begin_and_end_where_they_are_said_to(history: History, plan: Plan) -> None:
    history.record(call(1, HOUR_MS), plan, "one")
    spans = [(HOUR_MS, HOUR_MS + 1), (HOUR_MS + 1, 9 * HOUR_MS), (0, HOUR_MS)]
    assert [len(history.first_contacts(*span, WINDOW_MS)) for span in spans] == [1, 0, 0]
