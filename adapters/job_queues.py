"""RQ's job queues: where wake-ups and errands wait for a worker.

No state of a call lies in a job. A job says "look": losing one costs time, never a call.
"""

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

DISPATCH = "dispatch"
ERRANDS = "errands"
NAMES = (DISPATCH, ERRANDS)


class JobQueues:
    """The job queues of one Redis, JSON only: a pickle in Redis would run for whoever can write there."""

    def __init__(self, redis_url: str) -> None:
        self.connection = Redis.from_url(redis_url)
        self._queues = {name: Queue(name, connection=self.connection, serializer=JSONSerializer) for name in NAMES}

    def queue(self, name: str) -> Queue:
        """The RQ queue of that name."""
        return self._queues[name]

    def wake_dispatch(self) -> None:
        """Ask for one dispatch round."""
        self._queues[DISPATCH].enqueue("queues.worker.dispatch_round", result_ttl=0, failure_ttl=3600)

    def errand(self, name: str) -> None:
        """Ask for one errand, by its name in `queues.worker`."""
        self._queues[ERRANDS].enqueue(f"queues.worker.{name}", result_ttl=0, failure_ttl=3600)
