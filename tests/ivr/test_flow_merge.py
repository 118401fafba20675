"""Two people's changes in one text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.flow_merge import merge

BASE = "one\ntwo\nthree\nfour\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "both", "clashes"),
    [
        ("ONE\ntwo\nthree\nfour\n", "one\ntwo\nthree\nFOUR\n", "ONE\ntwo\nthree\nFOUR\n", []),
        (BASE, "two\nthree\nfour\nfive\n", "two\nthree\nfour\nfive\n", []),
        ("one\n2\nthree\nfour\n", BASE, "one\n2\nthree\nfour\n", []),
        ("one\n2\nthree\nfour\n", "one\n2\nthree\nfour\n", "one\n2\nthree\nfour\n", []),
        ("one\n2\nthree\nfour\n", "one\nzwei\nthree\n4\n", "one\n2\nthree\n4\n", [2]),
        ("one\ntwo\nthree\nfour\nmine\n", "one\ntwo\nthree\nfour\ntheirs\n", "one\ntwo\nthree\nfour\nmine\n", [5]),
        ("zero\none\nthree\nfour\n", "one\ntwo\nTHREE\nfour\n", "zero\none\nTHREE\nfour\n", []),
    ],
)
def test_both_changes_are_in_the_text_and_where_they_meet_mine_stays(
    mine: str, theirs: str, both: str, clashes: list[int]
) -> None:
    assert merge(BASE, mine, theirs) == (both, clashes)


TEXTS = st.lists(st.sampled_from("abc"), max_size=6).map(lambda rows: "".join(f"{row}\n" for row in rows))


@given(TEXTS, TEXTS, TEXTS)
def test_who_changed_nothing_gets_the_other_and_no_line_of_mine_is_lost(base: str, mine: str, theirs: str) -> None:
    assert merge(base, base, theirs) == (theirs, [])
    assert merge(base, mine, base) == (mine, [])
    both, clashes = merge(base, mine, theirs)
    assert all(1 <= line <= both.count("\n") + 1 for line in clashes)
    fresh = set(mine.split()) - set(base.split())
    assert fresh <= set(both.split())
