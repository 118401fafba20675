"""How long a ring is, by the country of the line that rings.

Numbers from Asterisk's indications.conf.sample, whose country list is the one Twilio's `ringTone` takes. A ring is one
full cycle; a person who answers "at the second ring" does so just after that ring was heard.
"""

from dataclasses import dataclass

ANSWERS_AFTER_BURST_MS = 100


@dataclass(frozen=True)
class Cadence:
    """One ring: audible for `burst_ms` (a double ring counts with its gap), then silent until `cycle_ms`."""

    burst_ms: int
    cycle_ms: int

    def answer_ms(self, rings: int) -> int:
        """Milliseconds of ringing after which somebody who answers at ring number `rings` (from 1) picks up."""
        return (rings - 1) * self.cycle_ms + self.burst_ms + ANSWERS_AFTER_BURST_MS


_CYCLES = {
    Cadence(2000, 6000): "US CA",
    Cadence(1000, 3000): "IN GB AU NZ SG ZA MY JP TW",
    Cadence(1000, 5000): "BG BR CH CN CZ DE DK EE FI GR ID IT LT MX NL NO PH PL RU VE",
    Cadence(1250, 5000): "HU",
    Cadence(1500, 5000): "FR",
    Cadence(1500, 4500): "ES",
    Cadence(1000, 6000): "AT PT SE TH",
    Cadence(1000, 4000): "BE CL IL",
}
CADENCES = {country: cadence for cadence, countries in _CYCLES.items() for country in countries.split()}

_PREFIXES = (
    "1 US,7 RU,27 ZA,30 GR,31 NL,32 BE,33 FR,34 ES,36 HU,39 IT,41 CH,43 AT,44 GB,45 DK,46 SE,47 NO,48 PL,49 DE,52 MX,"
    "55 BR,56 CL,58 VE,60 MY,61 AU,62 ID,63 PH,64 NZ,65 SG,66 TH,81 JP,86 CN,91 IN,351 PT,358 FI,359 BG,370 LT,372 EE,"
    "420 CZ,886 TW,972 IL"
)
COUNTRY_BY_PREFIX = dict(pair.split() for pair in _PREFIXES.split(","))


def country_of(line: str) -> str:
    """ISO code of an E.164 number by its prefix; empty when the line is no number or its country is not known here."""
    if not line.startswith("+"):
        return ""
    return next((COUNTRY_BY_PREFIX[line[1:n]] for n in (4, 3, 2) if line[1:n] in COUNTRY_BY_PREFIX), "")


def cadence_of(country: str) -> Cadence:
    """The country's ring; one of 6 s, Twilio's own ringing, where the country is not known."""
    return CADENCES.get(country, CADENCES["US"])
