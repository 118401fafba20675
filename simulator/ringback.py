"""What ringing sounds like in a country, for the browser phones: when the tone is on and off, and its frequencies.

The length of a ring is the one of `cadence.py`; countries of the double ring divide its sounding part in two.
Frequencies are the national tones of ITU-T E.180, supplement 2.
"""

from typing import Any

from simulator.cadence import cadence_of

DOUBLE_RING = frozenset(["IN", "GB", "AU", "NZ", "SG", "ZA", "MY"])
DOUBLE_BURST_MS = [400, 200, 400]
OWN_TONES_HZ = {"US": [440, 480], "CA": [440, 480], "GB": [400, 450], "NZ": [400, 450], "IN": [400, 425]}
TONES_HZ = [425]


def ringback(country: str) -> dict[str, Any]:
    """`cadence_ms` (on, off, on, off… of one ring) and `tones_hz` of an ISO country; the USA's where unknown."""
    cadence = cadence_of(country)
    burst = DOUBLE_BURST_MS if country in DOUBLE_RING else [cadence.burst_ms]
    return {
        "cadence_ms": [*burst, cadence.cycle_ms - cadence.burst_ms],
        "tones_hz": OWN_TONES_HZ.get(country or "US", TONES_HZ),
    }
