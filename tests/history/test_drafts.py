"""Half-written menus are kept for each person, and no window writes over what another has kept."""

from adapters.history import History
from queues.flow_trial import FlowDraft

MINE = FlowDraft("leela", "name: one\n", "0123456789ab", at_ms=1_000)


def test_a_draft_is_kept_for_its_person(history: History) -> None:
    book = history.drafts
    assert book.of("leela") is None
    first = book.keep(MINE)
    assert first == FlowDraft("leela", "name: one\n", "0123456789ab", 1, 1_000)
    second = book.keep(FlowDraft("leela", "name: two\n", "0123456789ab", 1, 2_000))
    assert second is not None
    assert (book.of("leela"), second.number) == (second, 2)
    theirs = book.keep(FlowDraft("operator", "name: three\n", "", at_ms=3_000))
    assert (book.others("leela"), book.others("operator")) == ([theirs], [second])


def test_another_window_writes_over_nothing(history: History) -> None:
    book = history.drafts
    book.keep(MINE)
    assert book.keep(MINE) is None, "a second window that began without a draft"
    kept = book.keep(FlowDraft("leela", "name: two\n", "0123456789ab", 1, 2_000))
    assert book.keep(FlowDraft("leela", "name: old window\n", "0123456789ab", 1, 3_000)) is None
    assert book.of("leela") == kept


def test_a_draft_is_dropped_only_as_it_was_seen(history: History) -> None:
    book = history.drafts
    book.keep(MINE)
    assert (book.drop("leela", 7), book.drop("operator")) == (False, False)
    assert (book.drop("leela", 1), book.of("leela")) == (True, None)
    assert book.keep(MINE) is not None
    assert book.drop("leela")
