"""The network's only sense of time: due actions in the order of (instant, sequence).

Everything that happens on the simulated network is an action of this heap, so a test that steps it sees one thing at
a time, and the same heap driven by a thread (`realtime.py`) is a network that lives in real seconds.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

Action = Callable[[], object]


@dataclass(order=True)
class Timer:
    """One due action; `cancel` makes it pass without effect."""

    due_ms: int
    seq: int
    action: Action | None = field(compare=False, default=None)

    def cancel(self) -> None:
        """Have nothing happen."""
        self.action = None


class Clock:
    """A heap of due actions. Stepped by its owner, or, given `wall` (a source of UTC ms), read from real time."""

    def __init__(self, now_ms: int, wall: Callable[[], int] | None = None) -> None:
        self._now_ms = now_ms
        self._wall = wall
        self._heap: list[Timer] = []
        self._seq = 0
        self.on_sooner: Action | None = None

    @property
    def now_ms(self) -> int:
        """The instant it is, UTC ms."""
        return self._wall() if self._wall else self._now_ms

    def at(self, due_ms: int, action: Action) -> Timer:
        """Have `action` run at `due_ms` (UTC ms; the past means now), after everything due then already."""
        self._seq += 1
        timer = Timer(max(due_ms, self.now_ms), self._seq, action)
        heapq.heappush(self._heap, timer)
        if self.on_sooner and self._heap[0] is timer:
            self.on_sooner()
        return timer

    def after(self, delay_ms: int, action: Action) -> Timer:
        """Have `action` run `delay_ms` from now."""
        return self.at(self.now_ms + delay_ms, action)

    def next_due_ms(self) -> int | None:
        """The instant of the next live action, or None when nothing is due, ever."""
        while self._heap and self._heap[0].action is None:
            heapq.heappop(self._heap)
        return self._heap[0].due_ms if self._heap else None

    def run_next(self) -> bool:
        """Run exactly one action, moving a stepped clock to it; False when there is none."""
        if self.next_due_ms() is None:
            return False
        timer = heapq.heappop(self._heap)
        action, timer.action = timer.action, None
        self._now_ms = max(self._now_ms, timer.due_ms)
        if action:
            action()
        return True

    def advance_to(self, ms: int) -> None:
        """Run everything due up to and including `ms`, then stand at `ms`."""
        while (due := self.next_due_ms()) is not None and due <= ms:
            self.run_next()
        self._now_ms = max(self._now_ms, ms)
