"""What a ringing phone sounds like in a country: when the tone is on and off, and its frequencies. Pure.

The cadence is the one the ring's length is known by; the frequencies follow the same ITU-T list of national tones
(E.180, supplement 2). The desk plays it, so that three rings can be heard and not only seen.
"""

import csv
import re
from functools import cache
from typing import Any

from queues.rings import TABLE, ring_ms

OWN_TONES_HZ = {
    **dict.fromkeys(("US", "CA"), (440, 480)),
    **dict.fromkeys(("GB", "NZ"), (400, 450)),
    **dict.fromkeys(("IN", "AU"), (400, 425)),
}
TONE_HZ = (425,)


@cache
def cadences() -> dict[str, list[int]]:
    """ISO country → on, off, on, off… in ms."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["country"]: [int(ms) for ms in re.findall(r"\d+", row["ringback"])] for row in csv.DictReader(file)}


def sound(country: str) -> dict[str, Any]:
    """`cadence_ms` and `tones_hz` of one ring in that country."""
    cycle_ms = ring_ms(country)
    cadence = cadences().get(country) or [cycle_ms // 3, cycle_ms - cycle_ms // 3]
    return {"cadence_ms": cadence, "tones_hz": list(OWN_TONES_HZ.get(country, TONE_HZ))}
