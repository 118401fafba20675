"""How fast a queue moves, as the record tells it: what an estimate needs beyond who waits now. Pure.

The recorder works it out anew every few seconds from the newest contacts and leaves it in Redis, where a webhook finds
it with everything else; after a loss of Redis it is there again with the recorder's next look.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

NEWEST = 200
SHRINK = 20
LEAST_ABANDONED = 10
LATELY_MS = 900_000
# Whoever is offered to an agent sooner has not waited for one to be free.
AT_ONCE_MS = 1_000


class Contact(NamedTuple):
    """One caller's wait and what followed, in UTC ms; 0 is not yet. `offered_ms` is of the offer that was accepted."""

    needs: str
    enqueued_ms: int
    offered_ms: int
    answered_ms: int
    ended_ms: int
    wrapped_ms: int
    outcome: str


@dataclass(frozen=True)
class Pace:
    """One line's pace at `at_ms`. `handle_ms` is how long a contact keeps an agent, from offer to the end of wrap-up.

    `contacts` of the queue were counted; `ring_ms` passes from the offer to the answer; `patience_ms` 0 is unknown.
    Lately `served` callers of this line were offered after a wait, in `busy_ms` of somebody waiting.
    """

    handle_ms: int = 0
    contacts: int = 0
    ring_ms: int = 0
    patience_ms: int = 0
    served: int = 0
    busy_ms: int = 0
    at_ms: int = 0


@dataclass(frozen=True)
class QueuePace:
    """A queue's pace; `lines` says of each requirement how many were served lately, and how long somebody waited."""

    handle_ms: int = 0
    contacts: int = 0
    ring_ms: int = 0
    patience_ms: int = 0
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)


def paces(record: Mapping[str, Sequence[Contact]], now_ms: int) -> dict[str, QueuePace]:
    """The pace of each queue from its newest contacts.

    The handle time is shrunk towards the whole center's, as if `SHRINK` of its contacts had been this queue's too, so
    that the first long call of a new queue does not frighten everybody behind it.
    """
    newest = {queue: _newest(contacts) for queue, contacts in record.items()}
    everyone = [contact for contacts in newest.values() for contact in contacts]
    usual_ms = _mean(_busy_ms(contact) for contact in everyone)
    return {queue: _pace(contacts, newest[queue], usual_ms, now_ms) for queue, contacts in record.items()}


def _pace(contacts: Sequence[Contact], newest: Sequence[Contact], usual_ms: float, now_ms: int) -> QueuePace:
    own_ms = sum(map(_busy_ms, newest))
    handled_ms = (own_ms + SHRINK * usual_ms) / (len(newest) + SHRINK)
    ring_ms = _mean(contact.answered_ms - contact.offered_ms for contact in newest)
    return QueuePace(round(handled_ms), len(newest), round(ring_ms), patience_ms(contacts), served(contacts, now_ms))


def patience_ms(contacts: Sequence[Contact]) -> int:
    """The mean patience of exponentially patient callers: all their waits over the number who left; 0 when few did.

    Who was answered has shown a part of their patience only; that is why their waits count and they do not.
    """
    over = [contact for contact in contacts if contact.answered_ms or contact.ended_ms]
    left = sum(contact.outcome == "abandoned" for contact in over)
    waited_ms = sum((contact.answered_ms or contact.ended_ms) - contact.enqueued_ms for contact in over)
    return round(waited_ms / left) if left >= LEAST_ABANDONED else 0


def served(contacts: Iterable[Contact], now_ms: int) -> dict[str, tuple[int, int]]:
    """Requirement → (callers offered after a wait, ms in which somebody waited) of the last quarter of an hour."""
    since_ms = now_ms - LATELY_MS
    waits: dict[str, list[tuple[int, int]]] = defaultdict(list)
    count: dict[str, int] = defaultdict(int)
    for contact in contacts:
        until_ms = contact.offered_ms or contact.ended_ms or now_ms
        if until_ms <= since_ms or until_ms - contact.enqueued_ms <= AT_ONCE_MS:
            continue
        waits[contact.needs].append((max(since_ms, contact.enqueued_ms), until_ms))
        count[contact.needs] += contact.offered_ms > 0
    return {needs: (count[needs], _covered_ms(spans)) for needs, spans in waits.items()}


def _covered_ms(spans: Iterable[tuple[int, int]]) -> int:
    """How long at least one of these spans lasted."""
    total_ms = reached_ms = 0
    for from_ms, to_ms in sorted(spans):
        total_ms += max(0, to_ms - max(from_ms, reached_ms))
        reached_ms = max(reached_ms, to_ms)
    return total_ms


def _newest(contacts: Sequence[Contact]) -> list[Contact]:
    """The contacts that were finished last."""
    finished = [contact for contact in contacts if contact.wrapped_ms and contact.answered_ms and contact.offered_ms]
    return sorted(finished, key=lambda contact: contact.wrapped_ms)[-NEWEST:]


def _busy_ms(contact: Contact) -> int:
    return contact.wrapped_ms - contact.offered_ms


def _mean(values: Iterable[int]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
