"""One call drawn to scale: what the caller went through, who was rung, and the targets as lines. Pure geometry.

Two strips, because ten minutes of talk would hide eight seconds of wait: one up to the person, one of the whole call.
"""

from dataclasses import dataclass
from typing import Any

from consoles import phrases
from queues.plan import Plan

Json = dict[str, Any]
WIDTH = 1000
LABEL_WIDTH = 240
UNTIL_PERSON = ("picked_up", "reach_person", "time_to_person")
LIMIT_NAMES = {
    "picked_up": "picked up by here",
    "reach_person": "three rings",
    "time_to_person": "a person by here",
    "handle_time": "usual handle time",
}


@dataclass(frozen=True)
class Piece:
    """A stretch of time on a strip: `x` and `width` in units of WIDTH."""

    kind: str
    label: str
    lane: int
    x: float
    width: float


@dataclass(frozen=True)
class Limit:
    """A target's line at `x`, kept or broken; its words stand `level` rows up where two would run into each other."""

    label: str
    verdict: str
    x: float
    level: int = 0


@dataclass(frozen=True)
class Strip:
    """One drawing: pieces, lines, and the ticks of its scale."""

    title: str
    pieces: list[Piece]
    limits: list[Limit]
    ticks: list[tuple[float, str]]


@dataclass(frozen=True)
class Scale:
    """Time to place: from `from_ms` to `to_ms` over the whole width."""

    from_ms: int
    to_ms: int

    def x(self, at_ms: int) -> float:
        """Where a moment stands, never off the strip."""
        share = (at_ms - self.from_ms) / max(1, self.to_ms - self.from_ms)
        return round(min(1.0, max(0.0, share)) * WIDTH, 1)

    def piece(self, kind: str, label: str, lane: int, from_ms: int, to_ms: int) -> Piece:
        """A stretch on the strip, never thinner than a line."""
        return Piece(kind, label, lane, self.x(from_ms), max(2.0, self.x(to_ms) - self.x(from_ms)))

    def shows(self, at_ms: int) -> bool:
        """Is this moment on the strip?"""
        return self.from_ms <= at_ms <= self.to_ms


def strips(plan: Plan, call: Json, now_ms: int) -> list[Strip]:
    """The drawings of this call; none when it has no beginning."""
    began_ms = call.get("received_ms") or call.get("began_ms")
    if not began_ms:
        return []
    over_ms = call.get("wrapped_ms") or call.get("ended_ms") or now_ms
    until_ms = call.get("answered_ms") or call.get("ended_ms") or now_ms
    reach = [row["from_ms"] + row["limit_ms"] for row in call["targets"] if row["target"] == "reach_person"]
    drawn = [_strip("Until a person", plan, call, Scale(began_ms, max(until_ms, *reach, began_ms + 1000)), now_ms)]
    if call.get("answered_ms"):
        drawn.append(_strip("The whole call", plan, call, Scale(began_ms, over_ms), now_ms))
    return drawn


def _strip(title: str, plan: Plan, call: Json, scale: Scale, now_ms: int) -> Strip:
    whole = title != "Until a person"
    pieces = [piece for piece in _pieces(plan, call, scale, now_ms) if piece.x < WIDTH or piece.width > 2]
    return Strip(title, pieces, _limits(call, scale, whole), _ticks(scale))


def _pieces(plan: Plan, call: Json, scale: Scale, now_ms: int) -> list[Piece]:
    began_ms, enqueued_ms = call.get("received_ms") or call["began_ms"], call.get("enqueued_ms")
    answered_ms, ended_ms, wrapped_ms = call.get("answered_ms"), call.get("ended_ms"), call.get("wrapped_ms")
    left_ms = ended_ms or now_ms
    found = [scale.piece("menu", "menu", 0, began_ms, enqueued_ms or left_ms)]
    if enqueued_ms:
        found.append(scale.piece("wait", "wait", 0, enqueued_ms, answered_ms or call.get("left_line_ms") or left_ms))
    if call.get("left_line_ms"):
        found.append(scale.piece("menu", "message", 0, call["left_line_ms"], left_ms))
    if answered_ms and scale.to_ms > answered_ms:
        found.append(scale.piece("talk", "talk", 0, answered_ms, left_ms))
    if answered_ms and ended_ms and call["status"] in ("wrap_up", "ended") and scale.to_ms > ended_ms:
        found.append(scale.piece("wrap_up", "wrap-up", 0, ended_ms, wrapped_ms or now_ms))
    return found + [_ring(plan, offer, scale, now_ms) for offer in call["offers"] if offer["offered_at_ms"]]


def _ring(plan: Plan, offer: Json, scale: Scale, now_ms: int) -> Piece:
    name = plan.agents[offer["agent"]].name if offer["agent"] in plan.agents else offer["agent"]
    kind = "missed" if offer["outcome"] in ("missed", "declined", "withdrawn") else "ring"
    began_ms = offer["ringing_at_ms"] or offer["offered_at_ms"]
    return scale.piece(kind, name, 1, began_ms, offer["ended_at_ms"] or now_ms)


def _limits(call: Json, scale: Scale, whole: bool) -> list[Limit]:
    wanted = ("handle_time",) if whole else UNTIL_PERSON
    rows = [row for row in call["targets"] if row["target"] in wanted and _matters(row)]
    ends = sorted((row["from_ms"] + row["limit_ms"], row["target"], row["verdict"]) for row in rows)
    found: list[Limit] = []
    for at_ms, target, verdict in ends:
        if scale.shows(at_ms):
            x = scale.x(at_ms)
            crowded = bool(found) and x - found[-1].x < LABEL_WIDTH and found[-1].level == 0
            found.append(Limit(LIMIT_NAMES[target], verdict, x, int(crowded)))
    return found


def _matters(target: Json) -> bool:
    """Being picked up in time is the rule; its line is drawn only where it was broken."""
    return bool(target["target"] != "picked_up" or target["verdict"] == "broken")


def _ticks(scale: Scale) -> list[tuple[float, str]]:
    """Five to ten round steps along the strip."""
    length_s = (scale.to_ms - scale.from_ms) / 1000
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
    step_s = next((step for step in steps if length_s / step <= 8), 7200)
    return [(scale.x(scale.from_ms + s * 1000), _tick(s)) for s in range(0, int(length_s) + 1, step_s)]


def _tick(seconds: int) -> str:
    return f"{seconds} s" if seconds < 60 else phrases.span(seconds * 1000)
