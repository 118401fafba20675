"""The plain signature is the library's for every form, and what the library takes is taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from webhooks.signature import is_signed, plain_signature

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
FORMS = st.lists(st.tuples(st.sampled_from(["From", "To", "Digits", "", "From "]) | TEXTS, TEXTS), max_size=12)
URL = "https://calls.example.org/voice/menu?n=main&l=en"
FORM = MultiDict([("CallSid", "CA1"), ("Digits", "2"), ("From", "+14155550123")])


@given(FORMS)
def test_it_is_the_library_s(pairs: list[tuple[str, str]]) -> None:
    form = MultiDict(pairs)
    made = plain_signature("token", URL, form)
    assert made == RequestValidator("token").compute_signature(URL, form)
    assert is_signed("token", URL, form, made)
    assert not is_signed("other", URL, form, made)


@given(FORMS, TEXTS)
def test_no_other_signature_is_taken(pairs: list[tuple[str, str]], signature: str) -> None:
    form = MultiDict(pairs)
    assert is_signed("token", URL, form, signature) == RequestValidator("token").validate(URL, form, signature)


@pytest.mark.parametrize("signed", ["https://calls.example.org:443/voice/menu?n=main&l=en", URL])
def test_address_may_be_signed_with_its_port(signed: str) -> None:
    assert is_signed("token", URL, FORM, RequestValidator("token").compute_signature(signed, FORM))


@pytest.mark.parametrize(
    "changed",
    [{"Digits": "3"}, {"Extra": "1"}, {"CallSid": "CA2"}],
)
def test_changed_form_is_not_signed(changed: dict[str, str]) -> None:
    signature = plain_signature("token", URL, FORM)
    altered = MultiDict(FORM.to_dict() | changed)
    assert not is_signed("token", URL, altered, signature)
