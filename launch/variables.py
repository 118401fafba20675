"""The environment that `bin/dev` hands to every process: what the operator set, and the rest filled in for one machine.

An account that is set is used as it is. Without one, the account of the simulated network is invented once per
checkout. Everything secret that is made up here is kept in files only their owner can read.
"""

import os
import secrets
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from dotenv import dotenv_values

from launch import HOUSE

# Set by bin/dev alone, whatever the shell it was started from has in it.
OURS = {"SIMULATOR_PORT", "SIMULATOR_URL", "REDIS_PORT", "REDIS_DIR"}
SECRETS = "dev.env"
ACCOUNT = "simulated.env"


def operators(environ: Mapping[str, str]) -> dict[str, str]:
    """What the operator set: `.env`, and over it the environment. Empty values count as not set."""
    written = {name: value for name, value in dotenv_values(HOUSE / ".env").items() if value}
    return written | {name: value for name, value in environ.items() if value}


def for_dev(environ: Mapping[str, str], var: Path) -> dict[str, str]:
    """The whole environment of a development run; `var` is where its state lives.

    SIMULATOR_PORT and REDIS_PORT are in it only when the simulated network and the embedded Redis are to run.
    """
    values = {name: value for name, value in operators(environ).items() if name not in OURS}
    values.setdefault("PORT", "8000")
    values |= kept(var / SECRETS, SECRETS_MADE_UP) | {name: values[name] for name in SECRETS_MADE_UP if name in values}
    if not values.get("TWILIO_ACCOUNT_SID"):
        values |= _simulated(values, var)
    if "REDIS_URL" not in values:
        values |= {"REDIS_PORT": str(free_port()), "REDIS_DIR": str(var / "redis")}
        values["REDIS_URL"] = f"redis://127.0.0.1:{values['REDIS_PORT']}/0"
    values.setdefault("DATABASE_URL", f"sqlite:///{var / 'history.db'}")
    # One web process is plenty for one machine, and starts a second sooner than two.
    values.setdefault("WEB_CONCURRENCY", "1")
    values.setdefault("FEED_PORT", str(free_port()))
    values.setdefault("FEED_URL", f"http://127.0.0.1:{values['FEED_PORT']}")
    values.setdefault("PROMETHEUS_MULTIPROC_DIR", str(var / "metrics"))
    # Eight processes that compile everything at every start would take longer than all the rest.
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    return values | {"HOST": "127.0.0.1", "PYTHONUNBUFFERED": "1", "PATH": _path(values)}


def _simulated(values: Mapping[str, str], var: Path) -> dict[str, str]:
    port = str(free_port())
    return kept(var / ACCOUNT, ACCOUNT_MADE_UP) | {
        "SIMULATOR_PORT": port,
        "SIMULATOR_URL": f"http://127.0.0.1:{port}",
        "TWILIO_API_BASE_URL": "",
        "PUBLIC_URL": values.get("PUBLIC_URL", f"http://127.0.0.1:{values['PORT']}"),
    }


SECRETS_MADE_UP: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_hex(32),
    "API_TOKEN": lambda: secrets.token_urlsafe(24),
}
ACCOUNT_MADE_UP: dict[str, Callable[[], str]] = {
    "TWILIO_ACCOUNT_SID": lambda: "AC" + secrets.token_hex(16),
    "TWILIO_AUTH_TOKEN": lambda: secrets.token_hex(16),
    "TWILIO_API_KEY": lambda: "SK" + secrets.token_hex(16),
    "TWILIO_API_SECRET": lambda: secrets.token_urlsafe(24),
    "TWILIO_TWIML_APP_SID": lambda: "AP" + secrets.token_hex(16),
    "TWILIO_CALLER_ID": lambda: "+18005550100",
}


def kept(path: Path, made_up: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The values in a file readable by its owner only; those that are missing are made up and written there."""
    there = {name: value for name, value in dotenv_values(path).items() if value} if path.exists() else {}
    values = {name: there.get(name) or make() for name, make in made_up.items()}
    if values != there:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in values.items())
    return values


def _path(values: Mapping[str, str]) -> str:
    return f"{HOUSE / '.venv' / 'bin'}{os.pathsep}{values.get('PATH', os.defpath)}"


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
