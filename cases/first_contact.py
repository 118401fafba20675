"""Was it solved at the first call? What agents noted, what callers said, and whether they had to call again. Pure.

A contact is a call in which a caller talked to an agent. It counts as solved when the agent noted so or the caller said
so, and as solved *at the first call* when the same caller had no new contact for the same reason in the seven days from
its end, the end of the window excluded, and did not answer "no" when asked whether it was solved. Only matured contacts
count: before its seven days are over nobody knows, and a young one that has come back already would weigh too much.

The survey's share is told beside it, never mixed in: it asks a sample, and answers what nobody can see from outside.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from queues.shares import Share

WINDOW_MS = 7 * 86_400_000
# The newest so many are read for one report.
MOST_CONTACTS = 50_000
# On a scale of 1 to 5.
CONTENT = frozenset({4, 5})

State = Literal["held", "again", "said_no", "young", "unsolved", "unknown"]


class Contact(NamedTuple):
    """One of them. Times in UTC ms; `solved` is the agent's word, `solved_said` the caller's, `satisfied` 1 to 5.

    Empty and 0: not noted, not asked, not answered.
    """

    call: str
    caller: str
    caller_name: str
    queue: str
    agent: str
    reason: str
    disposition: str
    solved: str
    solved_said: str
    satisfied: int
    began_ms: int
    ended_ms: int

    @property
    def counts_as_solved(self) -> bool:
        """By the agent's answer, else by how they noted the call to have ended; or by the caller's answer."""
        noted = self.solved == "yes" or (not self.solved and self.disposition == "resolved")
        return noted or self.solved_said == "yes"

    @property
    def key(self) -> tuple[str, str] | None:
        """Whose contact about what; None without a number or a reason, and then nobody can say whether it came back."""
        return (self.caller, self.reason) if self.caller.startswith("+") and self.reason else None


class Finding(NamedTuple):
    """What became of a contact; `again` is the first call by which it came back."""

    contact: Contact
    state: State
    again: str = ""


@dataclass(frozen=True)
class Figures:
    """What the contacts about one reason add up to; an empty name is all of them.

    `held` of the matured contacts that count as solved; `said` of the callers who answered the question; `content` of
    those who gave a mark. The rest of the `contacts` is `young`, `unsolved` or `unknown`.
    """

    reason: str
    contacts: int
    held: Share
    again: int
    said_no: int
    young: int
    unsolved: int
    unknown: int
    said: Share
    content: Share


def findings(contacts: Sequence[Contact], later: Iterable[Contact], now_ms: int) -> list[Finding]:
    """What became of each, in their order. `later` are those that came after, as far as any window reaches."""
    came: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for one in (*contacts, *later):
        if one.key:
            came[one.key].append((one.began_ms, one.call))
    return [_finding(one, sorted(came[one.key]) if one.key else (), now_ms) for one in contacts]


def reaches_ms(contacts: Iterable[Contact]) -> int:
    """Before when a call must have begun to be within the window of one of these; 0 for none."""
    return max((one.ended_ms + WINDOW_MS for one in contacts), default=0)


def figures(found: Sequence[Finding]) -> tuple[Figures, list[Figures]]:
    """All of them together, and per reason, the one with most contacts first."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for one in found:
        groups[one.contact.reason].append(one)
    rows = [_figures(reason, group) for reason, group in groups.items() if reason]
    return _figures("", found), sorted(rows, key=lambda row: (-row.contacts, row.reason))


def _finding(contact: Contact, came: Sequence[tuple[int, str]], now_ms: int) -> Finding:
    over_ms = contact.ended_ms + WINDOW_MS
    again = next((call for at_ms, call in came if contact.ended_ms <= at_ms < over_ms and call != contact.call), "")
    if not contact.counts_as_solved:
        return Finding(contact, "unsolved", again)
    if not contact.key:
        return Finding(contact, "unknown")
    if now_ms < over_ms:
        return Finding(contact, "young", again)
    if again:
        return Finding(contact, "again", again)
    return Finding(contact, "said_no" if contact.solved_said == "no" else "held")


def _figures(reason: str, found: Sequence[Finding]) -> Figures:
    states = [one.state for one in found]
    asked = [one.contact for one in found]
    marks = [one.satisfied for one in asked if one.satisfied]
    answers = [one.solved_said for one in asked if one.solved_said]
    again, said_no = states.count("again"), states.count("said_no")
    return Figures(
        reason=reason,
        contacts=len(found),
        held=Share(states.count("held"), states.count("held") + again + said_no),
        again=again,
        said_no=said_no,
        young=states.count("young"),
        unsolved=states.count("unsolved"),
        unknown=states.count("unknown"),
        said=Share(answers.count("yes"), len(answers)),
        content=Share(sum(mark in CONTENT for mark in marks), len(marks)),
    )
