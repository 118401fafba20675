"""People as scripts: what a caller or a called line does, written as a sentence or as JSON steps.

    caller   press 2 after 3s, press 1 on gather, say 'billing' on gather, hang up at 40s
             hang up after 30s of talk | wait
    line     answer@2rings, press 1 on gather, hang up after 20s of talk
             never | busy | unreachable | decline@3s | voicemail@4rings | manual

`after` counts from the step before (the first from the answer), `at` from the start of the call (a line: from its
answer), `on gather` waits for a Gather that listens, `on record` for a recording, `on talk` for a person at the other
end. The JSON of a step is {"do": "press", "keys": "1", "when": "gather"}; `when` is now, after, at, gather, record,
talk; `seconds` goes with after, at and talk. The JSON of the first step of a line is {"do": "answer", "rings": 2} or
{"do": "answer", "seconds": 8}.
"""

import re
from dataclasses import dataclass
from typing import Any

from simulator.cadence import Cadence

PICKUPS = ("answer", "voicemail", "decline", "never", "busy", "unreachable", "manual")
TIMED_PICKUPS = ("answer", "voicemail", "decline")
MOMENTS = ("now", "after", "at", "gather", "record", "talk")
KEYS = re.compile(r"[0-9*#wW]{1,40}")


class ScriptError(ValueError):
    """The script cannot be understood; the message says what is wrong, in plain words."""


@dataclass(frozen=True)
class Pickup:
    """What a called line does when it rings: after a number of `rings` (from 1) or of ms."""

    what: str
    rings: int = 0
    delay_ms: int = 0

    def after_ms(self, cadence: Cadence) -> int:
        """Milliseconds of ringing before it, with the ring of the line."""
        return cadence.answer_ms(self.rings) if self.rings else self.delay_ms


@dataclass(frozen=True)
class Step:
    """One act (`press`, `say`, `hang up`, `wait`) and its moment."""

    act: str
    what: str = ""
    when: str = "now"
    ms: int = 0

    def __str__(self) -> str:
        said = {"press": f"press {self.what}", "say": f"say '{self.what}'"}.get(self.act, self.act)
        seconds = f"{self.ms / 1000:g}s"
        moment = {"after": f" after {seconds}", "at": f" at {seconds}", "talk": f" after {seconds} of talk"}
        return said + moment.get(self.when, "" if self.when == "now" else f" on {self.when}")


@dataclass(frozen=True)
class Script:
    """A whole person. A caller has no pickup; `manual` people act only from outside."""

    pickup: Pickup | None
    steps: tuple[Step, ...]

    @property
    def manual(self) -> bool:
        """Whether somebody outside acts for this person."""
        return self.pickup is not None and self.pickup.what == "manual"


MANUAL = Script(Pickup("manual"), ())
NEVER = Script(Pickup("never"), ())


def caller_script(source: str | list[Any]) -> Script:
    """A caller's script from a sentence or JSON steps; `manual` alone is a caller moved from outside."""
    if source == "manual":
        return MANUAL
    steps = _steps(source)
    if steps and steps[0]["do"] in PICKUPS:
        raise ScriptError(f"a caller does not {steps[0]['do']}: that is for a line that is called")
    return Script(None, _ordered([_step(step) for step in steps]))


def line_script(source: str | list[Any]) -> Script:
    """A called line's script; it begins with what the line does when it rings."""
    steps = _steps(source)
    if not steps or steps[0]["do"] not in PICKUPS:
        raise ScriptError(f"a called line begins with one of {', '.join(PICKUPS)} (answer@2rings, decline@3s, ...)")
    pickup = _pickup(steps[0])
    if steps[1:] and pickup.what != "answer":
        raise ScriptError(f"nothing can follow `{pickup.what}`: the line never talks")
    return Script(pickup, _ordered([_step(step) for step in steps[1:]]))


def _ordered(steps: list[Step]) -> tuple[Step, ...]:
    for step in steps[:-1]:
        if step.act in ("hang up", "wait"):
            raise ScriptError(f"nothing can follow `{step}`")
    return tuple(steps)


def _steps(source: str | list[Any]) -> list[dict[str, Any]]:
    if isinstance(source, str):
        parts = [part.strip() for part in re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^,'\"])+", source)]
        return [_read(part) for part in parts if part]
    if not isinstance(source, list):
        raise ScriptError("a script is a sentence or a list of steps")
    for step in source:
        if not isinstance(step, dict) or not isinstance(step.get("do"), str):
            raise ScriptError(f"a step is an object with `do`, not {step!r}")
    return source


_PICKUP = re.compile(r"(answer|voicemail|decline)\s*@\s*(?:(\d+)\s*rings?|(\d+(?:\.\d+)?)\s*s)")
_ACT = re.compile(r"""(?:(press)\s+(\S+)|(say)\s+(?:'([^']*)'|"([^"]*)"|(.+?))|(hang\s*up)|(wait))""")
_MOMENT = re.compile(r"\s+(?:on\s+(gather|record|talk)|(after|at)\s+(\d+(?:\.\d+)?)\s*s(\s+of\s+talk)?)$")


def _read(part: str) -> dict[str, Any]:
    """One part of a sentence as a JSON step."""
    if part in PICKUPS and part not in TIMED_PICKUPS:
        return {"do": part}
    if match := _PICKUP.fullmatch(part):
        timing = {"rings": int(match[2])} if match[2] else {"seconds": float(match[3])}
        return {"do": match[1], **timing}
    moment = _MOMENT.search(part)
    act = _ACT.fullmatch(part[: moment.start()] if moment else part)
    if not act:
        raise ScriptError(f"cannot understand {part!r}; examples: {_EXAMPLES}")
    step: dict[str, Any] = {"do": "press", "keys": act[2]} if act[1] else {"do": "hang_up" if act[7] else "wait"}
    if act[3]:
        step = {"do": "say", "text": act[4] or act[5] or act[6] or ""}
    if moment and moment[1]:
        step["when"] = moment[1]
    elif moment:
        if moment[4] and moment[2] == "at":
            raise ScriptError(f"{part!r}: `of talk` goes with `after`")
        step |= {"when": "talk" if moment[4] else moment[2], "seconds": float(moment[3])}
    return step


_EXAMPLES = (
    "press 1 on gather; press 2 after 3s; say 'billing' on gather; hang up at 40s; hang up after 30s of talk; wait"
)


def _step(step: dict[str, Any]) -> Step:
    act = step["do"]
    known = {"do", "when", "seconds"} | {"press": {"keys"}, "say": {"text"}}.get(act, set())
    if act not in ("press", "say", "hang_up", "wait"):
        raise ScriptError(f"a person cannot `{act}`; known are press, say, hang_up, wait")
    if extra := set(step) - known:
        raise ScriptError(f"step {step!r}: unknown {', '.join(sorted(extra))}")
    what = str(step.get("keys", "") if act == "press" else step.get("text", ""))
    if act == "press" and not KEYS.fullmatch(what):
        raise ScriptError(f"`press {what}`: keys are 0-9 * # and w, W for pauses")
    if act == "say" and not what:
        raise ScriptError("`say` needs words")
    when = step.get("when", "now")
    if when not in MOMENTS:
        raise ScriptError(f"step {step!r}: `when` is one of {', '.join(MOMENTS)}")
    return Step("hang up" if act == "hang_up" else act, what, when, _ms(step, when))


def _ms(step: dict[str, Any], when: str) -> int:
    seconds = step.get("seconds", 0 if when in ("now", "gather", "record", "talk") else None)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 86_400:
        raise ScriptError(f"step {step!r}: seconds from 0 to 86400 are needed")
    return round(seconds * 1000)


def _pickup(step: dict[str, Any]) -> Pickup:
    what, rings, seconds = step["do"], step.get("rings", 0), step.get("seconds")
    if what not in TIMED_PICKUPS:
        return Pickup(what)
    if rings:
        if not isinstance(rings, int) or isinstance(rings, bool) or not 1 <= rings <= 99:
            raise ScriptError(f"{what}: rings from 1 to 99 are needed, not {rings!r}")
        return Pickup(what, rings=rings)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 3600:
        raise ScriptError(f"say when: {what}@2rings or {what}@8s")
    return Pickup(what, delay_ms=round(seconds * 1000))
