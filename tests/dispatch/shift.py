"""A shift straight on Redis: callers come in bursts, agents accept, decline or are left, as the events tell them to.

The test's process is callers, agents and phone network at once; what it says goes in as commits, as from webhooks.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from random import Random
from typing import Any
from urllib.parse import urlsplit

from adapters.event_stream import EVENTS
from adapters.live import Live
from benches.carrier_end import offer_of
from benches.wire import Request
from queues import agent_life, lifecycle, offers, partings
from queues.lifecycle import Standing
from queues.plan import canonical
from queues.records import Agent, Call, Change, Offer

# A burst comes when so few wait still: it finds everybody idle, or nobody.
LARGEST_BURST = 100
FEW = (0, 20, 40)
LOOK_MS = 5
TAKES, DECLINES = 0.1, 0.1
LANGUAGES = ("en", "hi", "gu", "te")


class PhoneEnd:
    """Answers the workers' requests as the network would, and keeps what they asked for in turn."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self.legs = 0

    def answer(self, request: Request) -> tuple[int, object]:
        """One request: a leg created, a caller moved, or anything else, which is fine."""
        leg = urlsplit(request.path).path.removesuffix(".json").partition("/Calls")[2].strip("/")
        if request.method == "POST" and not leg:
            self.legs += 1
            self.asked.put(("rung", str(offer_of(request))))
            return 201, {"sid": f"CA{self.legs:032x}", "status": "queued", "to": request.form["To"]}
        if "Url" in request.form:
            self.asked.put(("moved", leg))
        return 200, {"sid": leg, "status": request.form.get("Status", "in-progress"), "to": ""}


class Shift:
    """Callers alone and in crowds. Nine of ten agents stand on their lines, the tenth is dialled."""

    def __init__(self, live: Live, phones: PhoneEnd, luck: Random) -> None:
        self.live, self.phones, self.luck = live, phones, luck
        self.told: list[tuple[str, dict[str, str]]] = []
        self.placed = self.waiting = self.over = 0
        self._last = "0"

    def begin(self, agents: Sequence[str]) -> None:
        """These are there."""
        for number, agent in enumerate(agents):
            if number % 10:
                self._settle(partial(self._stood_up, agent))
            self._settle(partial(self._came, agent))

    def play(self, calls: int, patience_s: float) -> None:
        """Until so many calls have come and gone."""
        give_up_s, few = time.monotonic() + patience_s, 0
        while self.over < calls:
            assert time.monotonic() < give_up_s, (self.placed, self.waiting, self.over)
            if self.waiting <= few:
                few = self.luck.choice(FEW)
                for _ in range(min(self.luck.randint(1, LARGEST_BURST), calls - self.placed)):
                    self._call()
            self._hear()
            self._pick_up()

    # -- what happens -------------------------------------------------------------------------------------------

    def _call(self) -> None:
        self.placed += 1
        self.waiting += 1
        sid, queue = f"CA{self.placed:032d}", self.luck.choice(("sales", "support", "billing"))
        needs = canonical({queue: self.luck.randint(1, 2), f"lang:{self.luck.choice(LANGUAGES)}": 1})
        place = Standing(queue, "en", needs, 0, 5_000)
        self._settle(lambda now_ms: lifecycle.enqueue(Call(call=sid, received_ms=now_ms), place, now_ms))

    def _hear(self) -> None:
        found: Any = self.live.client.xread({EVENTS: self._last}, count=200, block=LOOK_MS)
        for stream_id, event in found[0][1] if found else ():
            self._last = stream_id
            self.told.append((stream_id, event))
            self.waiting -= event["name"] == "offered"
            if event["name"] == "ringing":
                self._ring(int(event["offer"]))

    def _pick_up(self) -> None:
        while True:
            try:
                what, whom = self.phones.asked.get_nowait()
            except Empty:
                return
            if what == "rung":
                self._ring(int(whom))
            else:
                self._talk(whom)

    def _ring(self, number: int) -> None:
        """An agent's phone rings: they take the call, or not, or the caller has had enough."""
        fate = self.luck.random()
        if fate < TAKES:
            self._settle(lambda now_ms: self._accepted(number, now_ms))
        elif fate < TAKES + DECLINES:
            self._settle(lambda now_ms: self._declined(number, now_ms))
            self.waiting += 1
        else:
            self._settle(lambda now_ms: self._left(number, now_ms))
            self.over += 1

    def _talk(self, sid: str) -> None:
        """The caller has come over to the agent, says thank you and is gone."""
        self._settle(lambda now_ms: self._joined(sid, now_ms))
        self._settle(lambda now_ms: self._hung_up(sid, now_ms))
        self._settle(lambda now_ms: self._wrapped(sid, now_ms))
        self.over += 1

    # -- their moves ----------------------------------------------------------------------------------------------

    def _settle(self, decide: Callable[[int], Change]) -> None:
        now_ms = time.time_ns() // 1_000_000
        assert self.live.settle(lambda: decide(now_ms), now_ms)

    def _stood_up(self, agent: str, now_ms: int) -> Change:
        return agent_life.line_up(self.live.agent(agent), f"line of {agent}", now_ms)

    def _came(self, agent: str, now_ms: int) -> Change:
        return agent_life.choose_status(self.live.agent(agent), "available", "", now_ms)

    def _accepted(self, number: int, now_ms: int) -> Change:
        offer, call, agent = self._offered(number)
        return offers.accept(offer, call, agent, offer.leg, now_ms)

    def _declined(self, number: int, now_ms: int) -> Change:
        limit = self.live.plan.limits.missed_before_break
        return offers.end_offer(*self._offered(number), "declined", "busy", limit, now_ms)

    def _left(self, number: int, now_ms: int) -> Change:
        offer, call, agent = self._offered(number)
        return partings.caller_left(call, offer, agent, now_ms)

    def _joined(self, sid: str, now_ms: int) -> Change:
        call, offer, _ = self._talking(sid)
        return lifecycle.join(call, offer, now_ms)

    def _hung_up(self, sid: str, now_ms: int) -> Change:
        call, offer, agent = self._talking(sid)
        return partings.caller_left(call, offer, agent, now_ms)

    def _wrapped(self, sid: str, now_ms: int) -> Change:
        call = self.live.call(sid)
        assert call
        return partings.wrap_up(self.live.agent(call.agent), call, {}, "agent", now_ms)

    def _offered(self, number: int) -> tuple[Offer, Call, Agent]:
        offer = self.live.offer(number)
        assert offer
        call = self.live.call(offer.call)
        assert call
        return offer, call, self.live.agent(offer.agent)

    def _talking(self, sid: str) -> tuple[Call, Offer, Agent]:
        call = self.live.call(sid)
        assert call
        offer = self.live.offer(call.offer)
        assert offer
        return call, offer, self.live.agent(call.agent)
