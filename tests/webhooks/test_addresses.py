"""The address of a key press holds nothing that would have to be quoted."""

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from ivr.reply import Place
from queues import addresses
from queues.records import Call
from webhooks.links import CallerLinks

NAMES = st.from_regex("[a-z][a-z0-9_]{0,31}", fullmatch=True)
PLACES = st.builds(
    Place,
    NAMES,
    st.integers(0, 99),
    st.none() | st.from_regex("[a-z]{2,3}", fullmatch=True),
    st.lists(NAMES, max_size=8).map(tuple),
    st.integers(0, 99),
    st.booleans(),
)
BASE = "https://calls.example.org"


@given(PLACES, st.sampled_from(["", "0123456789ab"]), st.integers(0, 1))
def test_place_is_written_as_the_library_writes_it(place: Place, flow: str, recent: int) -> None:
    links = CallerLinks(BASE, Call(flow=flow, recent=recent))
    query = place.to_query() | ({"v": flow} if flow else {}) | ({"r": "1"} if recent else {})
    for address, told in ((links.step(place), query), (links.nothing(place), query | {"silent": "1"})):
        assert address == f"{BASE}/voice/menu?{urlencode(told)}{addresses.RETRIED}"
