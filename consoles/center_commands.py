"""`flask center check`: a center file is looked at before it is used.

What is wrong is printed as `file:line: reason` and ends with 1; what can be meant but mostly is not is printed too, and
does not.
"""

from dataclasses import replace
from pathlib import Path

import click
from flask.cli import AppGroup

from center import center_file, parse_plan
from consoles import room
from consoles.flow_commands import stop_at
from ivr.lined_yaml import Problem, WrongFile
from queues.plan_check import doubts

center_commands = AppGroup("center", help="The center file: queues, agents, reasons, hours, limits.")


@center_commands.command(
    "check", help="Look for what contradicts itself in FILE and the flow it names (default: the center's own)."
)
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_center(file: Path | None) -> None:
    """Every fault and every doubt of a center file."""
    settings = room.center().settings
    path = file or center_file(settings)
    try:
        plan, _ = parse_plan(path.read_text("utf-8"), settings.model_copy(update={"center_file": str(path.absolute())}))
    except OSError as error:
        raise click.ClickException(f"{path}: cannot read {error.filename}: {error.strerror}") from None
    except WrongFile as wrong:
        stop_at([_named(problem, path) for problem in wrong.problems])
    else:
        for doubt in doubts(plan):
            click.echo(f"{path}: {doubt}")
        click.echo(f"{path}: no problem found")


def _named(problem: Problem, path: Path) -> Problem:
    """Under the name that was given; a fault of the flow keeps the flow's."""
    return replace(problem, source=str(path)) if problem.source == str(path.absolute()) else problem
