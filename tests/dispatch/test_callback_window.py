"""The window that is said for a callback: half hours of the wall clock, also at midnight and when clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.callback import HALF_HOUR_MS, Window, window

ZONES = ["Asia/Kolkata", "Asia/Kathmandu", "Europe/London", "America/St_Johns", "Australia/Lord_Howe"]
# An hour before the clocks of London, St John's and Lord Howe change, in spring and in autumn.
CHANGES = [
    *(datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 10, 25, 0, tzinfo=UTC)),
    *(datetime(2026, 3, 8, 4, 30, tzinfo=UTC), datetime(2026, 11, 1, 3, 30, tzinfo=UTC)),
    *(datetime(2026, 10, 3, 14, 30, tzinfo=UTC), datetime(2026, 4, 4, 14, tzinfo=UTC)),
]


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def on_the_half_hour(at_ms: int, zone: ZoneInfo) -> bool:
    at = datetime.fromtimestamp(at_ms / 1000, zone)
    return at.minute in (0, 30) and at.second == 0


@given(
    st.sampled_from(CHANGES),
    st.integers(0, 7_200_000),
    st.integers(0, 7_200_000),
    st.integers(0, 7_200_000),
    st.sampled_from(ZONES),
)
def test_window_holds_the_wait_and_ends_on_a_half_hour_of_the_wall_clock(
    change: datetime, after_ms: int, soonest_ms: int, longer_ms: int, zone: str
) -> None:
    now_ms, own = ms(change) + after_ms, ZoneInfo(zone)
    said = window(now_ms, soonest_ms, soonest_ms + longer_ms, own)
    assert now_ms <= said.from_ms <= now_ms + soonest_ms
    assert now_ms + soonest_ms + longer_ms <= said.to_ms < now_ms + soonest_ms + longer_ms + 2 * HALF_HOUR_MS
    assert on_the_half_hour(said.to_ms, own)
    assert said.from_ms == now_ms or on_the_half_hour(said.from_ms, own)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-06-01T23:50", ("2026-06-01T23:50", "2026-06-02T00:30")),
        ("2026-06-01T23:29", ("2026-06-01T23:29", "2026-06-02T00:00")),
    ],
)
def test_window_over_midnight_is_one_window(at: str, said: tuple[str, str]) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    now_ms, *ends = (ms(datetime.fromisoformat(text).replace(tzinfo=zone)) for text in (at, *said))
    assert window(now_ms, 0, HALF_HOUR_MS, zone) == Window(*ends)
