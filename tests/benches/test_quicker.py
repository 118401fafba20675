"""Faster forms of a part are exact: what the libraries give for any form, they give."""

from urllib.parse import parse_qs, urlencode

from hypothesis import given
from hypothesis import strategies as st

from benches import quicker
from benches.minimal_web import LOCALE, VOICE, WORDS, document
from queues.addresses import RETRIED

TEXTS = st.text(max_size=12)
FORMS = st.lists(st.tuples(TEXTS, TEXTS), max_size=8)


@given(FORMS)
def test_form_is_read_as_the_library_reads_it(pairs: list[tuple[str, str]]) -> None:
    body = urlencode([(name.encode("utf-8", "replace"), text.encode("utf-8", "replace")) for name, text in pairs])
    assert quicker.form(body) == parse_qs(body, keep_blank_values=True)


def test_document_is_the_library_s() -> None:
    where = "https://calls.example.org/voice/menu?n=support_menu&l=en&b=language.main&s=2"
    quick = quicker.question(where + RETRIED, where + "&silent=1" + RETRIED, 2, WORDS, VOICE, LOCALE)
    assert quick == document("https://calls.example.org/voice/menu", 2)
