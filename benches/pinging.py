"""A bare PING through the service's Redis client, from a process of its own, all through a run.

`python -m benches.pinging REDIS_URL` pings every 20 ms until its input ends, then prints the durations in ns as JSON.
"""

import json
import select
import sys
import time

from benches.embedded import connect

EVERY_S = 0.02


def main(url: str) -> None:
    """Ping until told to stop."""
    client, took_ns = connect(url), []
    client.ping()
    while not select.select([sys.stdin], [], [], EVERY_S)[0]:
        began_ns = time.perf_counter_ns()
        client.ping()
        took_ns.append(time.perf_counter_ns() - began_ns)
    print(json.dumps(took_ns))


if __name__ == "__main__":
    main(sys.argv[1])
