"""How long a caller still has to wait, as a range: half of such waits end by `lo_ms`, nine in ten by `hi_ms`. Pure.

Asked whenever the wait document is fetched; `announcement.py` says whether the caller is told. There are three methods,
the surest that the state allows is taken:

- `queue_length`: the line's agents take from no other line. With n of them, each busy for S per contact, everybody
  ahead and the caller are taken at the rate n/S, and callers ahead leave at the rate θ each: the wait is a sum of
  exponential stages of rates n/S + iθ (state-dependent delay, Whitt 1999; with abandonment, Ibrahim and Whitt 2009).
- `effective_rate`: the agents serve other lines too. The rate is that at which this line was served lately, D contacts
  while somebody waited for T; how little D says of it widens the range.
- `head_of_line`: neither is known. The one who waits longest has waited w, and the L others in the line came since, so
  in the long run L are served in w too. It is off twice as much, squared, as one that knows the rate (Ibrahim and Whitt
  2009).

Nothing is estimated when that would be a guess: nobody on duty, an agent free for the caller already, fewer than
`LEAST_CONTACTS` contacts of the queue in the record, fewer than `LEAST_SERVED` served lately, fewer than `LEAST_OTHERS`
others in the line, or a range that reaches beyond `LONGEST_MS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import exp, log
from typing import Literal

from queues.pace import Pace

Method = Literal["queue_length", "effective_rate", "head_of_line"]
METHODS: tuple[Method, ...] = ("queue_length", "effective_rate", "head_of_line")

LO, HI = 0.5, 0.9
LEAST_CONTACTS = 10
LEAST_SERVED = 10
LEAST_OTHERS = 2
LONGEST_MS = 3_600_000
FRESH_MS = 120_000
MOST_STEPS = 60
# A share of those who wait beyond a time, and how fast it falls there, per ms.
Tail = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class Seen:
    """What is true of a line for one caller in it. `others` are all who wait there but the caller; times in ms.

    `agents` serve the line and are on duty, `idle` of them have nothing to do; `shared` says that they serve other
    lines too. `head_waited_ms` is the wait of who waits longest, 0 when that is the caller.
    """

    ahead: int = 0
    others: int = 0
    agents: int = 0
    idle: int = 0
    shared: bool = False
    head_waited_ms: int = 0
    pace: Pace = field(default_factory=Pace)


@dataclass(frozen=True)
class Estimate:
    """The wait from now until a person answers, in ms, not rounded: its median, its 90th percentile, and its mean."""

    method: Method
    lo_ms: int
    hi_ms: int
    mean_ms: int


def estimate(seen: Seen, now_ms: int) -> Estimate | None:
    """The range for this caller, or None when any number would be a guess."""
    if not seen.agents or seen.idle > seen.ahead:
        return None
    pace = seen.pace
    if not seen.shared and pace.contacts >= LEAST_CONTACTS and pace.handle_ms:
        found = by_queue_length(seen.ahead, seen.agents, pace.handle_ms, pace.patience_ms)
    elif seen.shared and pace.served >= LEAST_SERVED and now_ms - pace.at_ms <= FRESH_MS:
        found = by_effective_rate(seen.ahead, pace.served, pace.busy_ms)
    elif seen.others >= LEAST_OTHERS and seen.head_waited_ms:
        found = by_head_of_line(seen.ahead, seen.others, seen.head_waited_ms)
    else:
        return None
    return _rung(found, pace.ring_ms) if found.hi_ms + pace.ring_ms <= LONGEST_MS else None


def by_queue_length(ahead: int, agents: int, handle_ms: float, patience_ms: float = 0) -> Estimate:
    """By how many are ahead, all `agents` being busy `handle_ms` per contact; `patience_ms` 0: nobody leaves."""
    rate, leave = agents / handle_ms, 1 / patience_ms if patience_ms else 0.0
    mean_ms = sum(1 / (rate + at * leave) for at in range(ahead + 1))
    return _range("queue_length", _stages(ahead + 1, rate, leave), mean_ms)


def by_effective_rate(ahead: int, served: int, busy_ms: int) -> Estimate:
    """By the rate at which the line was served lately: `served` contacts in `busy_ms` of somebody waiting."""
    stages = ahead + 1

    def tail(after_ms: float) -> tuple[float, float]:
        # The rate is itself gamma distributed, which makes the number of stages done by a time negative binomial.
        share = after_ms / (busy_ms + after_ms)
        still, last = _sum(stages, served * log(1 - share), served * share, share)
        return still, last * (served + stages - 1) / (busy_ms + after_ms)

    return _range("effective_rate", tail, stages * busy_ms / (served - 1))


def by_head_of_line(ahead: int, others: int, head_waited_ms: int) -> Estimate:
    """By the longest wait in the line, as if its `others`, two at least, were who was served in that time."""
    return replace(by_effective_rate(ahead, others, head_waited_ms), method="head_of_line")


def quantile_ms(tail: Tail, share: float, near_ms: float) -> float:
    """The time by which this share of waits has ended, by Newton's method from `near_ms`; to a tenth of a ms."""
    at_ms = near_ms
    for _ in range(MOST_STEPS):
        still, falls = tail(at_ms)
        if not falls:  # far beyond every wait
            at_ms /= 2
            continue
        next_ms = max(at_ms / 4, at_ms + (still - (1 - share)) / falls)
        if abs(next_ms - at_ms) < 0.1:
            return next_ms
        at_ms = next_ms
    return at_ms


def _stages(stages: int, rate: float, leave: float) -> Tail:
    """So many exponential stages in a row, of rates `rate`, `rate` + `leave`, …, per ms.

    With no `leave` the wait is gamma distributed. With it, exp(−leave · wait) is a product of betas and so a beta
    itself, and its distribution is the same sum with another ratio from term to term.
    """

    def tail(after_ms: float) -> tuple[float, float]:
        reach = (1 - exp(-leave * after_ms)) / leave if leave else after_ms
        still, last = _sum(stages, -rate * after_ms, rate * reach, leave * reach)
        return still, last * (rate + (stages - 1) * leave)

    return tail


def _sum(terms: int, log_first: float, start: float, step: float) -> tuple[float, float]:
    """The sum and the last of terms of which the j-th is (start + j·step) / (j + 1) times the one before, j from 0.

    In logarithms, because with hundreds ahead the first ones are smaller than any floating-point number.
    """
    log_term = log_first
    total = exp(log_term)
    for at in range(terms - 1):
        log_term += log((start + at * step) / (at + 1))
        total += exp(log_term)
    return total, exp(log_term)


def _range(method: Method, tail: Tail, mean_ms: float) -> Estimate:
    lo_ms, hi_ms = (quantile_ms(tail, share, mean_ms) for share in (LO, HI))
    return Estimate(method, round(lo_ms), round(hi_ms), round(mean_ms))


def _rung(found: Estimate, ring_ms: int) -> Estimate:
    """From the moment at which an agent is free to the one at which they answer: their phone rings first."""
    return replace(found, lo_ms=found.lo_ms + ring_ms, hi_ms=found.hi_ms + ring_ms, mean_ms=found.mean_ms + ring_ms)
