"""The commands in `bin/`: they set up a checkout, run the whole service on one machine, test it, and call it.

Nothing here is part of a call. The service itself knows only its environment and its Procfile; this package fills in
the first and runs the second, so that one command is enough on a machine that has nothing but Python.
"""

import sys
from collections.abc import Callable
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent


class Refused(Exception):
    """The command cannot go on; the message is one line that says what to do."""


def run(command: Callable[[list[str]], int]) -> None:
    """Run a command's main function with the arguments given, and leave with its exit code.

    A refusal is one line on standard error and exit code 1, never a traceback.
    """
    try:
        code = command(sys.argv[1:])
    except Refused as refusal:
        print(f"Third Ring: {refusal}", file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
