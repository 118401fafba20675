"""The checkout's own Python: `.venv` with exactly the packages of the lock files, installed once per lock.

Standard library only, because it runs before anything is installed. `bin/python` calls `python3 -m launch.environment`
to make `.venv`; the commands then call `install()` from inside it.
"""

import fcntl
import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launch import HOUSE, Refused, debian, run

VENV = HOUSE / ".venv"
PYTHON = VENV / "bin" / "python"
RUN_LOCK = "requirements.txt"
TEST_LOCK = "requirements-dev.txt"
UV_LOCK = "launch/uv.txt"
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def make(_arguments: list[str]) -> int:
    """Make `.venv` with the Python that runs this. Raises Refused when Python lacks a part and we may not add it."""
    with alone():
        if not _usable():
            _need_ensurepip()
            print("Making .venv ...", flush=True)
            _run([sys.executable, "-m", "venv", "--clear", str(VENV)], "could not make .venv")
    return 0


def _usable() -> bool:
    return (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", "import pip"], check=False, capture_output=True).returncode == 0
    )


def _need_ensurepip() -> None:
    if importlib.util.find_spec("ensurepip"):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not debian.may_install():
        raise Refused(
            f"this Python has no ensurepip: install the package {package} (apt install {package}), then try again"
        )
    debian.install([package])


def install(*locks: str) -> None:
    """Install the packages of these lock files, hashes checked; nothing happens when they are there already."""
    missing = {lock: mark for lock in locks if _stamp(lock) != (mark := fingerprint(lock))}
    if not missing:
        return
    print(f"Installing the packages of {' and '.join(missing)} ...", flush=True)
    files = [argument for lock in missing for argument in ("-r", lock)]
    if not _with_uv(files):
        _run([str(PYTHON), "-m", "pip", "install", "-q", "--require-hashes", *files], "could not install the packages")
    for lock, mark in missing.items():
        _stamp_file(lock).write_text(mark)
    importlib.invalidate_caches()


def _stamp_file(lock: str) -> Path:
    return VENV / f"installed-{Path(lock).stem}"


def _stamp(lock: str) -> str:
    return _stamp_file(lock).read_text() if _stamp_file(lock).exists() else ""


def _with_uv(files: list[str]) -> bool:
    """True when uv did it. uv is several times faster than pip, but pip is what a machine is configured for."""
    pip = [str(PYTHON), "-m", "pip", "install", "-q", "--require-hashes", "-r", UV_LOCK]
    # Compiling everything now would take longer than all the rest; what is used is compiled when it is first imported.
    uv = [str(PYTHON), "-m", "uv", "pip", "install", "-q", "--python", str(PYTHON)]
    return _quietly(pip) and _quietly([*uv, "--require-hashes", *files], _uv_settings())


def _uv_settings() -> dict[str, str]:
    """uv does not read pip's configuration, and asking an unreachable public index would only cost time."""
    listed = subprocess.run([PYTHON, "-m", "pip", "config", "list"], check=False, capture_output=True, text=True).stdout
    settings = {"UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy"), "UV_HTTP_TIMEOUT": "30"}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if name.endswith(".index-url"):
            settings["UV_DEFAULT_INDEX"] = value.strip("'\"")
    return settings


def outward() -> dict[str, str]:
    """The environment for installers. uv and npm bring their own certificates; a company's are in the system's file."""
    ours = {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if SYSTEM_CERTIFICATES.exists():
        ours |= dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"), str(SYSTEM_CERTIFICATES))
    return ours | os.environ


def fingerprint(lock: str) -> str:
    """A short text that changes when the lock file or the Python version does."""
    return hashlib.sha256(sys.version.encode() + (HOUSE / lock).read_bytes()).hexdigest()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout's set-up lock: two commands started together set up one after the other."""
    path = HOUSE / "var" / "setup.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _quietly(command: list[str], more: dict[str, str] | None = None) -> bool:
    environ = outward() | (more or {})
    done = subprocess.run(command, cwd=HOUSE, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(
        command,
        cwd=HOUSE,
        env=outward(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stdout.strip().splitlines() or ["no reason given"])[-1]
        raise Refused(f"{failure}: {last}")


if __name__ == "__main__":
    run(make)
