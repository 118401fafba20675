"""How long one ring lasts in each country, so that "within three rings" is a number of milliseconds. Pure.

Read when a call comes in, when an agent is rung, and when the clocks of an ended call are judged.
"""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

TABLE = Path(__file__).with_name("ring_cadence.csv")

# The longest cadence in the table: a country we do not know is never charged a ring too many, and the countries
# that share North America's numbering plan without a row of their own get the right one.
UNKNOWN_RING_MS = 6000


@cache
def cadences() -> Mapping[str, int]:
    """ISO country → one full ringing cadence in ms.

    The tone cycles are the national ones that Asterisk's `indications.conf` collects from ITU-T's list of tones
    (E.180, supplement 2).
    """
    with TABLE.open(encoding="utf-8", newline="") as file:
        return MappingProxyType({row["country"]: int(row["cycle_ms"]) for row in csv.DictReader(file)})


def ring_ms(country: str) -> int:
    """One full ring (tone and silence) in `country`, ISO two letters, in ms; 6000 for an unknown or empty one."""
    return cadences().get(country, UNKNOWN_RING_MS)


def rings_limit_ms(country: str, rings: int = 3) -> int:
    """The end of the last full ring that still keeps the promise, in ms."""
    return rings * ring_ms(country)


def rings_counted(actual_ms: int, one_ring_ms: int) -> int:
    """In which ring a moment falls: the first ring is 1. 8.4 s in India is the third ring, 9.0 s begins the fourth."""
    return actual_ms // one_ring_ms + 1
