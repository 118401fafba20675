"""Commands for whoever writes menus: `flask flow check` looks for what goes wrong, `flask flow test` plays stories.

Both print each fault as `file:line: reason` and end with 1 when there is one.
"""

import time
from pathlib import Path

import click
from flask.cli import AppGroup

from center import center_file
from consoles import room
from ivr.check import check
from ivr.flow import Flow, load_flow
from ivr.lined_yaml import Problem, WrongFile
from ivr.rehearsal import VERBS, play
from ivr.stories import load_stories
from ivr.voices import VOICES

STORIES = ".stories.yaml"

flow_commands = AppGroup("flow", help="The menu that callers hear.")


@flow_commands.command(
    "check", help="Look for dead ends, missing words and lost seconds in FILE (default: the center's)."
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_flow(file: Path | None) -> None:
    """Every problem of a flow in this center."""
    path = file or _own_flow()
    plan = room.center().plan
    try:
        flow = _read(path)
        stop_at(check(flow, set(plan.queues), set(plan.languages), VOICES, set(plan.reasons)))
    except WrongFile as wrong:
        stop_at(wrong.problems)
    click.echo(f"{path}: no problem found")


@flow_commands.command(
    "test", help=f"Play the stories of FILE, a flow's name ending in {STORIES} (default: the center's)."
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def test_flow(file: Path | None) -> None:
    """Every story that does not come out as written."""
    path = file or _own_flow().with_suffix(STORIES)
    if not path.name.endswith(STORIES):
        raise click.ClickException(f"{path}: the stories of a flow stand beside it, in a file ending in {STORIES}")
    if not path.exists():
        raise click.ClickException(f"{path}: no such file")
    try:
        flow = _read(path.with_name(path.name.removesuffix(STORIES) + ".yaml"))
        stories = load_stories(path.read_text("utf-8"), str(path), VERBS)
    except WrongFile as wrong:
        stop_at(wrong.problems)
    began = time.perf_counter()
    stop_at(play(flow, stories))
    click.echo(f"{path}: {len(stories)} stories, {round((time.perf_counter() - began) * 1000)} ms")


def _own_flow() -> Path:
    here = room.center()
    path = center_file(here.settings).parent / here.plan.flow
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _read(path: Path) -> Flow:
    return load_flow(path.read_text("utf-8"), str(path), room.center().plan.hours)


def stop_at(problems: list[Problem]) -> None:
    """Print these and end with 1; go on when there are none."""
    for problem in problems:
        click.echo(str(problem))
    if problems:
        raise SystemExit(1)
