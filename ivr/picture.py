"""A flow as a picture: its nodes in layers from left to right, and the ways between them with their keys. Pure.

Drawn for `/studio`. A node stands one layer behind the first one that leads to it, so that ways back are few.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ivr import wording
from ivr.flow import Flow
from ivr.nodes import LanguageNode, MenuNode, Node, prompt_of
from ivr.parts import PERSON_KEY

WIDTH, HEIGHT = 190, 64
ACROSS, DOWN = 262, 88
EDGE = 16
MOST_WORDS = 20


@dataclass(frozen=True)
class Box:
    """A node: where it stands (its left upper corner), its kind, the first words said there, and its line.

    `seconds` is about how long they take in the language in which it is longest.
    """

    name: str
    kind: str
    words: str
    x: int
    y: int
    line: int
    seconds: int
    given_up: int


@dataclass(frozen=True)
class Arrow:
    """A way from one node to another: its SVG path, the keys that lead along it, and how many callers took it."""

    path: str
    label: str
    taken: int
    x: int
    y: int
    back: bool = False


@dataclass(frozen=True)
class Picture:
    """A drawing of so many units."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(flow: Flow, taken: Mapping[tuple[str, str], int], given_up: Mapping[str, int]) -> Picture:
    """The picture; `taken` counts callers by node and choice, `given_up` those who hung up at a node."""
    places = _places(flow)
    boxes = tuple(_box(flow, name, place, given_up.get(name, 0)) for name, place in places.items())
    corners = {box.name: (box.x, box.y) for box in boxes}
    arrows: list[Arrow] = []
    for name, node in flow.nodes.items():
        outs = _outs(node)
        for index, (target, keys, choices) in enumerate(outs):
            count = sum(taken.get((name, choice), 0) for choice in choices)
            spread = (index + 1) / (len(outs) + 1)
            arrows.append(_arrow(corners[name], corners[target], keys, count, spread))
    return Picture(
        max(x for x, _ in corners.values()) + WIDTH + EDGE,
        max(y for _, y in corners.values()) + HEIGHT + (DOWN // 2 if any(arrow.back for arrow in arrows) else EDGE),
        boxes,
        tuple(arrows),
    )


def _places(flow: Flow) -> dict[str, tuple[int, int]]:
    """Node → its layer and its row in it, in the order in which callers come to them; unreachable ones at the end."""
    layers: list[list[str]] = []
    seen, ahead = set[str](), [flow.file.start]
    while ahead:
        layers.append(ahead)
        seen |= set(ahead)
        ways = (target for name in ahead for target in flow.nodes[name].ways().values())
        ahead = [target for target in dict.fromkeys(ways) if target not in seen]
    rest = [name for name in flow.nodes if name not in seen]
    layers.extend([rest] if rest else [])
    return {name: (layer, row) for layer, names in enumerate(layers) for row, name in enumerate(names)}


def _box(flow: Flow, name: str, place: tuple[int, int], given_up: int) -> Box:
    node, (layer, row) = flow.nodes[name], place
    prompt = prompt_of(node)
    words = flow.prompt(prompt, flow.file.default_language).text if prompt else _about(node)
    if name == flow.file.person:
        words = f"{words} ({PERSON_KEY} from everywhere)"
    short = words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 1].rstrip() + "…"
    texts = [flow.prompt(prompt, language).text for language in flow.languages] if prompt else []
    seconds = round(max(map(wording.seconds_to_say, texts), default=0))
    line = flow.yaml.line("nodes", name)
    return Box(name, node.type, short, EDGE + layer * ACROSS, EDGE + row * DOWN, line, seconds, given_up)


def _about(node: Node) -> str:
    """What a node that says nothing is about."""
    about = (getattr(node, field, None) for field in ("queue", "is_", "hours", "number"))
    return next((str(value).replace("_", " ") for value in about if value), "")


def _outs(node: Node) -> list[tuple[str, str, list[str]]]:
    """Each node that this one leads to, once: by which keys or answers, and under which names they are counted."""
    found: dict[str, tuple[list[str], list[str]]] = {}
    for choice, target in node.ways().items():
        keys, choices = found.setdefault(target, ([], []))
        keys.extend(_keys(node, choice, target))
        choices.extend(node.options.values() if isinstance(node, LanguageNode) else [choice])
        choices.extend(["given"] if node.type == "collect" and choice == "next" else [])
    return [(target, " ".join(keys), choices) for target, (keys, choices) in found.items()]


def _keys(node: Node, choice: str, target: str) -> list[str]:
    if choice == "otherwise":
        return ["silence" if node.type != "forward" else "no answer"]
    if isinstance(node, MenuNode):
        return [key for key, option in node.options.items() if option.next == target]
    if isinstance(node, LanguageNode):
        return list(node.options)
    return [] if choice == "next" else [choice]


def _arrow(start: tuple[int, int], end: tuple[int, int], label: str, taken: int, spread: float) -> Arrow:
    """A curve from the right side of one box to the left side of another; backwards from below to below."""
    if end[0] <= start[0]:
        return _way_back(start, end, label, taken, spread)
    x, y = start[0] + WIDTH, round(start[1] + HEIGHT * spread)
    to_x, to_y = end[0], end[1] + HEIGHT // 2
    bend = (ACROSS - WIDTH) // 2
    path = f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x - 6} {to_y}"
    return Arrow(path, label, taken, round((x + to_x) / 2), round((y + to_y) / 2) - 4)


def _way_back(start: tuple[int, int], end: tuple[int, int], label: str, taken: int, spread: float) -> Arrow:
    if end[0] == start[0]:  # above or below it: around the left
        x, y, to_y = start[0], round(start[1] + HEIGHT * spread), end[1] + HEIGHT // 2
        bend = (ACROSS - WIDTH) // 2
        path = f"M{x} {y}C{x - bend} {y} {x - bend} {to_y} {x - 6} {to_y}"
        return Arrow(path, label, taken, x - bend, (y + to_y) // 2, back=True)
    x, y = round(start[0] + WIDTH * spread), start[1] + HEIGHT
    to_x, to_y = end[0] + WIDTH // 2, end[1] + HEIGHT + 6
    below = max(y, to_y) + DOWN // 2
    path = f"M{x} {y}C{x} {below} {to_x} {below} {to_x} {to_y}"
    return Arrow(path, label, taken, round((x + to_x) / 2), round((y + to_y) / 8 + below * 3 / 4) - 4, back=True)
