"""The person at a leg, acting by script or moved from outside.

The network tells the actor what happens to its leg (rings, answered, a Gather listens, talk begins, the end); the
actor does what its script says next, on the network's clock, through the same doors that a person at `/phone` uses.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.cadence import cadence_of
from simulator.clock import Timer
from simulator.legs import Leg
from simulator.people import Script, Step

if TYPE_CHECKING:
    from simulator.network import Network

REACTION_MS = 600  # from hearing that input is wanted to pressing or speaking
BETWEEN_KEYS_MS = 200
MACHINE_TALKS_MS = 20_000
MACHINE_GREETING = "Please leave a message after the tone."


@dataclass(eq=False)
class _Progress:
    step: Step
    done_at_ms: int | None = None


class Actor:
    """Plays one script on one leg."""

    def __init__(self, net: "Network", leg: Leg, script: Script) -> None:
        self._net, self._leg, self.script = net, leg, script
        self._steps = [_Progress(step) for step in script.steps]
        self._next = 0
        self._timer: Timer | None = None
        self._hang_up: Timer | None = None
        self._since_ms: int | None = None
        self._talked_ms = 0
        self._talks_since_ms: int | None = None
        self._ended_it = False

    # what happens to the leg

    def placed(self) -> None:
        """The call was placed (a caller) or answered (a line): absolute moments count from here."""
        last = self._steps[-1] if self._steps else None
        if last and last.step.act == "hang up" and last.step.when == "at":
            self._hang_up = self._net.clock.after(last.step.ms, partial(self._act, last))

    def ringing(self) -> None:
        """The phone of a called line rings."""
        pickup = self.script.pickup
        if pickup is None or pickup.what in ("never", "manual"):
            return
        deed = self._net.decline if pickup.what == "decline" else self._net.answer
        wait_ms = pickup.after_ms(cadence_of(self._net.country_of(self._leg.line)))
        self._timer = self._net.clock.after(wait_ms, partial(deed, self._leg.sid))

    def answered(self) -> None:
        """The leg is in progress."""
        self._forget_timer()
        self._since_ms = self._net.clock.now_ms
        if self.script.pickup and self.script.pickup.what == "voicemail":
            self._net.note(self._leg, "speech", MACHINE_GREETING)
            self._hang_up = self._net.clock.after(MACHINE_TALKS_MS, partial(self._net.hang_up, self._leg.sid))
        elif self.script.pickup:
            self.placed()
        self._arm()

    def listened(self) -> None:
        """A Gather or Record began to listen."""
        if self._waits_for("gather", "record"):
            self._arm()

    def talks(self, talking: bool) -> None:
        """A conversation began or stopped (hold, the other side left)."""
        now_ms = self._net.clock.now_ms
        if not talking and self._talks_since_ms is not None:
            self._talked_ms += now_ms - self._talks_since_ms
        self._talks_since_ms = now_ms if talking else None
        if self._waits_for("talk"):
            self._arm()

    def ended(self) -> None:
        """The leg is over."""
        self._forget_timer()
        if self._hang_up:
            self._hang_up.cancel()

    # what the person does

    def _waits_for(self, *moments: str) -> bool:
        return self._next < len(self._steps) and self._steps[self._next].step.when in moments

    def _arm(self) -> None:
        """Set the clock for the next step, if its moment can be known now."""
        self._forget_timer()
        if self._next >= len(self._steps) or self._since_ms is None:
            return
        now = self._steps[self._next]
        delay_ms = self._delay_ms(now.step)
        if delay_ms is not None and not (now.step.act == "hang up" and now.step.when == "at"):
            self._timer = self._net.clock.after(max(0, delay_ms), partial(self._try, now))

    def _delay_ms(self, step: Step) -> int | None:
        now_ms = self._net.clock.now_ms
        if step.when in ("gather", "record"):
            return REACTION_MS if self._is_heard(step) else None
        if step.when == "talk":
            if self._talks_since_ms is None:
                return None
            return step.ms - self._talked_ms - (now_ms - self._talks_since_ms)
        start_ms = self._leg.created_ms if self.script.pickup is None else self._leg.answered_ms
        if step.when == "at":
            return (start_ms or now_ms) + step.ms - now_ms
        return (self._since_ms or now_ms) + step.ms - now_ms

    def _is_heard(self, step: Step) -> bool:
        ear = self._leg.ear
        if ear is None or ear.kind != step.when:
            return False
        return ear.speech if step.act == "say" else ear.keys or step.act in ("hang up", "wait")

    def _try(self, progress: _Progress) -> None:
        """Act, unless what was waited for has passed in the meantime."""
        if progress.step.when in ("gather", "record") and not self._is_heard(progress.step):
            self._timer = None
            return
        self._act(progress)

    def _act(self, progress: _Progress) -> None:
        if self._leg.ended:
            return
        step, sid = progress.step, self._leg.sid
        progress.done_at_ms = self._since_ms = self._net.clock.now_ms
        self._next = self._steps.index(progress) + 1
        if step.act == "hang up":
            self._ended_it = True
            self._net.hang_up(sid)
        elif step.act == "say":
            self._net.say(sid, step.what)
            self._since_ms += self._net.speech_ms(step.what)
            self._net.clock.at(self._since_ms, self._arm)
        elif step.act == "press":
            self._press(step.what)
        else:
            self._arm()

    def _press(self, keys: str) -> None:
        delay_ms = 0
        for key in keys:
            if key in "wW":
                delay_ms += 500 if key == "w" else 1000
                continue
            self._net.clock.after(delay_ms, partial(self._net.press, self._leg.sid, key))
            delay_ms += BETWEEN_KEYS_MS
        self._since_ms = self._net.clock.now_ms + max(0, delay_ms - BETWEEN_KEYS_MS)
        self._net.clock.after(delay_ms, self._arm)

    def _forget_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    # what became of the script

    def progress(self) -> list[dict[str, Any]]:
        """The steps with the instant of each that was done."""
        return [{"step": str(item.step), "done_at_ms": item.done_at_ms} for item in self._steps]

    def verdict(self) -> tuple[bool, str]:
        """Whether everything went by the script so far, and why (or why not)."""
        if (pickup := self.script.pickup) and not self.script.manual:
            wrong = self._pickup_fault(pickup.what)
            if wrong:
                return False, wrong
        undone = next((item.step for item in self._steps if item.done_at_ms is None and item.step.act != "wait"), None)
        if undone:
            return (
                False,
                f"`{undone}` was not done before the call ended" if self._leg.ended else f"waits to `{undone}`",
            )
        if not self._leg.ended:
            return False, "the call goes on"
        return True, "hung up as scripted" if self._ended_it else "the other side ended it, all steps were done"

    def _pickup_fault(self, what: str) -> str:
        status, answered = self._leg.status, self._leg.answered_ms is not None
        if what in ("answer", "voicemail"):
            return "" if answered else f"should `{what}`, but the leg is {status}"
        if answered:
            return f"should be `{what}`, but was answered"
        ends = {"busy": {"busy"}, "decline": {"busy"}, "unreachable": {"failed", "no-answer"}}.get(what)
        return (
            "" if ends is None or not self._leg.ended or status in ends else f"should be `{what}`, but ended {status}"
        )
