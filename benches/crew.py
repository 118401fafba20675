"""The people of the ring bench: agents who become free, answer, talk and wrap up, and a team that lets it ring.

Each action is the webhook or API request that the phone network or the desk would send; its stamp and that of the
request which it leads to make one sample.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from benches.carrier_end import CarrierEnd, offer_of
from benches.service import RELAY, SALES, Running
from benches.wire import Caller, Request, form_body

PATIENCE_S = 5.0
PAUSE_S = (0.04, 0.12)
# The service sends an agent to break after 20 missed rings; a tap on "available" before that starts the count anew.
MISSES_BEFORE_TAP = 12


@dataclass
class Crew:
    """Everybody's telephone and desk. `call_of` tells the caller of an offer, whom the agent hears.

    `samples` are durations in ns by what was measured; `late` counts what led nowhere within the patience.
    """

    running: Running
    carrier: CarrierEnd
    caller: Caller
    call_of: Callable[[int], str]
    samples: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    late: int = 0
    refused: int = 0
    wrapping: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sales = self.running.lines(SALES)
        self.relay = self.running.lines(RELAY)
        self.resting = list(self.sales)
        self._validator = RequestValidator(self.running.environ["TWILIO_AUTH_TOKEN"])

    # -- what is sent ---------------------------------------------------------------------------------------------

    async def webhook(self, path: str, query: Mapping[str, str], fields: Mapping[str, str]) -> int:
        """One signed webhook. Returns when it left, in ns."""
        form = {"AccountSid": self.running.environ["TWILIO_ACCOUNT_SID"], **fields}
        target = f"{path}?{urlencode(query)}" if query else path
        signature = self._validator.compute_signature(self.running.environ["PUBLIC_URL"] + target, form)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        return await self._sent("POST", target, headers, form_body(form))

    async def api(self, method: str, path: str, body: Mapping[str, object]) -> int:
        """One request to the API. Returns when it left, in ns."""
        headers = {
            "Authorization": f"Bearer {self.running.environ['API_TOKEN']}",
            "Content-Type": "application/json",
        }
        return await self._sent(method, f"/api/v1{path}", headers, json.dumps(body))

    async def _sent(self, method: str, target: str, headers: Mapping[str, str], body: str) -> int:
        sent_ns, status, _ = await self.caller.send(method, target, headers, body)
        self.refused += status >= 400
        return sent_ns

    async def leg(self, offer: int, leg: str, status: str) -> int:
        """News of an agent's leg."""
        return await self.webhook("/voice/agent/status", {"offer": str(offer)}, {"CallSid": leg, "CallStatus": status})

    async def status(self, agent: str, status: str) -> int:
        """An agent chooses."""
        return await self.api("PUT", f"/agents/{agent}/status", {"status": status, "reason": None})

    # -- an agent in sales ----------------------------------------------------------------------------------------

    async def become_free(self) -> tuple[str, str, Request] | None:
        """An agent becomes free, from wrap-up or from offline; the next call of the line must ring them."""
        if not (self.wrapping or self.resting):
            return None
        agent, call = self._next_agent()
        line = self.sales[agent]
        rung = self.carrier.expect("ring", line)
        if call:
            sent_ns = await self.api("POST", f"/agents/{agent}/wrap-up", {"call": call, "disposition": "resolved"})
        else:
            sent_ns = await self.status(agent, "available")
        ring = await self._measured("free to ring", sent_ns, rung)
        return (agent, line, ring) if ring else None

    def _next_agent(self) -> tuple[str, str]:
        if self.wrapping and (not self.resting or random.random() < 0.7):
            agent = random.choice(list(self.wrapping))
            return agent, self.wrapping.pop(agent)
        return self.resting.pop(random.randrange(len(self.resting))), ""

    async def work(self) -> None:
        """An agent becomes free and takes the call that rings."""
        if found := await self.become_free():
            await self.take_call(*found)

    async def take_call(self, agent: str, line: str, ring: Request) -> None:
        """The rest of that call: ringing, answered, 1 pressed, the caller moved, a talk, and the agent hangs up."""
        offer, leg = offer_of(ring), self.carrier.legs[line]
        sid = self.call_of(offer)
        await self.leg(offer, leg, "initiated")
        await self.leg(offer, leg, "ringing")
        await _pause()
        query = {"offer": str(offer)}
        await self.webhook("/voice/agent/answered", query, {"CallSid": leg, "CallStatus": "in-progress"})
        moved = self.carrier.expect("move", sid)
        sent_ns = await self.webhook("/voice/agent/key", query, {"CallSid": leg, "Digits": "1"})
        if await self._measured("accept to move", sent_ns, moved):
            await self.webhook("/voice/join", query, {"CallSid": sid, "CallStatus": "in-progress"})
        await _pause()
        await self.leg(offer, leg, "completed")
        await self.webhook("/voice/status", {}, {"CallSid": sid, "CallStatus": "completed"})
        self.wrapping[agent] = sid

    # -- the relay ------------------------------------------------------------------------------------------------

    async def relay_rings(self, period_s: float) -> None:
        """One caller whom nobody answers: every ring is missed, and the next agent's phone must ring. Never ends."""
        misses: dict[str, int] = defaultdict(int)
        rings = {agent: self.carrier.expect("ring", line) for agent, line in self.relay.items()}
        for agent in self.relay:
            await self.status(agent, "available")
        agent, ring = await self._first(rings)
        while True:
            await asyncio.sleep(period_s)
            rings[agent] = self.carrier.expect("ring", self.relay[agent])
            await self.leg(offer_of(ring), self.carrier.legs[self.relay[agent]], "ringing")
            sent_ns = await self.leg(offer_of(ring), self.carrier.legs[self.relay[agent]], "no-answer")
            misses[agent] += 1
            missed, (agent, ring) = agent, await self._first(rings)
            self.samples["missed to next ring"].append(ring.at_ns - sent_ns)
            if misses[missed] >= MISSES_BEFORE_TAP and missed != agent:
                misses[missed] = 0
                await self.status(missed, "break")
                await self.status(missed, "available")

    async def _first(self, rings: dict[str, "asyncio.Future[Request]"]) -> tuple[str, Request]:
        while not (await asyncio.wait(rings.values(), timeout=PATIENCE_S, return_when=asyncio.FIRST_COMPLETED))[0]:
            self.late += 1
        agent = next(name for name, ring in rings.items() if ring.done())
        return agent, rings[agent].result()

    async def _measured(self, what: str, sent_ns: int, came: "asyncio.Future[Request]") -> Request | None:
        try:
            request = await asyncio.wait_for(came, PATIENCE_S)
        except TimeoutError:
            self.late += 1
            return None
        self.samples[what].append(request.at_ns - sent_ns)
        return request


async def _pause() -> None:
    await asyncio.sleep(random.uniform(*PAUSE_S))
