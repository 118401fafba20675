"""The commands that make accounts."""

import json
from dataclasses import replace
from pathlib import Path

from flask import Flask

import wsgi
from consoles import accounts
from tests.stories.world import World


def test_seed_makes_everyone_once_and_says_the_same_again(world: World, app: Flask) -> None:
    first = app.test_cli_runner().invoke(args=["seed"])
    again = app.test_cli_runner().invoke(args=["seed"])
    people = json.loads(first.output)
    assert json.loads(again.output) == people
    assert [(row["name"], row["role"]) for row in people] == [
        *((name, "agent") for name in world.center.plan.agents),
        ("leela", "supervisor"),
        ("operator", "operator"),
    ]
    for row in people:
        assert accounts.matches(world.center.history.user(row["name"]), row["password"])


def test_seeded_passwords_are_kept_for_their_owner_only(world: World, app: Flask) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    kept = Path(world.center.settings.database.removeprefix("sqlite:///")).parent / "sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_kept_password_works_again_with_a_new_database(world: World, app: Flask) -> None:
    people = json.loads(app.test_cli_runner().invoke(args=["seed"]).output)
    world.center.history.add_user("asha", "supervisor", accounts.hashed("changed-by-hand"))
    app.test_cli_runner().invoke(args=["seed"])
    user = world.center.history.user("asha")
    assert user is not None
    assert (user.role, user.agent) == ("agent", "asha")
    assert accounts.matches(user, people[0]["password"])


def test_seed_is_refused_with_a_real_account(world: World) -> None:
    real = world.center.settings.model_copy(update={"simulator_url": ""})
    result = wsgi.create_app(replace(world.center, settings=real)).test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 1
    assert "users create" in result.output
    assert world.center.history.users() == []


def test_operator_lets_people_in_by_name(world: World, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    made = run(args=["users", "create", "leela", "--role", "supervisor"], input="long-enough-1\nlong-enough-1\n")
    assert made.output.splitlines()[-1] == "leela may sign in as supervisor"
    assert accounts.matches(world.center.history.user("leela"), "long-enough-1")
    short = run(args=["users", "create", "asha", "--role", "agent"], input="short\nshort\n")
    stranger = run(args=["users", "create", "zoe", "--role", "agent"], input="long-enough-1\nlong-enough-1\n")
    assert (short.exit_code, stranger.exit_code) == (1, 1)
    assert "at least 10 characters" in short.output
    assert "zoe is not an agent of the center file" in stranger.output
