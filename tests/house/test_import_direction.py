"""The house is layered (design.md 2): this fails with the line that reaches the wrong way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PURE, OUTWARD, CONDUCTORS, DOORS, ROOTS, NETWORK, COMMANDS = (
    "pure",
    "outward",
    "conductors",
    "doors",
    "roots",
    "simulator",
    "launch",
)
MAY_IMPORT = {
    PURE: {PURE},
    OUTWARD: {PURE, OUTWARD},
    CONDUCTORS: {PURE, CONDUCTORS, ROOTS},
    DOORS: {PURE, CONDUCTORS, DOORS, ROOTS},
    ROOTS: {PURE, OUTWARD, CONDUCTORS, DOORS, ROOTS},
    NETWORK: {NETWORK},
    COMMANDS: {COMMANDS, ROOTS},
}
ROOMS = {
    "ivr": PURE,
    "queues": PURE,
    "cases": PURE,
    "adapters": OUTWARD,
    "webhooks": DOORS,
    "consoles": DOORS,
    "center": ROOTS,
    "logs": ROOTS,
    "wsgi": ROOTS,
    "simulator": NETWORK,
    "launch": COMMANDS,
}
# These never are anything but pure; any other file of queues/ that is handed the Center conducts.
ALWAYS_PURE = {
    "addresses",
    "answers",
    "callback",
    "callback_attempt",
    "estimate",
    "lifecycle",
    "plan",
    "policy",
    "records",
    "rings",
    "routing",
    "staffing",
    "story",
    "targets",
}
# What pure code may not have in its hands: the network, the clock, the processes.
WORLDLY = {
    "redis",
    "rq",
    "sqlalchemy",
    "flask",
    "requests",
    "socket",
    "subprocess",
    "time",
    "urllib.request",
    "twilio.rest",
}


def conductors(house: Path) -> set[str]:
    """The files of queues/ that import the Center."""
    files = [path for path in (house / "queues").glob("*.py") if path.stem not in ALWAYS_PURE]
    return {path.stem for path in files if "center" in {name for _line, name in imports(ast.parse(path.read_text()))}}


def layer(module: str, conducting: set[str]) -> str | None:
    """The layer of one of our modules; None for a module of others."""
    room, _, rest = module.partition(".")
    if room == "queues" and rest.split(".")[0] in conducting:
        return CONDUCTORS
    return ROOMS.get(room)


def modules(house: Path) -> list[Path]:
    """Our own source files, tests and tools left out."""
    files = [house / f"{room}.py" for room in ROOMS if (house / f"{room}.py").exists()]
    return files + [path for room in ROOMS for path in sorted((house / room).rglob("*.py"))]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module that is imported, with its line; `from queues import dispatch` counts as queues.dispatch."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def wrong_imports(source: str, module: str, where: str, conducting: set[str]) -> list[str]:
    """Each import that the table forbids, as `file:line: from may not import what`."""
    ours = layer(module, conducting)
    assert ours is not None, f"{where} belongs to no room"
    wrong = []
    for line, name in imports(ast.parse(source)):
        theirs = layer(name, conducting)
        if name.partition(".")[0] == "queues" and name == "queues":
            continue  # `from queues import x` is judged as queues.x
        if theirs is not None and theirs not in MAY_IMPORT[ours]:
            wrong.append(f"{where}:{line}: {ours} may not import {name} ({theirs})")
        if ours == PURE and any(name == worldly or name.startswith(f"{worldly}.") for worldly in WORLDLY):
            wrong.append(f"{where}:{line}: pure code may not import {name}")
    return wrong


def test_every_import_points_down(house: Path) -> None:
    wrong, conducting = [], conductors(house)
    for path in modules(house):
        where = path.relative_to(house)
        wrong += wrong_imports(path.read_text(), ".".join(where.with_suffix("").parts), str(where), conducting)
    assert "\n".join(wrong) == ""


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("queues.routing", "import redis", "queues.routing:1: pure code may not import redis"),
        (
            "queues.routing",
            "\nfrom queues import dispatch",
            "queues.routing:2: pure may not import queues.dispatch (conductors)",
        ),
        ("ivr.step", "def f():\n    import time", "ivr.step:2: pure code may not import time"),
        (
            "webhooks.voice",
            "from adapters.live import Live",
            "webhooks.voice:1: doors may not import adapters.live (outward)",
        ),
        ("simulator.rest", "import center", "simulator.rest:1: simulator may not import center (roots)"),
        ("consoles.desk", "import simulator", "consoles.desk:1: doors may not import simulator (simulator)"),
    ],
)
def test_an_import_the_wrong_way_is_named_with_its_line(module: str, source: str, complaint: str) -> None:
    assert complaint in wrong_imports(source, module, module, {"dispatch"})
