"""A center for real processes: many agents on plain phones, and what the processes are told by their environment."""

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from launch.variables import free_port

HOUSE = Path(__file__).resolve().parents[2]
OURS = "+18005550100"
LANGUAGES = {f"lang:{code}": 1 for code in ("en", "hi", "gu", "te")}
TEAMS = ("sales", "support", "billing")


def caller_of(number: int) -> str:
    """The phone number of a caller."""
    return f"+1415{5550000 + number}"


def center_of(agents: int, callers: int) -> dict[str, Any]:
    """The example center with so many agents on plain phones, each in two of three teams, and short wrap-ups.

    Four of five callers are known and need not choose a language.
    """
    center: dict[str, Any] = YAML(typ="safe").load((HOUSE / "center.yaml").read_text("utf-8"))
    center["flow"] = str(HOUSE / center["flow"])
    known = (number for number in range(callers) if number % 5)
    center["callers"] = {caller_of(number): {"name": f"Caller {number}", "language": "en"} for number in known}
    center["agents"] = {f"agent_{number:03d}": _agent(number) for number in range(agents)}
    center["limits"] = {"calls_per_second": 50, "missed_before_break": 20, "rings": 3}
    for queue in center["queues"].values():
        queue["wrap_up_s"] = 5
    return center


def _agent(number: int) -> dict[str, Any]:
    skills = {team: 1 + number % 3 for team in TEAMS if team != TEAMS[number % 3]}
    return {"name": f"Agent {number}", "line": f"+9198123{number:05d}", "skills": skills | LANGUAGES}


def environment(folder: Path, redis_url: str, center: Mapping[str, Any]) -> dict[str, str]:
    """What the processes of one run are told; the center file is written to `folder`, the record will lie there."""
    (folder / "center.yaml").write_text(json.dumps(center))
    (folder / "metrics").mkdir()
    port, network_port = free_port(), free_port()
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("TWILIO_", "SIMULATOR_", "GRANIAN_"))
    }
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return inherited | {
        "PATH": f"{HOUSE / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "REDIS_URL": redis_url,
        "DATABASE_URL": f"sqlite:///{folder / 'history.db'}",
        "CENTER_FILE": str(folder / "center.yaml"),
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "SECRET_KEY": secrets.token_hex(32),
        "API_TOKEN": secrets.token_urlsafe(24),
        "SIMULATOR_PORT": str(network_port),
        "SIMULATOR_URL": f"http://127.0.0.1:{network_port}",
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_KEY": "SK" + secrets.token_hex(16),
        "TWILIO_API_SECRET": secrets.token_hex(16),
        "TWILIO_TWIML_APP_SID": "AP" + secrets.token_hex(16),
        "TWILIO_CALLER_ID": OURS,
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
    }
