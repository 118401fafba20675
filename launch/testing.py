"""`bin/test`: set up what the tests need and run all of them.

Arguments go to pytest. `--long` gives property tests fresh seeds and more examples; without it they are the same on
every run, so that a red test is red for everyone.
"""

import argparse
import os
import shutil
import sys

from launch import debian, run, setup

BROWSERS = ["chromium", "chromium-browser", "google-chrome"]
BROWSER_PACKAGES = ["chromium", "fonts-noto-core"]


def main(arguments: list[str]) -> int:
    """Set up, then become pytest."""
    options, for_pytest = _options(arguments)
    setup.set_up(for_tests=True)
    _find_browser()
    _become_pytest(options.long, for_pytest)
    return 0


def _become_pytest(long: bool, for_pytest: list[str]) -> None:
    workers = [] if any(word.startswith(("-n", "--numprocesses")) for word in for_pytest) else ["-n", "2"]
    profile = "long" if long else "ci"
    command = [sys.executable, "-m", "pytest", "--dist", "loadgroup", f"--hypothesis-profile={profile}", *workers]
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every test process compiles every package again
    sys.stdout.flush()
    os.execv(sys.executable, [*command, *for_pytest])


def _options(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="bin/test",
        description="Set up and run every test. Other arguments go to pytest, as in bin/test tests/ivr -k menu.",
    )
    parser.add_argument("--long", action="store_true", help="fresh seeds and more examples for the property tests")
    return parser.parse_known_args(arguments)


def _find_browser() -> None:
    """Get Chromium where we may; where not, say why the browser tests will be skipped."""
    if any(map(shutil.which, BROWSERS)):
        return
    if debian.may_install():
        debian.install(BROWSER_PACKAGES)
    else:
        print(
            f"The browser tests are skipped: no Chromium here (apt install {' '.join(BROWSER_PACKAGES)}).", flush=True
        )


if __name__ == "__main__":
    run(main)
