"""The network's queues: where <Enqueue> parks callers. Their order is only a parking order; anyone can be taken out by
REST.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.legs import Leg
from simulator.program import Program

if TYPE_CHECKING:
    from simulator.network import Network

USUAL_SIZE = 1000
LARGEST_SIZE = 5000
LONGEST_NAME = 64


@dataclass
class Member:
    """One waiting leg; `program` is the one that enqueued it and is told when somebody takes it."""

    leg: Leg
    program: Program
    since_ms: int


@dataclass
class Queue:
    """Members in the order of their arrival."""

    sid: str
    name: str
    created_ms: int
    max_size: int = USUAL_SIZE
    updated_ms: int = 0
    members: list[Member] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether nobody else may wait here."""
        return len(self.members) >= self.max_size

    def position(self, member: Member) -> int:
        """1 for the next one."""
        return self.members.index(member) + 1

    def average_wait_s(self, now_ms: int) -> int:
        """Average seconds that those now waiting have waited."""
        if not self.members:
            return 0
        return sum(now_ms - member.since_ms for member in self.members) // len(self.members) // 1000

    def of_leg(self, leg_sid: str) -> Member | None:
        """The member by its leg's SID, or by `Front`."""
        if leg_sid == "Front":
            return self.members[0] if self.members else None
        return next((member for member in self.members if member.leg.sid == leg_sid), None)


class Queues:
    """All queues by SID. A name makes a queue on first use."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self.by_sid: dict[str, Queue] = {}
        self.takers: dict[str, list[Program]] = {}

    def named(self, name: str) -> Queue | None:
        """The queue of that name, or None."""
        return next((queue for queue in self.by_sid.values() if queue.name == name), None)

    def create(self, name: str, max_size: int = USUAL_SIZE) -> Queue:
        """Make a queue."""
        now_ms = self._net.clock.now_ms
        queue = Queue(self._net.sids.make("QU"), name, now_ms, max_size, now_ms)
        self.by_sid[queue.sid] = queue
        return queue

    def join(self, queue: Queue, leg: Leg, program: Program) -> Member:
        """Park a leg at the end; a <Dial><Queue> that waits for somebody learns of it."""
        member = Member(leg, program, self._net.clock.now_ms)
        queue.members.append(member)
        for taker in self.takers.get(queue.sid, [])[:1]:
            taker.signal(None)
        return member

    def remove(self, queue: Queue, member: Member) -> None:
        """Take a member out; nothing happens when it is out."""
        if member in queue.members:
            queue.members.remove(member)
