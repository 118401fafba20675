"""`bin/bench dispatch | ring | webhook`: set up this checkout, then run one bench; its own options follow its name."""

import argparse
from importlib import import_module

from launch import run, setup

BENCHES = ("dispatch", "ring", "webhook")


def main(arguments: list[str]) -> int:
    """Set up and measure. Returns what the bench returns."""
    parser = argparse.ArgumentParser(
        prog="bin/bench",
        description="Measure a speed promise as a ratio to something bare in the same run, and keep the figures as "
        "JSON under var/bench/.",
        epilog="bin/bench dispatch --help and so on tell each bench's options.",
    )
    parser.add_argument("bench", choices=BENCHES)
    named, rest = parser.parse_known_args(arguments[:1])
    setup.set_up(for_tests=True)
    # Imported here because it needs packages that set_up() has only now installed.
    code: int = import_module(f"benches.{named.bench}").main([*rest, *arguments[1:]])
    return code


if __name__ == "__main__":
    run(main)
