"""The output of the running processes on the terminal of `bin/dev`: all of it, or only what went wrong."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

LOUD = {"warning", "error", "critical"}
LOUD_TEXT = re.compile(r"\b(ERROR|CRITICAL|Traceback|panicked)\b")


@dataclass
class Follower:
    """Reads what was added to the log files of a folder since the last look. Shows all lines, or only the loud ones."""

    folder: Path
    everything: bool
    offsets: dict[Path, int] = field(default_factory=dict)

    def new_lines(self) -> list[str]:
        """Whole lines added since the last look, each with the name of its process in front."""
        return [
            f"{path.stem:<16} {line}"
            for path in sorted(self.folder.glob("*.log"))
            for line in self._added(path)
            if self.everything or is_loud(line)
        ]

    def _added(self, path: Path) -> list[str]:
        with path.open("rb") as file:
            file.seek(self.offsets.get(path, 0))
            added = file.read()
        whole, newline, _ = added.rpartition(b"\n")
        self.offsets[path] = self.offsets.get(path, 0) + len(whole) + len(newline)
        return whole.decode(errors="replace").splitlines() if newline else []


def is_loud(line: str) -> bool:
    """True for a line that somebody at the terminal should see: a warning or worse."""
    if line.startswith("{"):
        try:
            return str(json.loads(line).get("level", "")).lower() in LOUD
        except ValueError:
            pass
    return bool(LOUD_TEXT.search(line))
