"""What every command does first: the packages and the browser files, each only when its lock changed."""

import shutil
from concurrent.futures import ThreadPoolExecutor

from launch import browser_files, environment


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
