"""What agents do, from the desk, the API or a plain phone: the steps those doors share. Load, decide, save."""

from collections.abc import Callable, Mapping

from center import Center
from queues import agent_life, endings, offers, partings
from queues.records import NOTHING, Agent, Call, Change, Offer, Order

DEVICE_LEASE_MS = 30_000
STATUSES = ("available", "break", "offline")


def choose_status(center: Center, agent: str, status: str, reason: str = "") -> Agent:
    """The agent's wish. Leaving while a phone rings gives the call back at once. Raises ValueError in plain words."""
    if status not in STATUSES:
        raise ValueError(f"status must be one of {', '.join(STATUSES)}, not {status!r}")
    if status == "break" and reason and reason not in (*center.plan.break_reasons, "missed"):
        raise ValueError(f"a break's reason must be one of {', '.join(center.plan.break_reasons)}, not {reason!r}")
    now_ms = center.now_ms()
    center.live.settle(
        lambda: agent_life.choose_status(
            center.live.agent(agent), status, reason if status != "available" else "", now_ms
        ),
        now_ms,
    )
    after = center.live.agent(agent)
    if after.activity == "offered" and status != "available":
        endings.end_offer(center, after.offer, "withdrawn", "agent_left")
    return center.live.agent(agent)


def device_seen(center: Center, agent: str) -> Agent:
    """The agent's browser phone is alive for another 30 s."""
    now_ms = center.now_ms()
    until_ms = now_ms + DEVICE_LEASE_MS
    center.live.settle(lambda: agent_life.device_seen(center.live.agent(agent), until_ms, now_ms), now_ms)
    return center.live.agent(agent)


def device_gone(center: Center, agent: str) -> Agent:
    """The agent's browser phone said goodbye, or has not been heard of: a call that rings there is nobody's miss."""
    now_ms = center.now_ms()
    center.live.settle(lambda: agent_life.device_seen(center.live.agent(agent), now_ms, now_ms), now_ms)
    after = center.live.agent(agent)
    offer = center.live.offer(after.offer) if after.activity == "offered" else None
    if offer is None or offer.standing:
        return after
    endings.end_offer(center, offer.offer, "withdrawn", "device_lost")
    return center.live.agent(agent)


def accept(center: Center, agent: str, number: int) -> str:
    """Accept on a standing line: `accepted`, `stale`, or `answer_on_the_phone` when the offer rings a phone."""
    offer = center.live.offer(number)
    if offer is None or offer.agent != agent or offer.status not in (*offers.LIVE_OFFERS, "accepted"):
        return "stale"
    if not offer.standing:
        return "answer_on_the_phone" if offer.status in offers.LIVE_OFFERS else "stale"
    now_ms = center.now_ms()

    def decide() -> Change:
        now, call, who = agent_of_offer(center, number)
        return offers.accept(now, call, who, now.leg, now_ms) if now and call and who else NOTHING

    center.live.settle(decide, now_ms)
    now, call, _ = agent_of_offer(center, number)
    return "accepted" if now and call and now.status == "accepted" and call.offer == number else "stale"


def decline(center: Center, agent: str, number: int, reason: str = "") -> bool:
    """Not me, not now: the call rings elsewhere. False: that offer is over."""
    offer = center.live.offer(number)
    if offer is None or offer.agent != agent:
        return False
    return bool(endings.end_offer(center, number, "declined", reason or "declined"))


def hang_up(center: Center, agent: str, call: str) -> bool:
    """End the agent's side; the caller hears the thank-you. False: they are not talking."""
    now_ms = center.now_ms()

    def decide(now: Agent, talk: Call) -> Change:
        if now.call != talk.call or talk.status != "talking":
            return NOTHING
        if not talk.agent_leg:
            return partings.agent_left(talk, now, now_ms)
        return Change(orders=(Order("end", leg=talk.agent_leg),))

    return _decided(center, agent, call, decide)


def wrap_up(
    center: Center, agent: str, call: str, disposition: str, reason: str, facts: Mapping[str, str] | None = None
) -> bool:
    """The agent's notes are in: the call is complete. False: that wrap-up is over. Raises ValueError in plain words."""
    if disposition not in center.plan.dispositions:
        raise ValueError(f"disposition must be one of {', '.join(center.plan.dispositions)}, not {disposition!r}")
    if reason and reason not in center.plan.reasons:
        raise ValueError(f"reason must be one of {', '.join(center.plan.reasons)}, not {reason!r}")
    notes = {"disposition": disposition, "reason": reason} | dict(facts or {})
    now_ms = center.now_ms()
    return _decided(center, agent, call, lambda now, talk: partings.wrap_up(now, talk, notes, "agent", now_ms))


def more_time(center: Center, agent: str) -> bool:
    """Another minute for the wrap-up, once. False: it was taken already, or there is no wrap-up."""
    now = center.live.agent(agent)
    if not now.call:
        return False
    return _decided(center, agent, now.call, partings.more_time)


def _decided(center: Center, agent: str, call: str, decide: Callable[[Agent, Call], Change]) -> bool:
    def again() -> Change:
        talk = center.live.call(call)
        return decide(center.live.agent(agent), talk) if talk else NOTHING

    return bool(center.live.settle(again, center.now_ms()))


def agent_of_offer(center: Center, number: int) -> tuple[Offer | None, Call | None, Agent | None]:
    """An offer with its call and agent, as they are now."""
    return center.live.offered(number)
