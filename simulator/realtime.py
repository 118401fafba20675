"""The clock of a live network: the same heap, run by a thread when its actions are due in real time."""

import time
from threading import Condition, RLock, Thread

from simulator.clock import Clock

IDLE_S = 60.0


def _wall() -> int:
    return time.time_ns() // 1_000_000


class LiveClock(Clock):
    """Runs due actions one by one, each under the network's lock."""

    def __init__(self, lock: RLock) -> None:
        super().__init__(_wall(), _wall)
        self._due = Condition(lock)
        self._stopping = False
        self._thread = Thread(target=self._run, name="network-clock", daemon=True)
        self.on_sooner = self._due.notify_all

    def start(self) -> None:
        """Begin to run what is due."""
        self._thread.start()

    def stop(self) -> None:
        """Stop running actions; the thread has ended when this returns."""
        with self._due:
            self._stopping = True
            self._due.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=2)

    def sleep(self, ms: int) -> None:
        """Let a caller wait in real time."""
        time.sleep(ms / 1000)

    def _run(self) -> None:
        while True:
            with self._due:
                if self._stopping:
                    return
                due_ms = self.next_due_ms()
                wait_s = IDLE_S if due_ms is None else (due_ms - self.now_ms) / 1000
                if wait_s > 0:
                    self._due.wait(min(wait_s, IDLE_S))
                else:
                    self.run_next()
