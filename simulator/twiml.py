"""A strict reader of TwiML: bytes of an answer -> a tree of verbs, with what Twilio's debugger would say about it.

Malformed XML (12100), an unknown or misplaced verb (12200) and a document that is too long (11750) fail the document. A
wrong attribute is only a warning (12200), and the attribute is ignored, as at Twilio.
"""

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree

from simulator.grammar import ELEMENTS, KNOWN_ELSEWHERE, PLACES

LARGEST_DOCUMENT = 64 * 1024


class TwimlError(Exception):
    """The document cannot be run. `code` is Twilio's error number."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Verb:
    """One element: attributes as sent (wrong ones removed), its text with white space folded, its children in order."""

    tag: str
    attributes: dict[str, str]
    text: str
    children: list["Verb"] = field(default_factory=list)
    breaks_ms: int = 0

    def get(self, name: str, default: str = "") -> str:
        """An attribute as sent."""
        return self.attributes.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean attribute."""
        return self.attributes[name].lower() == "true" if name in self.attributes else default

    def number(self, name: str, default: int) -> int:
        """A whole-number attribute."""
        return int(self.attributes.get(name, default))

    def words(self, name: str, default: str = "") -> list[str]:
        """A list attribute, separated by spaces or commas."""
        return self.get(name, default).replace(",", " ").split()


def parse(body: bytes, place: str, warnings: list[str]) -> list[Verb]:
    """The verbs of a document standing in `place` (a key of PLACES); adds debugger warnings to `warnings`.

    Raises TwimlError when the document cannot be run at all.
    """
    if len(body) > LARGEST_DOCUMENT:
        raise TwimlError(11750, f"TwiML answer of {len(body)} bytes, at most {LARGEST_DOCUMENT}")
    if body.startswith(b"\xef\xbb\xbf"):
        raise TwimlError(12100, "byte order mark before the XML declaration")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - the customer's own server, on this machine
    except ElementTree.ParseError as wrong:
        raise TwimlError(12100, f"document parse failure: {wrong}") from wrong
    if root.tag != "Response":
        raise TwimlError(12100, f"root element is <{root.tag}>, not <Response>")
    _check_attributes(root, warnings)
    for child in root:
        _check_place(child.tag, place)
    return [_verb(child, "Response", warnings) for child in root]


def _check_place(tag: str, place: str) -> None:
    if tag in KNOWN_ELSEWHERE:
        raise TwimlError(12200, f"<{tag}> is Twilio's, but this network does not simulate it")
    if tag not in ELEMENTS["Response"].children:
        raise TwimlError(12200, f"unknown verb <{tag}>")
    if tag not in PLACES[place]:
        raise TwimlError(12200, f"<{tag}> is not allowed in a {place} document")


def _verb(node: ElementTree.Element, parent: str, warnings: list[str]) -> Verb:
    if node.tag not in ELEMENTS[parent].children:
        raise TwimlError(12200, f"<{node.tag}> is not allowed inside <{parent}>")
    attributes = _check_attributes(node, warnings)
    children = [_verb(child, node.tag, warnings) for child in node]
    text = " ".join("".join(node.itertext()).split())
    if (node.text or "").strip() and not ELEMENTS[node.tag].text:
        raise TwimlError(12200, f"<{node.tag}> holds no text")
    pauses = sum(child.breaks_ms for child in children) + _break_ms(node.tag, attributes)
    return Verb(node.tag, attributes, text, children, pauses)


def _check_attributes(node: ElementTree.Element, warnings: list[str]) -> dict[str, str]:
    known = ELEMENTS[node.tag].attributes
    kept = {}
    for name, value in node.attrib.items():
        plain = name.replace("{http://www.w3.org/XML/1998/namespace}", "xml:")
        if plain not in known:
            warnings.append(f"12200 <{node.tag}> has no attribute {plain}")
        elif not _fits(known[plain], value):
            warnings.append(f"12200 <{node.tag} {plain}={value!r}> is not {known[plain]}")
        else:
            kept[plain] = value
    return kept


def _fits(kind: str, value: str) -> bool:
    if kind in ("str", "url"):
        return True
    if kind == "bool":
        return value.lower() in ("true", "false")
    if kind == "method":
        return value.upper() in ("GET", "POST")
    if match := re.fullmatch(r"int(\d+)-(\d+)", kind):
        return value.isascii() and value.isdigit() and int(match[1]) <= int(value) <= int(match[2])
    if match := re.fullmatch(r"list\((.*)\)", kind):
        return set(value.replace(",", " ").split()) <= set(match[1].split("|"))
    return value in kind.split("|")


_STRENGTH_MS = {"none": 0, "x-weak": 0, "weak": 200, "medium": 400, "strong": 700, "x-strong": 1200}


def _break_ms(tag: str, attributes: dict[str, str]) -> int:
    if tag != "break":
        return 0
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", attributes.get("time", "")):
        return round(float(match[1]) * (1000 if match[2] == "s" else 1))
    return _STRENGTH_MS[attributes.get("strength", "medium")]
