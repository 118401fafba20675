"""What a waiting call and an idle agent cost Redis, with their places in line and their due times."""

from random import Random

import redis

from benches.population import Population
from benches.stage import Stage


def bytes_each(client: redis.Redis, population: Population) -> dict[str, float]:
    """Bytes for each idle agent and each waiting call. Events are not counted: they leave with the recorder."""
    stage, size = Stage(client, population), len(population.agents)
    empty = _used(stage)
    stage.fill_agents(population.agents, [])
    with_agents = _used(stage)
    stage.fill_calls(Random(1).choices(list(population.able), k=size))
    return {"agent": (with_agents - empty) / size, "call": (_used(stage) - with_agents) / size}


def _used(stage: Stage) -> int:
    return int(stage.live.client.info("memory")["used_memory_dataset"])
