"""What a run needs done before it: settings checked, the database in its newest form, the example's people seeded.

Each takes a second of a processor, so they are skipped when nothing that they depend on has changed since they last
succeeded: the settings, the code and the center file, and which SQLite file it is.
"""

import hashlib
import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launch import HOUSE, Refused

SignIns = list[dict[str, Any]]
# With the Twilio settings, all that can be wrong; the ports of embedded parts are chosen anew for each run.
SETTINGS = (
    "PORT",
    "PUBLIC_URL",
    "DATABASE_URL",
    "CENTER_FILE",
    "WEB_CONCURRENCY",
    "LOG_LEVEL",
    "SECRET_KEY",
    "API_TOKEN",
)
SOURCES = ("*.py", "*.yaml", "ivr/**/*.py", "ivr/**/*.yaml", "queues/*.py", "adapters/**/*.py", "consoles/accounts.py")


@dataclass
class Preparation:
    """What was done for an environment; `sign_ins` are known once people are seeded."""

    values: Mapping[str, str]
    file: Path
    release: str

    def remembered(self) -> SignIns | None:
        """The sign-ins of the last preparation, when it still holds."""
        if not self.file.exists():
            return None
        mark, sign_ins = json.loads(self.file.read_text())
        return sign_ins if mark == self._mark() else None

    def check_and_migrate(self) -> None:
        """Raises Refused when a setting is wrong, or the database cannot be brought up to date."""
        need_right_settings()
        self._run(self.release, "could not bring the database up to date")

    def seed(self) -> SignIns:
        """Accounts for the people of the center file, passwords made up; on a real account people make their own."""
        sign_ins: SignIns = []
        if "SIMULATOR_PORT" in self.values:
            said = self._run("python -m flask --app wsgi seed", "could not seed the example center")
            sign_ins = json.loads(said.splitlines()[-1])
        self._remember(sign_ins)
        return sign_ins

    def _remember(self, sign_ins: SignIns) -> None:
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump([self._mark(), sign_ins], file)

    def _mark(self) -> str | None:
        """What the preparation depends on, as a short text; None when that cannot be known from here."""
        database = Path(self.values["DATABASE_URL"].removeprefix("sqlite:///"))
        if not self.values["DATABASE_URL"].startswith("sqlite:///") or not database.exists():
            return None
        digest = hashlib.sha256(f"{database.stat().st_ino}".encode())
        for name in sorted({name for name in self.values if name.startswith("TWILIO_")} | set(SETTINGS)):
            digest.update(f"{name}={self.values.get(name)}\n".encode())
        for path in sorted({path for pattern in SOURCES for path in HOUSE.glob(pattern)} | self._center_file()):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def _center_file(self) -> set[Path]:
        named = HOUSE / self.values.get("CENTER_FILE", "center.yaml")
        return {named} if named.is_file() else set()

    def _run(self, command: str, failure: str) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", f"exec {command}"],
            cwd=HOUSE,
            env=dict(self.values),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Refused(f"{failure}: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
        return done.stdout


def need_right_settings() -> None:
    """Raises Refused with one line per wrong setting, or per fault in the center file."""
    from center import SettingsError, read_plan, read_settings

    try:
        read_plan(read_settings())
    except SettingsError as error:
        raise Refused("\n            ".join(error.lines)) from None
