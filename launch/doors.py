"""JSON over HTTP to what runs here: the service's API and the simulated network's control interface."""

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launch import Refused, variables
from launch.greeting import RUN_FILE


@dataclass(frozen=True)
class Door:
    """One address that speaks JSON; the bearer token is sent when there is one."""

    url: str
    token: str = ""

    def get(self, path: str) -> dict[str, Any]:
        """Raises Refused with what the other side says when it does not answer with success."""
        return self._send("GET", path, None)

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Like get(), with a body."""
        return self._send("PUT", path, body)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Like get(), with a body."""
        return self._send("POST", path, body)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {self.token}"} if self.token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found: dict[str, Any] = json.loads(answer.read() or b"{}")
                return found
        except urllib.error.HTTPError as error:
            raise Refused(f"{method} {self.url}{path}: {error.code} {_reason(error.read())}") from None
        except (OSError, ValueError) as error:
            raise Refused(f"{method} {self.url}{path}: {error}") from None


def _reason(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except ValueError:
        return body[:200].decode(errors="replace")
    return str(answer.get("message") or answer.get("error") or answer)


@dataclass(frozen=True)
class Running:
    """A service that runs on this machine, and the network it is connected to."""

    api: Door
    network: Door
    number: str


def find_running(var: Path, url: str = "") -> Running:
    """What `bin/dev` started here. Raises Refused when nothing runs, or runs on a real account."""
    try:
        facts = json.loads((var / RUN_FILE).read_text())
        os.kill(facts["pid"], 0)
    except (OSError, ValueError, KeyError):
        raise Refused("nothing runs here: start bin/dev first and wait until it is ready") from None
    if not facts["simulator"]:
        raise Refused("this service is on a real account: bin/call only places calls on the simulated network")
    values = variables.kept(var / variables.SECRETS, variables.SECRETS_MADE_UP) | variables.operators(os.environ)
    return Running(
        Door(f"{url or facts['web']}/api/v1", values["API_TOKEN"]),
        Door(facts["simulator"] + "/control"),
        facts["number"],
    )
