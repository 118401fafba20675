"""Opening hours, on ordinary days, holidays, and the days on which clocks change."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ivr.hours import Hours
from tests.ivr.conftest import At

VISITS: dict[str, Any] = {
    "zone": "Asia/Kolkata",
    "weekly": {"mon-fri": ["09:00-13:00", "14:00-18:00"], "sat": ["09:00-13:00"]},
    "days": {"2026-12-25": [], "2026-12-26": ["10:00-11:00"], "2027-01-26": ["10:00-12:00"]},
    "holidays": {"country": "IN", "subdivision": "GJ"},
}


@pytest.mark.parametrize(
    ("when", "opens"),
    [
        ("2026-11-23T09:00", "2026-11-23T09:00"),
        ("2026-11-23T08:59:59.999", "2026-11-23T09:00"),
        ("2026-11-23T13:00", "2026-11-23T14:00"),
        ("2026-11-23T17:59:59.999", "2026-11-23T17:59:59.999"),
        # 24 November 2026 is Guru Nanak's birthday, a public holiday; 26 January is one too, with hours of its own.
        ("2026-11-23T18:00", "2026-11-25T09:00"),
        ("2026-11-25T18:00", "2026-11-26T09:00"),
        ("2026-11-21T13:00", "2026-11-23T09:00"),
        ("2026-12-24T18:00", "2026-12-26T10:00"),
        ("2026-12-26T11:00", "2026-12-28T09:00"),
        ("2027-01-25T18:00", "2027-01-26T10:00"),
    ],
)
def test_a_line_opens_next_when_its_table_says(at: At, when: str, opens: str) -> None:
    visits = Hours.model_validate(VISITS)
    assert visits.next_opening_ms(at(when)) == at(opens)
    assert visits.is_open(at(when)) == (when == opens)


def test_a_span_may_run_past_midnight(at: At) -> None:
    night = Hours.model_validate({"zone": "Asia/Kolkata", "weekly": {"fri": ["22:00-06:00"]}})
    assert [night.is_open(at(f"2026-11-{when}")) for when in ("27T21:59", "27T22:00", "28T05:59", "28T06:00")] == [
        False,
        True,
        True,
        False,
    ]


def test_a_line_that_never_opens_says_so(at: At) -> None:
    assert Hours(zone="Asia/Kolkata", weekly={}).next_opening_ms(at("2026-11-23T10:00")) is None


@given(st.integers(1_760_000_000_000, 1_830_000_000_000), st.sampled_from(["America/New_York", "Asia/Kolkata"]))
def test_a_line_without_pause_is_open_at_every_instant_of_every_year(at_ms: int, zone: str) -> None:
    assert Hours(zone=zone, weekly={"mon-sun": ("00:00-24:00",)}).is_open(at_ms)


def test_on_the_day_clocks_go_forward_a_span_is_an_hour_shorter(at: At) -> None:
    """New York, 2027-03-14: after 01:59 the wall shows 03:00."""
    zone = "America/New_York"
    sunday = Hours(zone=zone, weekly={"sun": ("01:00-05:00",)})
    opens, closes = at("2027-03-14T01:00", zone), at("2027-03-14T05:00", zone)
    assert closes - opens == 3 * 3_600_000
    assert sunday.next_opening_ms(opens - 1) == opens
    assert [sunday.is_open(instant) for instant in (opens, closes - 1, closes)] == [True, True, False]


def test_a_span_that_begins_in_the_missing_hour_begins_when_the_clock_jumps(at: At) -> None:
    zone = "America/New_York"
    sunday = Hours(zone=zone, weekly={"sun": ("02:30-05:00",)})
    assert sunday.next_opening_ms(at("2027-03-14T00:00", zone)) == at("2027-03-14T03:00", zone)


def test_on_the_day_clocks_go_back_a_span_is_an_hour_longer_and_opens_once(at: At) -> None:
    """New York, 2026-11-01: 01:00 to 01:59 is shown twice."""
    zone = "America/New_York"
    sunday = Hours(zone=zone, weekly={"sun": ("00:30-02:30",)})
    opens = at("2026-11-01T00:30", zone)
    assert [sunday.is_open(opens + minutes * 60_000) for minutes in (0, 119, 120, 179, 180)] == [
        True,
        True,
        True,
        True,
        False,
    ]
    early = Hours(zone=zone, weekly={"sun": ("01:30-04:00",)})
    assert early.next_opening_ms(opens) == at("2026-11-01T01:30", zone, fold=0)
    assert early.is_open(at("2026-11-01T01:00", zone, fold=1))


CLOCKS = [
    # A day on which the clocks of a zone change, and how many hours lie between its 17:30 and that of the day before.
    ("Europe/London", "2026-03-29", 23),
    ("Europe/London", "2026-10-25", 25),
    ("America/New_York", "2027-03-14", 23),
    ("America/New_York", "2026-11-01", 25),
    ("Australia/Sydney", "2026-10-04", 23),
    ("Australia/Sydney", "2027-04-04", 25),
    ("Australia/Lord_Howe", "2026-10-04", 23.5),
    ("Australia/Lord_Howe", "2027-04-04", 24.5),
    ("Asia/Kolkata", "2026-10-25", 24),
]


@pytest.mark.parametrize(("zone", "day", "hours"), CLOCKS)
def test_the_wall_clock_opens_a_line_on_the_day_clocks_change(at: At, zone: str, day: str, hours: float) -> None:
    table = Hours(zone=zone, weekly={"mon-sun": ("09:00-17:30",)})
    eve_closes_ms = at(f"{day}T17:30", zone) - round(hours * 3_600_000)
    opens_ms = at(f"{day}T09:00", zone)
    assert table.next_opening_ms(eve_closes_ms) == opens_ms
    assert opens_ms - eve_closes_ms == round((hours - 8.5) * 3_600_000)
    assert [table.is_open(ms) for ms in (opens_ms - 1, opens_ms, at(f"{day}T17:30", zone))] == [False, True, False]


@pytest.mark.parametrize(("zone", "day", "hours"), CLOCKS)
def test_a_night_line_is_as_long_as_the_night(at: At, zone: str, day: str, hours: float) -> None:
    """22:00 to 06:00 over the change: seven hours, nine, or half an hour more or less."""
    table = Hours(zone=zone, weekly={"mon-sun": ("22:00-06:00",)})
    closes_ms = at(f"{day}T06:00", zone)
    opened_ms = closes_ms - round((8 + hours - 24) * 3_600_000)
    assert [table.is_open(ms) for ms in (opened_ms - 1, opened_ms, closes_ms - 1, closes_ms)] == [
        *(False, True, True, False),
    ]


def test_one_instant_is_open_here_and_closed_there(at: At) -> None:
    weekly = {"mon-fri": ("09:00-17:00",)}
    noon = at("2026-11-23T12:00", "Asia/Kolkata")
    zones = ("Asia/Kolkata", "Asia/Kathmandu", "Europe/London", "America/New_York", "Pacific/Auckland")
    assert [Hours(zone=zone, weekly=weekly).is_open(noon) for zone in zones] == [True, True, False, False, False]


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "is_open"),
    [
        ("IN", "GJ", "2027-01-26", False),  # Republic Day
        ("US", None, "2026-11-26", False),  # Thanksgiving
        ("US", None, "2026-07-03", False),  # the Fourth falls on a Saturday and is kept on Friday
        ("GB", "ENG", "2026-12-28", False),  # Boxing Day falls on a Saturday and is kept on Monday
        ("GB", "ENG", "2026-12-29", True),
    ],
)
def test_public_holidays_are_closed_in_their_country(
    at: At, country: str, subdivision: str | None, day: str, is_open: bool
) -> None:
    holidays = {"country": country, "subdivision": subdivision}
    table = Hours.model_validate({"zone": "UTC", "weekly": {"mon-fri": ["09:00-17:00"]}, "holidays": holidays})
    assert table.is_open(at(f"{day}T12:00", "UTC")) == is_open


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"zone": "Asia/Atlantis"}, "`Asia/Atlantis` is not a time zone"),
        ({"zone": "/etc/passwd"}, "`/etc/passwd` is not a time zone"),
        ({"weekly": {"mo": []}}, "`mo` is not a day or a range such as mon-fri"),
        ({"weekly": {"fri-mon": []}}, "`fri-mon` is not a day or a range such as mon-fri"),
        ({"weekly": {"mon": ["9-18"]}}, "`9-18` is not a span such as 09:00-18:00"),
        ({"weekly": {"mon": ["09:60-18:00"]}}, "`09:60-18:00` is not a span such as 09:00-18:00"),
        ({"weekly": {"mon": ["09:00-24:01"]}}, "`09:00-24:01` is not a span of a day"),
        ({"weekly": {"mon": ["09:00-09:00"]}}, "`09:00-09:00` is not a span of a day"),
        ({"days": {"2026-02-30": []}}, "`2026-02-30` is not a date such as 2026-12-25"),
        ({"holidays": {"country": "IN", "subdivision": "ZZ"}}, "Entity `IN` does not have subdivision ZZ"),
    ],
)
def test_wrong_hours_are_refused_with_the_reason(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Hours.model_validate(VISITS | wrong)
    assert [str(fault["ctx"]["error"]) for fault in refused.value.errors()] == [reason]
