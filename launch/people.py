"""The people of a `bin/call`: what the caller does and how each agent's phone behaves, as the simulator's scripts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from launch import Refused

ANSWER_AT = "answer@2rings"


@dataclass(frozen=True)
class ScriptedAgent:
    """An agent of the center and what their phone does when it rings."""

    id: str
    line: str
    script: str

    @property
    def answers(self) -> bool:
        """True when somebody picks up and takes the call; a voicemail picks up, too, but presses nothing."""
        return self.script.startswith("answer")


def caller_script(keys: str, hang_up: str) -> str:
    """Press each key when a menu listens, then wait; with `hang_up` (as in 40s), hang up that long after the start."""
    presses = [f"press {key} on gather" for key in filter(None, re.split(r"[,\s]+", keys))]
    return ", ".join([*presses, f"hang up at {hang_up}" if hang_up else "wait"])


def read_agent(word: str) -> tuple[str, str]:
    """`asha:answer@4s` as ("asha", "answer@4s"); two rings when nothing is said. Raises Refused without a name."""
    name, _, behaviour = word.partition(":")
    if not name:
        raise Refused(f"--agent {word}: give an agent's id, as in asha:{ANSWER_AT}")
    return name, behaviour or ANSWER_AT


def agent_script(behaviour: str, line: str, talk: str) -> str:
    """The whole script of a phone: how it is answered, 1 to accept on a plain phone, hanging up after `talk`.

    A behaviour that says more than one thing is taken as it is.
    """
    if "," in behaviour or not behaviour.startswith("answer"):
        return behaviour
    accept = [] if line.startswith("client:") else ["press 1 on gather"]
    return ", ".join([behaviour, *accept, *([f"hang up after {talk} of talk"] if talk else [])])


def lines_of(agents: Sequence[Mapping[str, str]], wanted: Sequence[str]) -> dict[str, str]:
    """The lines of the wanted agents, from `GET /agents`. Raises Refused, naming those there are, for any other."""
    lines = {row["id"]: row["line"] for row in agents}
    for name in wanted:
        if name not in lines:
            raise Refused(f"no agent {name} in this center; there are {', '.join(sorted(lines))}")
    return {name: lines[name] for name in wanted}
