"""Rules of the house that a reader would otherwise have to check by hand."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from honcho.environ import parse_procfile

import queues.worker
from adapters import job_queues
from center import Settings

FORBIDDEN_FILES = {"utils", "common", "helpers", "managers", "handlers", "base", "misc"}
# Handle time and the name of a process are words of this house.
FORBIDDEN_NAMES = re.compile(r"^_?(handle|process|do|perform)_(?!name$|time)")
# What only this machine or this team would know, and what nobody may know.
FOREIGN = {
    "a path of one machine": re.compile(r"/(work|home|root|Users)/\w+"),
    "a folder outside the checkout": re.compile(r"\.\./shared"),
    "an account": re.compile(r"\bAC(?!(.)\1{31})[0-9a-f]{32}\b"),
    "a key": re.compile(r"\bSK(?!(.)\1{31})[0-9a-f]{32}\b|BEGIN [A-Z ]*PRIVATE KEY"),
}
MADE_HERE = {".git", ".hypothesis", ".venv", "var", "node_modules", "vendor", "__pycache__", ".env"}
TEXTS = {".py", ".md", ".yaml", ".yml", ".toml", ".html", ".css", ".js", ".lua", ".sh", ".in", ".txt", ""}


@pytest.fixture(scope="session")
def files(house: Path) -> list[Path]:
    """Every file of the checkout that is, or will be, in its history; without git, every file not made here."""
    if shutil.which("git") is None or not (house / ".git").exists():
        parts = ((path, path.relative_to(house).parts) for path in house.rglob("*") if path.is_file())
        return [path for path, names in parts if not MADE_HERE & set(names)]
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=house,
        capture_output=True,
        text=True,
        check=True,
    )
    return [house / name for name in listed.stdout.splitlines() if (house / name).is_file()]


@pytest.fixture(scope="session")
def modules(files: list[Path]) -> list[Path]:
    return [path for path in files if path.suffix == ".py"]


def test_no_file_is_a_drawer_for_anything(modules: list[Path]) -> None:
    assert [path for path in modules if path.stem in FORBIDDEN_FILES or path.parent.name in FORBIDDEN_FILES] == []


def test_functions_are_named_after_what_they_do(modules: list[Path]) -> None:
    named = [
        f"{path}:{node.lineno}: {node.name}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and FORBIDDEN_NAMES.match(node.name)
    ]
    assert named == []


def test_every_module_says_what_it_is_for(modules: list[Path]) -> None:
    silent = [
        path for path in modules if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_nothing_in_the_history_is_foreign_or_secret(house: Path, files: list[Path]) -> None:
    found = [
        f"{path.relative_to(house)}: {what}: {match[0]}"
        for path in files
        if path.suffix in TEXTS and path.name not in {"test_rules.py", "package-lock.json"}
        for what, pattern in FOREIGN.items()
        for match in [pattern.search(path.read_text(errors="replace"))]
        if match
    ]
    assert found == []


def test_every_job_queue_is_served_by_a_line_of_the_procfile(house: Path) -> None:
    lines = parse_procfile((house / "Procfile").read_text()).processes
    served = {command.split()[-1] for command in lines.values() if "queues.worker" in command}
    assert served == set(job_queues.NAMES)


def test_every_job_that_is_enqueued_exists() -> None:
    enqueued = set(re.findall(r'"queues\.worker\.(\w+)"', Path(job_queues.__file__).read_text()))
    assert enqueued
    assert [name for name in enqueued if not callable(getattr(queues.worker, name, None))] == []


def test_every_errand_that_is_asked_for_exists(house: Path) -> None:
    asked = {
        name
        for path in (house / "queues").glob("*.py")
        for name in re.findall(r'\.errand\("(\w+)"\)', path.read_text())
    }
    assert asked >= {"sweep", "judge_nights", "erase_recordings"}
    assert [name for name in asked if not callable(getattr(queues.worker, name, None))] == []


def test_the_procfile_has_the_processes_of_the_service(house: Path) -> None:
    names = list(parse_procfile((house / "Procfile").read_text()).processes)
    assert names == ["release", "web", "feed", "worker_dispatch", "worker_errands", "ticker", "recorder"]


@pytest.mark.parametrize("name", [field.upper() for field in Settings.model_fields])
def test_every_setting_is_documented(house: Path, name: str) -> None:
    readme = (house / "README.md").read_text()
    assert f"`{name}`" in readme[readme.index("## Settings") : readme.index("## Connect")]
    assert re.search(rf"^{name}=", (house / ".env.example").read_text(), re.MULTILINE)


def test_the_example_settings_are_all_settings(house: Path) -> None:
    named = re.findall(r"^([A-Z_]+)=", (house / ".env.example").read_text(), re.MULTILINE)
    assert set(named) == {field.upper() for field in Settings.model_fields}


def test_the_example_settings_are_right_as_they_are(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)
    read = Settings(_env_file=house / ".env.example")
    assert (read.port, read.simulated, read.log_level) == (8000, True, "INFO")
