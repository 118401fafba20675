"""The bench's phone network answers so that the service's own carrier takes it, and tells who waits of each request."""

import asyncio
from collections.abc import Callable
from typing import Any

from adapters.carrier import Carrier, connect
from benches.carrier_end import CarrierEnd, offer_of
from benches.wire import Request, loop_in_thread, receive
from launch.variables import free_port
from queues import addresses
from queues.records import Call

ACCOUNT = "AC" + "0" * 31 + "1"
LINE = "+919812300001"


async def expected(end: CarrierEnd, what: str, whom: str) -> "asyncio.Future[Request]":
    return end.expect(what, whom)


def test_ring_and_move_reach_whoever_waits_for_them() -> None:
    port, end = free_port(), CarrierEnd()
    with loop_in_thread() as run:
        run(receive(port, end.answer))
        ring_and_move(run, port, end)


def ring_and_move(run: Callable[[Any], Any], port: int, end: CarrierEnd) -> None:
    carrier: Carrier = connect(ACCOUNT, (ACCOUNT, "secret"), f"http://127.0.0.1:{port}")
    rung = run(expected(end, "ring", LINE))
    moved = run(expected(end, "move", "CA1"))
    base = "http://127.0.0.1:8000"
    urls = addresses.agent_answered(base, 7), addresses.agent_status(base, 7)
    leg = carrier.ring(LINE, "+18005550100", *urls, {"timeout_s": 24, "time_limit_s": 600})
    carrier.move("CA1", addresses.caller_join(base, 7, Call(call="CA1")))
    assert (leg, end.surprises) == (end.legs[LINE], 0)
    assert [offer_of(rung.result()), offer_of(moved.result())] == [7, 7]
    assert carrier.leg(leg).alive
    assert carrier.live_legs_to(LINE, 0) == []
    assert carrier.conferences() == []
