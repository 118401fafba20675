"""Event streams written as a person would tell them, for the tests of the record."""

from collections.abc import Iterable

from adapters.history_entries import Entered, Entry, StreamId, read_entry
from queues.story import Story, tell

CALL = "CA00000000000000000000000000000001"

# A caller from the United States is answered by the second agent; every clock of the first design has a verdict.
WHOLE_CALL = """
received     1000 caller=+14155550123 called=+912212345678 caller_name=Maria country=US ring_ms=6000
leg          1000 leg={call} role=caller status=in-progress
greeted      1040
menu_choice  4000 node=language choice=2
language     4000 caller=+14155550123 language=hi
enqueued     9000 queue=support language=hi needs=lang:hi=1&support=1 position_ms=9000
offered      9010 agent=ravi offer=11 rule=longest_idle idle=2 waiting=1 needs=lang:hi=1&support=1
leg          9100 agent=ravi offer=11 leg=CAravi role=agent status=initiated
leg          9500 agent=ravi offer=11 leg=CAravi role=agent status=ringing twilio_ms=9400
ringing      9500 agent=ravi offer=11 limit_ms=9000 ring_ms=3000
offer_end   18500 agent=ravi offer=11 outcome=missed why=no_answer
leg         18600 agent=ravi offer=11 leg=CAravi role=agent status=canceled
offered     18510 agent=asha offer=12 rule=longest_idle idle=1 waiting=1 needs=lang:hi=1&support=1
ringing     19000 agent=asha offer=12 limit_ms=9000 ring_ms=3000
picked_up   27100 agent=asha offer=12
offer_end   28600 agent=asha offer=12 outcome=accepted
answered    28600 agent=asha offer=12
joined      29000 agent=asha offer=12
ended      200000 agent=asha outcome=answered by=caller
wrapped    220000 agent=asha disposition=resolved reason=refund note=thanked solved=yes by=agent
"""


def entries(text: str, call: str = CALL, first_id: int = 1) -> list[Entry]:
    """Stream entries, one per line: name, moment in ms, facts. Numbered in the order of the lines."""
    rows = [line.split() for line in text.strip().splitlines() if line.strip()]
    return [(f"{first_id + at}-0", _fields(row, call)) for at, row in enumerate(rows)]


def _fields(row: list[str], call: str) -> dict[str, str]:
    name, at_ms, *facts = row
    told = dict(fact.replace("{call}", call).split("=", 1) for fact in facts)
    whose = {} if name == "agent_status" else {"call": call}
    return {"name": name, "at_ms": at_ms} | whose | told


def numbered(entries: Iterable[Entry], first_id: int = 1) -> list[Entry]:
    """The same entries as another stream would have them: numbered in the given order."""
    return [(f"{first_id + at}-0", fields) for at, (_, fields) in enumerate(entries)]


def story(text: str) -> Story:
    """The story of the one call that these lines tell."""
    read = [Entered(StreamId.read(stream_id, ""), read_entry(fields)) for stream_id, fields in entries(text)]
    return tell([entered.event for entered in sorted(read, key=lambda entered: entered.order)])
