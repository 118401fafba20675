"""What Debian and Ubuntu keep in packages of their own: installed when we are root, named when we are not."""

import os
import shutil
import subprocess

from launch import Refused


def may_install() -> bool:
    """True when this process could add system packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str]) -> None:
    """Install Debian packages. Raises Refused, with the last line of the installer, when that fails."""
    print(f"Installing {' '.join(packages)} ...", flush=True)
    result = _apt("install", *packages)
    if result.returncode != 0:
        # A fresh container has no package lists, or stale ones.
        _apt("update")
        result = _apt("install", *packages)
    if result.returncode != 0:
        said = (result.stdout.strip().splitlines() or ["apt-get said nothing"])[-1]
        raise Refused(f"could not install {' '.join(packages)}: {said}")


def _apt(action: str, *packages: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["apt-get", action, "-y", "-q", *(["--no-install-recommends"] if packages else []), *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        check=False,
    )
