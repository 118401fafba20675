"""Who may sign in: passwords kept as argon2 hashes, and the commands that make accounts.

`flask --app wsgi seed` makes one for every person of the center file on the simulated network; on a real one the
operator makes each with `flask --app wsgi users create NAME --role ROLE`.
"""

import json
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import click
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask.cli import AppGroup, with_appcontext

from center import HOUSE, Center
from consoles import room

Role = Literal["agent", "supervisor", "operator"]
LEAST = 10
WORDS = Path(__file__).with_name("words.txt")

users_commands = AppGroup("users", help="The people who may sign in.")
# OWASP's first choice for argon2id: 19 MiB, two passes, one lane, so that a sign-in does not slow the webhooks.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Account(Protocol):
    """Who may sign in, as the record keeps them. `agent` names them in the center file, or is empty."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102
    @property
    def agent(self) -> str: ...  # noqa: D102
    @property
    def password_hash(self) -> str: ...  # noqa: D102


def hashed(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    return _hasher.hash(password)


def matches(user: Account | None, password: str) -> bool:
    """Is it their password? A stranger costs the same time as a wrong password."""
    try:
        return _hasher.verify(user.password_hash if user else _nobodys(), password) and user is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return hashed(secrets.token_hex(16))


def memorable() -> str:
    """A password for development that a person can type: `copper-heron-mint-42`."""
    words = WORDS.read_text("utf-8").split()
    return "-".join([*(secrets.choice(words) for _ in range(3)), str(secrets.randbelow(90) + 10)])


# -- the example center's people ----------------------------------------------------------------------------------


def seed(center: Center) -> list[dict[str, str]]:
    """An account for everyone in the center file; passwords made before are kept, so a second start says the same."""
    kept = _kept_file(center.settings.database)
    known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    users = {user.name: user for user in center.history.users()}
    people: list[tuple[str, Role]] = [(name, "agent") for name in center.plan.agents]
    people += [(name, "supervisor") for name in center.plan.supervisors]
    people.append(("operator", "operator"))
    passwords = {name: known.get(name) or memorable() for name, _ in people}
    for name, role in people:
        agent = name if role == "agent" else ""
        if name not in known or _is_other(users.get(name), role, agent):
            center.history.add_user(name, role, hashed(passwords[name]), agent)
    if passwords != known:
        _keep(kept, passwords)
    return [{"name": name, "role": role, "password": passwords[name]} for name, role in people]


def _is_other(user: Account | None, role: Role, agent: str) -> bool:
    return user is None or (user.role, user.agent) != (role, agent)


def _kept_file(database: str) -> Path:
    """Beside the database they belong to; under `var/` when that is a server's."""
    path = database.removeprefix("sqlite:///")
    return (Path(path).parent if path != database else HOUSE / "var") / "sign-ins.json"


def _keep(path: Path, passwords: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file, indent=1)


# -- commands -----------------------------------------------------------------------------------------------------


@click.command("seed", help="Make an account for everyone in the center file (simulated network only).")
@with_appcontext
def seed_people() -> None:
    """Print the sign-ins as JSON."""
    center = room.center()
    if not center.settings.simulated:
        raise click.ClickException("an account is set: use `flask --app wsgi users create NAME --role ROLE`")
    click.echo(json.dumps(seed(center)))


@users_commands.command("create", help="Let someone sign in; their password is asked for.")
@click.argument("name")
@click.option("--role", type=click.Choice(get_args(Role)), required=True)
@click.option("--agent", default="", help="for an agent: their id in the center file (default: NAME)")
@click.password_option(help=f"at least {LEAST} characters; asked for when left out")
def create(name: str, role: Any, agent: str, password: str) -> None:
    """A user of that name is replaced."""
    center = room.center()
    agent = (agent or name) if role == "agent" else ""
    if agent and agent not in center.plan.agents:
        raise click.ClickException(f"{agent} is not an agent of the center file: {', '.join(center.plan.agents)}")
    if len(password) < LEAST:
        raise click.ClickException(f"the password needs at least {LEAST} characters")
    center.history.add_user(name, role, hashed(password), agent)
    click.echo(f"{name} may sign in as {role}")
