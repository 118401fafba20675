"""What a waiting caller is told of their wait and their place, and what is kept of it. Pure.

A range is said from the median to the 90th percentile, rounded outwards to whole minutes. Its end is a promise. It is
said again when the median has moved by more than half of itself and a person will be there a minute sooner, or is more
likely than not to come after the promised time; then, and when the promise is broken, with an apology. In between
nothing is said, because a caller who hears another number every half minute believes none. A place is said only where
nobody can be put in front, and never a worse one than before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from queues.estimate import Estimate, Seen
from queues.lifecycle import still_waiting
from queues.records import Call, Change, Event

MINUTE_MS = 60_000
News = Literal["", "first", "sooner", "later"]


@dataclass(frozen=True)
class Sentence:
    """One of our sentences (`ivr/wording.yaml`) with its values."""

    id: str
    values: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Announcement:
    """What is said now, in order, and the change that keeps it.

    `sorry`: what was promised cannot be kept. `bad`: it is news after which a callback should be offered.
    """

    sentences: tuple[Sentence, ...]
    change: Change
    sorry: bool = False
    bad: bool = False


def announce(call: Call, seen: Seen, found: Estimate | None, ordered: bool, now_ms: int) -> Announcement:
    """What a waiting call is told as its wait document is fetched. `ordered`: nobody can be put in front of it."""
    kept = still_waiting(call, now_ms)
    if not seen.agents:
        return _nobody(call, kept, now_ms)
    news = _news(call, found, now_ms) if found else ""
    place = seen.ahead + 1 if ordered and not seen.idle else 0
    better = place and (not call.told_place or place < call.told_place)
    after = replace(call, told_place=place) if better else call
    sentences = (_place(place),) if better else ()
    if not (found and news):
        return Announcement(sentences, replace(kept, before=(call,), after=(after,)) if better else kept)
    hi_ms = minutes(found.lo_ms, found.hi_ms)[1] * MINUTE_MS
    after = replace(after, told_ms=now_ms, told_lo_ms=found.lo_ms, told_hi_ms=hi_ms)
    change = replace(kept, before=(call,), after=(after,), events=(_event(call, seen, found, news, now_ms),))
    sorry = (Sentence("wait_longer"),) if news == "later" else ()
    return Announcement((*sorry, *sentences, wait(found)), change, bool(sorry), bool(sorry))


def wait(found: Estimate) -> Sentence:
    """The range in words: in less than a minute, within some minutes, or in so many to so many."""
    lo, hi = minutes(found.lo_ms, found.hi_ms)
    if hi == 1:
        return Sentence("wait_short")
    return Sentence("wait_range", {"lo": lo, "hi": hi}) if lo else Sentence("wait_within", {"hi": hi})


def minutes(lo_ms: int, hi_ms: int) -> tuple[int, int]:
    """A range rounded outwards to whole minutes; (0, 1) is less than a minute."""
    if hi_ms < MINUTE_MS:
        return 0, 1
    lo, hi = lo_ms // MINUTE_MS, -(-hi_ms // MINUTE_MS)
    return lo, max(hi, lo + 1, 2)


def _news(call: Call, found: Estimate, now_ms: int) -> News:
    """Whether this estimate is worth saying after what the caller was told before."""
    if not call.told_hi_ms:
        return "first"
    since_ms, promised_ms = now_ms - call.told_ms, call.told_ms + call.told_hi_ms
    moved = 2 * abs(since_ms + found.lo_ms - call.told_lo_ms) > call.told_lo_ms
    if now_ms > promised_ms or (moved and now_ms + found.lo_ms > promised_ms):
        return "later"
    said_ms = now_ms + minutes(found.lo_ms, found.hi_ms)[1] * MINUTE_MS
    return "sooner" if moved and said_ms <= promised_ms - MINUTE_MS else ""


def _nobody(call: Call, kept: Change, now_ms: int) -> Announcement:
    """Nobody is there who could answer: no number, and it is said once until somebody is."""
    if call.told_ms and not call.told_hi_ms:
        return Announcement((), kept)
    after = replace(call, told_ms=now_ms, told_lo_ms=0, told_hi_ms=0)
    return Announcement((Sentence("nobody_here"),), replace(kept, before=(call,), after=(after,)), bad=True)


def _place(place: int) -> Sentence:
    return Sentence("place", {"place": place}) if place > 1 else Sentence("place_next")


def _event(call: Call, seen: Seen, found: Estimate, news: News, now_ms: int) -> Event:
    """What was said, with the state it was said from, so that it can be held against what came."""
    facts: dict[str, str | int] = {
        "method": found.method,
        "news": news,
        "lo_ms": found.lo_ms,
        "hi_ms": found.hi_ms,
        "mean_ms": found.mean_ms,
        "ahead": seen.ahead,
        "agents": seen.agents,
        "handle_ms": seen.pace.handle_ms,
        "patience_ms": seen.pace.patience_ms,
    }
    return Event("estimated", now_ms, call.call, facts=facts)
