"""Two legs connected with each other, by <Dial> or by <Dial><Queue>."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.legs import Leg
from simulator.program import Program

if TYPE_CHECKING:
    from simulator.network import Network


@dataclass(frozen=True)
class BridgeEnded:
    """Signal: the leg at the other side left, because it hung up or (`redirected`) was taken away."""

    by: Leg
    redirected: bool


class Bridge:
    """Each side gives the program that is to be told when the other one leaves."""

    def __init__(self, net: "Network") -> None:
        self._net = net
        self._sides: dict[str, tuple[Leg, Program]] = {}
        self.began_ms: int | None = None
        self.closed = False

    def enter(self, leg: Leg, program: Program) -> None:
        """Take a side; with both taken, they talk. Nothing happens when the other side has left already."""
        if self.closed:
            return
        self._sides[leg.sid] = (leg, program)
        if len(self._sides) == 2:
            self.began_ms = self._net.clock.now_ms
            for side, _ in self._sides.values():
                self._net.set_talking(side, True)

    def leave(self, leg: Leg, why: str) -> None:
        """Leave it; the other side is told. Leaving twice does nothing."""
        if self._sides.pop(leg.sid, None) is None:
            return
        self.closed = True
        self._net.set_talking(leg, False)
        for other, program in list(self._sides.values()):
            self._net.set_talking(other, False)
            program.signal(BridgeEnded(leg, why == "redirected"))
        self._sides.clear()
