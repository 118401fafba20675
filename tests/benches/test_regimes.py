"""Each regime of the dispatch bench makes pairs, and is the same after a round as before it."""

from random import Random

import pytest
import redis

from benches.population import populate
from benches.regimes import REGIMES
from benches.stage import Stage

AGENTS = 40


def standing(client: redis.Redis) -> tuple[int, int]:
    """How many calls wait, and how many places idle agents hold."""
    calls = sum(client.zcard(key) for key in client.keys("tr:line:*"))
    return calls, sum(client.zcard(key) for key in client.keys("tr:idle:*"))


@pytest.mark.parametrize("name", REGIMES)
def test_regime_is_itself_again_after_every_round(redis_client: redis.Redis, name: str) -> None:
    stage = Stage(redis_client, populate(AGENTS, 60))
    regime = REGIMES[name](stage, Random(1))
    before, made = standing(redis_client), 0
    for _ in range(4):
        regime.prepare(5)
        pairs = stage.live.matches(stage.tick(), 10)
        regime.settle(pairs)
        made += len(pairs)
    assert made >= 4
    assert standing(redis_client) == before
    assert before[0] == AGENTS


def test_idle_agents_stand_where_the_population_says(redis_client: redis.Redis) -> None:
    people = populate(AGENTS, 60)
    stage = Stage(redis_client, people)
    stage.fill_agents(people.agents, [])
    lists = [str(key) for key in redis_client.keys("tr:idle:*")]
    places = {name.partition("|")[2]: set(redis_client.zrange(name, 0, -1)) for name in lists}
    assert places == {needs: set(names) for needs, names in people.able.items()}
