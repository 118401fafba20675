"""Faster forms of a part are exact: what the libraries give for any form, they give."""

from io import BytesIO

from flask import Request
from hypothesis import given
from hypothesis import strategies as st

from benches import quicker
from benches.minimal_web import LOCALE, VOICE, WORDS, document
from queues.addresses import RETRIED

FORM = "application/x-www-form-urlencoded"
BODIES = st.text("ab=&+;% \xe9", max_size=20).map(str.encode) | st.binary(max_size=12)
TYPES = st.sampled_from([FORM, f"{FORM}; charset=utf-8", "text/plain", "multipart/form-data; boundary=b", ""])


@given(BODIES, st.lists(st.sampled_from(["%C3%A9", "%FF", "%", "+", "&", "=", "a"])).map("".join), TYPES)
def test_form_is_read_as_the_library_reads_it(body: bytes, quoted: str, content_type: str) -> None:
    sent = body + quoted.encode()
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": content_type, "CONTENT_LENGTH": str(len(sent))}
    one, other = (kind(environ | {"wsgi.input": BytesIO(sent)}) for kind in (quicker.QuickRequest, Request))
    assert one.form == other.form


def test_document_is_the_library_s() -> None:
    where = "https://calls.example.org/voice/menu?n=support_menu&l=en&b=language.main&s=2"
    quick = quicker.question(where + RETRIED, where + "&silent=1" + RETRIED, 2, WORDS, VOICE, LOCALE)
    assert quick == document("https://calls.example.org/voice/menu", 2)
