"""What `bin/dev` says once everything is ready, and the file in which other commands find what runs here."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from launch.variables import SECRETS

RUN_FILE = "run.json"
PAGES = [
    ("phone", "what a caller hears: dial from here"),
    ("desk", "what an agent works with"),
    ("floor", "what a supervisor watches"),
]


def text(values: Mapping[str, str], var: Path, sign_ins: Iterable[Mapping[str, Any]], took_s: float) -> str:
    """The addresses, the sign-ins of the example center, and where tokens and logs lie."""
    web = address(values)
    pages = PAGES if "SIMULATOR_PORT" in values else PAGES[1:]
    network = "the simulated phone network" if "SIMULATOR_PORT" in values else "your Twilio account"
    return "\n".join(
        [
            "",
            f"Third Ring is ready, on {network} ({took_s:.1f} s)",
            "",
            *(f"  {web + '/' + page:<32} {purpose}" for page, purpose in pages),
            "",
            *_sign_in_lines(list(sign_ins)),
            "",
            f"  API token  {var / SECRETS}",
            f"  logs       {var / 'logs'}",
            "  stop       Ctrl-C",
            "",
        ]
    )


def _sign_in_lines(sign_ins: list[Mapping[str, Any]]) -> list[str]:
    if not sign_ins:
        return ["  sign in    bin/python -m flask --app wsgi users create NAME --role supervisor"]
    width = max(len(row["password"]) for row in sign_ins)
    head = [f"  {'sign in as':<12} {'password':<{width}} role"]
    return head + [f"  {row['name']:<12} {row['password']:<{width}} {row['role']}" for row in sign_ins]


def address(values: Mapping[str, str]) -> str:
    """Where a browser on this machine finds the service."""
    return f"http://127.0.0.1:{values['PORT']}"


def write_run_file(var: Path, values: Mapping[str, str]) -> None:
    """Say where everything is, for `bin/call`. No secrets, and readable by the owner only all the same."""
    facts = {
        "web": address(values),
        "feed": values["FEED_URL"],
        "simulator": values.get("SIMULATOR_URL"),
        "number": values.get("TWILIO_CALLER_ID"),
        "pid": os.getpid(),
    }
    descriptor = os.open(var / RUN_FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(facts, file)


def remove_run_file(var: Path) -> None:
    """Nothing runs here any more."""
    (var / RUN_FILE).unlink(missing_ok=True)
