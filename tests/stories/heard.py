"""What callers hear, from the first word to the last: each story in four languages, written down in heard.yaml.

`python -m tests.stories.heard` plays them all and writes the file anew; whoever changes a sentence reads what changed.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ruamel.yaml import YAML

from adapters.history import History
from launch.valkey import find_server
from launch.variables import free_port
from simulator import Leg
from tests.stories.world import World

FILE = Path(__file__).with_name("heard.yaml")
LANGUAGES = {"en": "1", "hi": "2", "gu": "3", "te": "4"}
JIGNESH = "+919898000111"
ONE = "press 1 on gather, "
TAKES = f"answer@2rings, {ONE}hang up after 20s of talk"
OPEN = {"callbacks.countries": ["IN"], "callbacks.hours": "00:00-23:59"}
Story = Callable[[World, str], list[Leg]]


def answered(world: World, key: str) -> list[Leg]:
    """Sales, and somebody is there."""
    world.agent("asha", TAKES)
    world.agent("arjun", TAKES.replace(ONE, ""))
    caller = world.call(f"press {key} on gather, press 1 on gather, wait", JIGNESH)
    world.run(120, lambda: caller.ended)
    return [caller]


def wrong_keys(world: World, key: str) -> list[Leg]:
    """Wrong keys, then silence, then the key for a person."""
    caller = world.call(f"press {key} on gather, press 7 on gather, hang up at 60s", JIGNESH)
    world.run(70, lambda: caller.ended)
    return [caller]


def back_and_person(world: World, key: str) -> list[Leg]:
    """Into the support menu, one step back, and to a person."""
    script = f"press {key} on gather, press 2 on gather, press * on gather, press 0 on gather, hang up at 40s"
    caller = world.call(script, JIGNESH)
    world.run(60, lambda: caller.ended)
    return [caller]


def waits_long(world: World, key: str) -> list[Leg]:
    """Two minutes of waiting, and then they leave."""
    caller = world.call(f"press {key} on gather, press 3 on gather, hang up at 120s", JIGNESH)
    world.run(130, lambda: caller.ended)
    return [caller]


def called_back(world: World, key: str) -> list[Leg]:
    """A promise, and the call that keeps it."""
    script = f"press {key} on gather, press 1 on gather, press 1 at 62s, press 1 at 80s"
    caller = world.call(script, JIGNESH)
    world.run(110, lambda: caller.ended)
    world.net.person(JIGNESH, "answer@1ring, press 1 on gather, hang up after 10s of talk")
    world.agent("asha", "answer@1ring, press 1 on gather")
    world.agent("arjun", "answer@1ring")
    world.run(120, lambda: world.status(caller) == "ended")
    return [caller, *(leg for leg in world.net.exchange.legs.values() if leg.to == JIGNESH)]


def another_time(world: World, key: str) -> list[Leg]:
    """A call at a time of their choice."""
    caller = world.call(f"press {key} on gather, press 1 on gather, press 2 at 62s, press 2 at 90s", JIGNESH)
    world.run(130, lambda: caller.ended)
    return [caller]


def nobody_presses(world: World, key: str) -> list[Leg]:
    """Called back, and nobody presses 1."""
    caller = world.call(f"press {key} on gather, press 1 on gather, press 1 at 62s, press 1 at 80s", JIGNESH)
    world.run(110, lambda: caller.ended)
    world.net.person(JIGNESH, "answer@1ring")
    world.agent("asha", "answer@1ring, press 1 on gather")
    world.agent("arjun", "answer@1ring")
    world.run(60, lambda: world.live(caller).attempts == 1 and world.status(caller) == "waiting")
    world.run(5)
    return [caller, *(leg for leg in world.net.exchange.legs.values() if leg.to == JIGNESH)]


def agent_lost(world: World, key: str) -> list[Leg]:
    """Whoever takes the call is cut off at once."""
    for name in ("asha", "arjun"):
        world.agent(name, f"answer@1ring, {'' if name == 'arjun' else ONE}hang up at 1s")
    caller = world.call(f"press {key} on gather, press 1 on gather, hang up at 60s", JIGNESH)
    world.run(70, lambda: caller.ended)
    return [caller]


def link(world: World, key: str) -> list[Leg]:
    """A link to their own page, by text message."""
    caller = world.call(f"press {key} on gather, press 1 on gather, press 4 at 62s, hang up at 90s", JIGNESH)
    world.run(100, lambda: caller.ended)
    return [caller]


def other_language(world: World, key: str) -> list[Leg]:
    """In line they find that another language would be better: Telugu, or English for who began in it."""
    wished = "1" if key == "4" else "4"
    script = f"press {key} on gather, press 1 on gather, press * at 40s, press {wished} at 55s, hang up at 90s"
    caller = world.call(script, JIGNESH)
    world.run(100, lambda: caller.ended)
    return [caller]


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        *(answered, wrong_keys, back_and_person, waits_long, called_back, another_time, nobody_presses),
        *(agent_lost, link, other_language),
    )
}


def heard(world: World, story: str, language: str) -> list[list[str]]:
    """What each leg of the story heard, in order."""
    legs = STORIES[story](world, LANGUAGES[language])
    return [world.said(leg) for leg in legs]


@contextmanager
def _worlds() -> Iterator[Callable[[], World]]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [find_server(), "--bind", "127.0.0.1", "--port", str(port), "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(0.5)
        made: list[World] = []

        def new() -> World:
            url = f"sqlite:///{folder}/{len(made)}.db"
            history = History(url)
            history.upgrade()
            history.close()
            made.append(World(f"redis://127.0.0.1:{port}/0", url, OPEN))
            return made[-1]

        try:
            yield new
        finally:
            server.kill()


def main() -> None:
    """Play every story and write down what was heard."""
    with _worlds() as new:
        told = {story: {language: heard(new(), story, language) for language in LANGUAGES} for story in STORIES}
    yaml = YAML()
    yaml.width, yaml.allow_unicode = 110, True
    with FILE.open("w", encoding="utf-8") as file:
        file.write("# What callers hear, leg by leg. Written by `python -m tests.stories.heard`; read what changes.\n")
        yaml.dump(told, file)
    os._exit(0)  # the phone network's conversations need no goodbye


if __name__ == "__main__":
    main()
