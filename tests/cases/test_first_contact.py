"""First-contact resolution: which contacts count, which came back, and what callers say, against worked examples."""

import pytest

from cases.first_contact import WINDOW_MS, Contact, Figures, figures, findings, reaches_ms
from queues.shares import Share

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS
CONTACT = Contact("CA1", "+919898000111", "", "support", "asha", "refund", "resolved", "", "", 0, 0, 0)


def contact(call: str, day: float, caller: str = "", **told: object) -> Contact:
    """A minute long, ended on that day; each call is of a caller of its own unless said otherwise."""
    ended_ms = round(day * DAY_MS)
    number = caller or f"+919898{int.from_bytes(call.encode()) % 1_000_003:07d}"
    fields = {"call": call, "caller": number, "began_ms": ended_ms - 60_000, "ended_ms": ended_ms} | told
    return CONTACT._replace(**fields)  # type: ignore[arg-type]


def ten(*days: float) -> list[Contact]:
    return [contact(f"CA{number}", day, f"+91989800{number:04d}") for number, day in enumerate(days)]


def total(contacts: list[Contact], later: list[Contact] | None = None, now_ms: int = NOW_MS) -> Figures:
    return figures(findings(contacts, later or [], now_ms))[0]


def again(one: Contact, after_ms: int, call: str = "CAagain", **told: object) -> Contact:
    """A call of the same caller that began so long after the end of another, and solved nothing."""
    began_ms = one.ended_ms + after_ms
    fields = {"call": call, "began_ms": began_ms, "ended_ms": began_ms + 60_000, "disposition": "no_help"} | told
    return one._replace(**fields)  # type: ignore[arg-type]


def test_two_of_ten_come_back_within_the_window_and_one_after_it() -> None:
    # Worked example FCR1: 80 %.
    contacts = ten(*[10.0] * 10)
    later = [again(contacts[0], DAY_MS), again(contacts[1], WINDOW_MS - 1), again(contacts[2], 8 * DAY_MS)]
    found = total(contacts, later)
    assert (found.held, found.again) == (Share(8, 10), 2)
    assert found.held.ratio == pytest.approx(0.8)


def test_only_contacts_whose_window_is_over_count() -> None:
    # Worked example FCR2: three of the ten are younger than seven days, none of them repeated: 5/7.
    contacts = ten(*[10.0] * 7, *[NOW_MS / DAY_MS - 6] * 3)
    found = total(contacts, [again(contacts[0], DAY_MS), again(contacts[1], 2 * DAY_MS)])
    assert (found.held, found.young) == (Share(5, 7), 3)
    assert found.held.ratio == pytest.approx(0.714286, abs=1e-6)


@pytest.mark.parametrize(("after_ms", "state"), [(0, "again"), (WINDOW_MS - 1, "again"), (WINDOW_MS, "held")])
def test_window_begins_with_the_end_of_the_call_and_is_open_at_its_own(after_ms: int, state: str) -> None:
    one = contact("CA1", 10)
    assert [found.state for found in findings([one], [again(one, after_ms)], NOW_MS)] == [state]


@pytest.mark.parametrize(("now_ms", "state"), [(WINDOW_MS - 1, "young"), (WINDOW_MS, "held")])
def test_contact_matures_when_its_window_is_over(now_ms: int, state: str) -> None:
    one = contact("CA1", 10)
    assert [found.state for found in findings([one], [], one.ended_ms + now_ms)] == [state]


def test_young_contact_that_came_back_already_does_not_count_either() -> None:
    one = contact("CA1", 99)
    assert findings([one], [again(one, 1000)], NOW_MS)[0][1:] == ("young", "CAagain")


@pytest.mark.parametrize("told", [{"reason": "bill_question"}, {"caller": "+14155550123"}, {"reason": ""}])
def test_another_caller_or_another_reason_is_no_repeat(told: dict[str, str]) -> None:
    one = contact("CA1", 10)
    assert findings([one], [again(one, DAY_MS, **told)], NOW_MS)[0].state == "held"


def test_a_call_that_began_before_the_end_is_no_new_one() -> None:
    one = contact("CA1", 10)
    assert findings([one], [again(one, -1)], NOW_MS)[0].state == "held"


def test_who_comes_back_twice_counts_once_for_each_contact_that_was_noted_as_solved() -> None:
    first = contact("CA1", 10)
    second, third = (again(first, days * DAY_MS, f"CA{days + 1}", disposition="resolved") for days in (1, 2))
    found = findings([third, first, second], [], NOW_MS)
    assert [(one.contact.call, one.state, one.again) for one in found] == [
        ("CA3", "held", ""),
        ("CA1", "again", "CA2"),
        ("CA2", "again", "CA3"),
    ]


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({"solved": "yes", "disposition": "follow_up"}, "held"),
        ({"solved": "no"}, "unsolved"),
        ({"disposition": "follow_up"}, "unsolved"),
        ({"disposition": ""}, "unsolved"),
        ({"disposition": "", "solved_said": "yes"}, "held"),
        ({"solved": "no", "solved_said": "yes"}, "held"),
        ({"solved_said": "no"}, "said_no"),
        ({"solved": "no", "solved_said": "no"}, "unsolved"),
        ({"caller": "anonymous"}, "unknown"),
        ({"caller": "sip:asha@example.com"}, "unknown"),
        ({"reason": ""}, "unknown"),
    ],
)
def test_what_counts_as_solved(told: dict[str, str], state: str) -> None:
    assert [found.state for found in findings([contact("CA1", 10)._replace(**told)], [], NOW_MS)] == [state]  # type: ignore[arg-type]


def test_callers_answers_are_told_beside_it_and_a_no_takes_it_back() -> None:
    contacts = [
        contact(f"CA{number}", 10, f"+91989800{number:04d}", solved_said=said, satisfied=mark)
        for number, (said, mark) in enumerate([("yes", 5), ("no", 1), ("yes", 4), ("", 3), ("", 0)])
    ]
    found = total(contacts)
    assert (found.held, found.said_no, found.said, found.content) == (Share(4, 5), 1, Share(2, 3), Share(2, 4))


def test_eight_of_ten_marks_are_a_four_or_a_five() -> None:
    # Worked example CSAT: 80 %, Wilson's 95 % interval 49.0 to 94.3 %.
    marks = [5, 5, 5, 5, 4, 4, 4, 4, 3, 1]
    found = total([contact(f"CA{number}", 10, satisfied=mark) for number, mark in enumerate(marks)])
    content = found.content.ratio, found.content.low, found.content.high
    assert content == pytest.approx((0.8, 0.490162, 0.943318), abs=1e-6)


def test_reasons_add_up_to_all_but_those_without_one() -> None:
    contacts = [
        contact("CA1", 10, reason="bill_question"),
        contact("CA2", 10),
        contact("CA3", 10, solved="no"),
        contact("CA4", 99),
        contact("CA5", 10, reason=""),
    ]
    found, rows = figures(findings(contacts, [], NOW_MS))
    assert [(row.reason, row.contacts) for row in rows] == [("refund", 3), ("bill_question", 1)]
    assert (found.contacts, found.held, found.young, found.unsolved, found.unknown) == (5, Share(2, 2), 1, 1, 1)


def test_windows_reach_as_far_as_the_last_contact_needs() -> None:
    assert reaches_ms([contact("CA1", 10), contact("CA2", 12), contact("CA3", 11)]) == 19 * DAY_MS
    assert reaches_ms([]) == 0
