"""When a caller is told of the wait again, in which words, and with which method the wait is estimated."""

import pytest

from queues.announcement import announce, minutes, wait
from queues.estimate import LONGEST_MS, Estimate, Seen, estimate
from queues.pace import Pace
from queues.records import Call

NOW_MS = 1_000_000_000
PACE = Pace(handle_ms=180_000, contacts=200, at_ms=NOW_MS)
WAITING = Call(call="CA1", status="waiting", queue="sales", enqueued_ms=NOW_MS)
BUSY = Seen(ahead=4, others=4, agents=5, pace=PACE)


def range_of(lo_ms: int, hi_ms: int) -> Estimate:
    return Estimate("queue_length", lo_ms, hi_ms, lo_ms)


@pytest.mark.parametrize(
    ("lo_ms", "hi_ms", "said"),
    [
        (168_153, 287_769, (2, 5)),
        (24_953, 59_999, (0, 1)),
        (24_953, 60_000, (0, 2)),
        (59_999, 60_001, (0, 2)),
        (60_000, 60_001, (1, 2)),
        (120_000, 120_000, (2, 3)),
        (119_999, 180_000, (1, 3)),
    ],
)
def test_range_is_rounded_outwards(lo_ms: int, hi_ms: int, said: tuple[int, int]) -> None:
    assert minutes(lo_ms, hi_ms) == said


def test_words_fit_the_range() -> None:
    ids = [wait(range_of(*ends)).id for ends in ((9_000, 30_000), (30_000, 100_000), (70_000, 100_000))]
    assert ids == ["wait_short", "wait_within", "wait_range"]


@pytest.mark.parametrize(
    ("after_s", "lo_s", "hi_s", "said"),
    [
        (25, 168, 288, []),  # as expected
        (100, 168, 288, []),  # slower, and the promise may well be kept
        (160, 168, 288, ["wait_longer", "wait_range"]),  # more likely than not it breaks
        (25, 420, 700, ["wait_longer", "wait_range"]),  # agents have left
        (25, 250, 500, []),  # not by half as much again
        (290, 5, 9, []),  # a few seconds before its end
        (301, 5, 9, ["wait_longer", "wait_short"]),  # broken
        (25, 40, 110, ["wait_within"]),  # agents have come
        (25, 100, 270, []),  # sooner, but not by a minute
    ],
)
def test_range_is_said_again_only_when_it_is_news(after_s: int, lo_s: int, hi_s: int, said: list[str]) -> None:
    first = announce(WAITING, BUSY, range_of(168_000, 288_000), ordered=False, now_ms=NOW_MS)
    call = first.change.record(Call)
    assert isinstance(call, Call)
    found = announce(call, BUSY, range_of(lo_s * 1000, hi_s * 1000), False, NOW_MS + after_s * 1000)
    assert [one.id for one in first.sentences] == ["wait_range"]
    assert [one.id for one in found.sentences] == said
    assert [event.name for event in found.change.events] == ["estimated"] * bool(said)
    assert found.sorry == ("wait_longer" in said)


def test_place_never_gets_worse() -> None:
    call, said = WAITING, []
    for ahead in (4, 4, 5, 2, 0, 1):
        found = announce(call, Seen(ahead=ahead, others=5, agents=5), None, ordered=True, now_ms=NOW_MS)
        said += [(one.id, one.values.get("place")) for one in found.sentences]
        call = found.change.record(Call) or call  # type: ignore[assignment]
    assert said == [("place", 5), ("place", 3), ("place_next", None)]


# -- which method, and when none ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "method"),
    [
        (BUSY, "queue_length"),
        (Seen(4, 4, 0, pace=PACE), None),  # nobody there
        (Seen(4, 4, 5, idle=5, pace=PACE), None),  # an agent is free
        (Seen(4, 4, 5, idle=4, pace=PACE), "queue_length"),
        (Seen(4, 4, 5, pace=Pace(180_000, 9)), None),
        (Seen(4, 4, 5, head_waited_ms=90_000, pace=Pace(180_000, 9)), "head_of_line"),
        (Seen(1, 1, 5, head_waited_ms=90_000), None),
        (Seen(0, 4, 5, head_waited_ms=0), None),
        (Seen(4, 4, 5, shared=True, head_waited_ms=90_000, pace=PACE), "head_of_line"),
        (Seen(4, 4, 5, shared=True, pace=Pace(served=10, busy_ms=400_000, at_ms=NOW_MS)), "effective_rate"),
        (Seen(4, 4, 5, shared=True, pace=Pace(served=9, busy_ms=400_000, at_ms=NOW_MS)), None),
        (Seen(4, 4, 5, shared=True, pace=Pace(served=10, busy_ms=400_000, at_ms=NOW_MS - 120_001)), None),
        (Seen(99, 99, 1, pace=PACE), None),  # beyond an hour
    ],
)
def test_surest_method_is_taken_and_none_rather_than_a_guess(seen: Seen, method: str | None) -> None:
    found = estimate(seen, NOW_MS)
    assert (found.method if found else None) == method


def test_ring_is_part_of_the_wait_and_the_hour_is_the_end() -> None:
    found = estimate(Seen(0, 0, 1, pace=Pace(180_000, 200, ring_ms=6_000)), NOW_MS)
    assert found == Estimate("queue_length", 130_766, 420_465, 186_000)
    longest = estimate(Seen(0, 0, 1, pace=Pace(1_563_000, 200)), NOW_MS)
    assert longest is not None
    assert LONGEST_MS - 2_000 < longest.hi_ms <= LONGEST_MS
    assert estimate(Seen(0, 0, 1, pace=Pace(1_563_000, 200, ring_ms=3_000)), NOW_MS) is None
