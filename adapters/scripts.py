"""The atomic scripts as text: read from their files, and what the lifecycle prepared for them written as Lua.

Used once, when a process begins to work with the live state.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).parent


def read(name: str) -> str:
    """The text of `<name>.lua`."""
    return (FOLDER / f"{name}.lua").read_text("utf-8")


def literal(value: object) -> str:
    """ASCII text, whole numbers and dicts as Lua writes them; a list of texts as a function that fills in each `$name`.

    So the script builds no table and reads no JSON at the moment of truth.
    """
    if isinstance(value, dict):
        return "{" + ",".join(f"[{json.dumps(name)}]={literal(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        texts = (f"who.{text[1:]}" if text.startswith("$") else json.dumps(text) for text in value)
        return f"function(who) return {','.join(texts)} end"
    return json.dumps(value)
