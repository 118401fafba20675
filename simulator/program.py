"""A story told in steps: what one leg is doing, as a generator that waits for signals.

A step yields the instant until which it is willing to wait (UTC ms, None = for ever) and is resumed with TIMEOUT or
with a signal. Signals are always delivered as actions of their own, so that one leg's step never runs inside
another's.
"""

from collections.abc import Callable, Generator
from functools import partial
from typing import TypeVar

from simulator.clock import Clock, Timer

T = TypeVar("T")
Steps = Generator[int | None, object, T]
TIMEOUT = object()


class Program:
    """Runs one generator on the clock. `why` says, in its `finally` blocks, what stopped it from outside."""

    def __init__(self, clock: Clock) -> None:
        self.alive = True
        self.why = ""
        self._clock = clock
        self._timer: Timer | None = None
        self._steps: Steps[None] | None = None
        self._on_end: Callable[[], None] | None = None
        self._running = False

    def start(self, steps: Steps[None], on_end: Callable[[], None]) -> None:
        """Begin at the next turn of the clock; `on_end` is called when the story ends by itself."""
        self._steps, self._on_end = steps, on_end
        self._clock.after(0, partial(self.resume, None))

    def signal(self, signal: object) -> None:
        """Let the story go on with `signal` at the next turn of the clock."""
        self._clock.after(0, partial(self.resume, signal))

    def resume(self, signal: object) -> None:
        """Let the story go on with `signal` now; nothing happens when it has ended."""
        if not self.alive or self._steps is None:
            return
        self._forget_timer()
        self._running = True
        try:
            due_ms = self._steps.send(signal)
        except StopIteration:
            self.alive = False
            if self._on_end:
                self._on_end()
            return
        finally:
            self._running = False
        if self.why:  # stopped from inside its own step: its blocks are closed only now
            self._steps.close()
        elif due_ms is not None:
            self._timer = self._clock.at(due_ms, partial(self.resume, TIMEOUT))

    def stop(self, why: str) -> None:
        """End the story from outside, because of `why` (`redirected`, `hung_up`, ...)."""
        if not self.alive:
            return
        self.alive, self.why = False, why
        self._forget_timer()
        if self._steps is not None and not self._running:
            self._steps.close()

    def _forget_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
