"""The live state read for a page: the floor or one desk as it is now. Asked by the pages, the API and the feed."""

from center import Center
from consoles import desk_view, floor_view
from queues.records import Agent, Call, Offer


def floor(center: Center) -> floor_view.Frame:
    """The whole floor. Raises redis.RedisError when the live state cannot be reached."""
    live = center.live
    agents, calls = live.agents(), live.calls()
    offers = [offer for agent in agents if (offer := _offer(center, agent))]
    now_ms = center.now_ms()
    return floor_view.floor(center.plan, agents, calls, offers, now_ms, live.orders.leg_wait_ms(now_ms))


def desk(center: Center, name: str) -> desk_view.Frame:
    """One agent's desk. Raises KeyError for a stranger, redis.RedisError as above."""
    agent = center.live.agent(name)
    return desk_view.desk(center.plan, agent, _call(center, agent), _offer(center, agent), center.now_ms())


def _call(center: Center, agent: Agent) -> Call | None:
    return center.live.call(agent.call) if agent.call else None


def _offer(center: Center, agent: Agent) -> Offer | None:
    return center.live.offer(agent.offer) if agent.activity == "offered" and agent.offer else None
