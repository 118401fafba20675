"""What every command does first: the packages and the browser files, each only when its lock changed.

`python -m launch.setup` for the commands that are shell scripts; with `--tests`, what tests and lint need comes along.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor

from launch import browser_files, environment, run


def set_up(for_tests: bool = False) -> None:
    """Make the checkout ready to run, or to be tested. Raises Refused when something cannot be had."""
    locks = [environment.RUN_LOCK, *([environment.TEST_LOCK] if for_tests else [])]
    with environment.alone(), ThreadPoolExecutor() as pool:
        # npm waits for the network while pip unpacks. Where npm itself comes from a package, it must wait instead.
        early = pool.submit(browser_files.fetch, for_tests) if shutil.which("npm") else None
        environment.install(*locks)
        if early is None:
            browser_files.fetch(for_tests)
        else:
            early.result()


def main(arguments: list[str]) -> int:
    """Set up, and nothing else."""
    set_up(for_tests="--tests" in arguments)
    return 0


if __name__ == "__main__":
    run(main)
