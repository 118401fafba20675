"""Values as people say them, in each language."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import spoken
from ivr.parts import Kind
from ivr.spoken import Here, fits, speak
from tests.ivr.conftest import At

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.fixture
def here(at: At) -> Here:
    return Here(at("2026-11-23T10:00"), KOLKATA, "INR")


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("7", "7"),
        ("1234", "1 2 3 4"),
        ("12345", "1 2 3, 4 5"),
        ("9812345001", "9 8 1 2, 3 4 5, 0 0 1"),
        ("0012345678901234", "0 0 1 2, 3 4 5 6, 7 8 9 0, 1 2 3 4"),
    ],
)
def test_digits_are_read_one_by_one_in_groups(digits: str, said: str) -> None:
    assert spoken.digit_groups(digits) == said


@given(st.text("0123456789", min_size=1, max_size=40))
def test_no_digit_is_lost_and_no_group_is_longer_than_four(digits: str) -> None:
    said = spoken.digit_groups(digits)
    assert said.replace(" ", "").replace(",", "") == digits
    assert max(len(group.split()) for group in said.split(",")) <= 4


@pytest.mark.parametrize(
    ("kind", "value", "language", "said"),
    [
        ("date", "2026-11-25", "en", "25 November"),
        ("date", "2026-11-25", "hi", "25 नवंबर"),
        ("date", "2027-01-02", "gu", "2 જાન્યુઆરી 2027"),
        ("date", "2027-01-02", "te", "2 జనవరి 2027"),
        ("amount", "125000", "en", "125000 rupees"),
        ("amount", "1", "en", "1 rupee"),
        ("amount", "1", "gu", "1 રૂપિયો"),
        ("amount", "1250.50", "hi", "1250 रुपये 50 पैसे"),
        ("amount", "1250.05", "te", "1250 రూపాయలు 5 పైసలు"),
        ("amount", "-20", "en", "minus 20 rupees"),
        ("number", "0012", "en", "12"),
        ("digits", "0012", "gu", "0 0 1 2"),
        ("time", "1795491000000", "hi", "कल सुबह 9 बजे"),
        ("text", "Maria <Lopez> & Co", "en", "Maria <Lopez> & Co"),
    ],
)
def test_a_value_is_spoken_by_the_rules_of_the_language(
    here: Here, kind: Kind, value: str, language: str, said: str
) -> None:
    assert speak(kind, value, language, here) == said


@pytest.mark.parametrize(
    ("amount", "language", "said"),
    [("1250", "en", "1250 US dollars"), ("1250.5", "hi", "1250.50 यूएस डॉलर"), ("3", "te", "3 అమెరికా డాలర్‌లు")],
)
def test_other_money_has_its_name_in_the_language(amount: str, language: str, said: str) -> None:
    assert spoken.money(Decimal(amount), "USD", language) == said


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("digits", ""),
        ("digits", "12a"),
        ("digits", "१२"),
        ("date", "2026-02-30"),
        ("date", "20260202"),
        ("date", "tomorrow"),
        ("amount", "1.234"),
        ("amount", "1e9"),
        ("amount", "9" * 13),
        ("number", "-1"),
        ("time", "9" * 15),
        ("due", "tomorrow"),
        ("text", ""),
        ("text", "a\nb"),
        ("text", "x" * 201),
    ],
)
def test_what_does_not_fit_its_kind_is_not_said(here: Here, kind: Kind, value: str) -> None:
    assert not fits(kind, value)
    assert speak(kind, value, "en", here) == ""


@given(st.sampled_from(["digits", "date", "amount", "number", "time", "due", "text"]), st.text(max_size=30))
def test_whatever_fits_can_be_spoken_in_every_language(kind: Kind, value: str) -> None:
    here = Here(1_793_000_000_000, KOLKATA, "INR")
    assert all(bool(speak(kind, value, language, here)) == fits(kind, value) for language in ("en", "hi", "gu", "te"))


@pytest.mark.parametrize(("keys", "iso"), [("25112026", "2026-11-25"), ("29022028", "2028-02-29")])
def test_a_date_is_keyed_day_first(keys: str, iso: str) -> None:
    assert spoken.keyed_date(keys) == iso
    assert spoken.day(date.fromisoformat(iso), date(2026, 1, 1), "en").startswith(str(int(keys[:2])))


@pytest.mark.parametrize("keys", ["31022026", "2511202", "00000000", "29022026", "2511202611"])
def test_keys_that_are_no_date_are_none(keys: str) -> None:
    assert spoken.keyed_date(keys) == ""


def test_the_check_digit_finds_every_single_wrong_digit() -> None:
    right = "79927398713"  # the example of ISO/IEC 7812-1's formula as it is usually given
    assert spoken.luhn(right)
    wrong = [right[:at] + digit + right[at + 1 :] for at in range(11) for digit in "0123456789" if digit != right[at]]
    assert not any(spoken.luhn(number) for number in wrong)
