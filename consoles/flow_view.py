"""The menus as people and programs see and change them: what is in force, what a text would be, how callers fare."""

import difflib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from center import Center, check_flow, flow_file
from consoles.refusals import Refusal
from ivr.flow import Flow, load_flow
from ivr.lined_yaml import LinedYaml, Problem, WrongFile, read_yaml
from ivr.picture import Picture, draw
from ivr.seconds import seconds_to_person
from queues import flow_versions
from queues.flow_trial import FlowState, FlowVersion

DEEDS = {"published": "Published", "tried": "Given to a share", "rolled_back": "Rolled back"}
BY = {flow_versions.FILE: "the flow file", flow_versions.RULE: "its own rule"}
MOST_DIFFERENCES = 400


def state_of(center: Center) -> FlowState:
    """Who gets which version. Raises SQLAlchemyError when the record is away."""
    return center.live.flow_shelf.state() or center.history.flows.state()


def text_of(center: Center, version: str) -> str:
    """A version's text; of the file while none was published. Raises Refusal (404)."""
    if not version:
        return flow_file(center.settings, center.plan).read_text("utf-8")
    found = center.history.flows.find(version)
    if found is None:
        raise Refusal(404, "not_found", f"There is no version {version!r} of the menu.")
    return found.text


def listed(center: Center) -> dict[str, Any]:
    """What is in force, every version, and what was done, newest first."""
    state, book = state_of(center), center.history.flows
    return {
        "current": state.current or center.flow.version,
        "candidate": state.candidate or None,
        "share": state.share,
        "since_ms": state.at_ms or None,
        "versions": [_version(one) for one in book.versions()],
        "changes": [_change(one) for one in book.changes()],
    }


@dataclass(frozen=True)
class Reading:
    """What a text is: a flow or not yet one, readable or not, and all that is wrong with it."""

    text: str
    flow: Flow | None
    yaml: LinedYaml | None
    problems: list[Problem]

    @property
    def seconds(self) -> dict[str, int] | None:
        """To a person, when nothing is wrong."""
        return asdict(seconds_to_person(self.flow)) if self.flow and not self.problems else None


def read(center: Center, text: str) -> Reading:
    """A text as far as it can be read."""
    try:
        flow = load_flow(text, center.plan.flow, center.plan.hours)
        return Reading(text, flow, flow.yaml, check_flow(flow, center.plan))
    except WrongFile as wrong:
        problems = wrong.problems
    try:
        return Reading(text, None, read_yaml(text, center.plan.flow), problems)
    except WrongFile:
        return Reading(text, None, None, problems)


def checked(center: Center, text: str) -> dict[str, Any]:
    """What is wrong with a text, by line, and the seconds to a person when nothing is."""
    found = read(center, text)
    problems = [{"line": one.line, "reason": one.reason} for one in found.problems]
    return {"version": flow_versions.version_of(text), "problems": problems, "seconds": found.seconds}


def picture_of(center: Center, flow: Flow, version: str = "") -> Picture:
    """The picture with today's callers, whatever version they met, or of one version alone."""
    return draw(flow, *_today(center, flow, version))


def differences(center: Center, old: str, new: str) -> list[str]:
    """A unified diff of two versions, line by line. Raises Refusal (404)."""
    return changes(text_of(center, old), text_of(center, new))


def changes(before: str, after: str) -> list[str]:
    """What became of a text: its lines behind `+`, `-` or a space, and behind `@` where they stand now."""
    rows = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    found = [f"@ line {row.split('+')[1].split(',')[0].split(' ')[0]}" if row[:2] == "@@" else row for row in rows]
    left_out = len(found) - MOST_DIFFERENCES
    return [*found[:MOST_DIFFERENCES], *([f"@ and {left_out} more lines"] if left_out > 0 else [])]


def publish(center: Center, text: str, by: str, note: str, share: float, onto: str) -> None:
    """As `flow_versions.publish`. Raises Refusal (409, 422, 503)."""
    try:
        flow_versions.publish(center, text, by, note, share, onto)
    except WrongFile as wrong:
        raise Refusal(422, "invalid", "; ".join(f"line {one.line}: {one.reason}" for one in wrong.problems)) from None
    except flow_versions.Overtaken:
        raise _overtaken() from None
    except SQLAlchemyError:
        raise _away() from None


def roll_back(center: Center, by: str, note: str, to: str) -> None:
    """As `flow_versions.roll_back`. Raises Refusal (404, 409, 422, 503)."""
    try:
        flow_versions.roll_back(center, by, note, to)
    except flow_versions.NotPublished:
        raise Refusal(404, "not_found", "There is no such version to go back to.") from None
    except WrongFile as wrong:
        words = f"That version does not fit the center any more: {wrong.problems[0]}"
        raise Refusal(422, "invalid", words) from None
    except flow_versions.Overtaken:
        raise _overtaken() from None
    except SQLAlchemyError:
        raise _away() from None


def _today(center: Center, flow: Flow, version: str) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """Choices and hang-ups since midnight; none while the record is away."""
    zone, book = ZoneInfo(center.plan.zone), center.history.flows
    midnight = datetime.fromtimestamp(center.now_ms() / 1000, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    from_ms = round(midnight.timestamp() * 1000)
    try:
        taken, given_up = book.choices(version, from_ms), dict(book.given_up(version, from_ms))
    except SQLAlchemyError:
        return {}, {}
    if first := given_up.pop("", 0):
        given_up[flow.file.start] = given_up.get(flow.file.start, 0) + first
    return dict(taken), given_up


def _version(one: FlowVersion) -> dict[str, Any]:
    return {"version": one.version, "published_ms": one.published_ms, "by": BY.get(one.by, one.by), "note": one.note}


def _change(one: FlowState) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("number", "at_ms", "deed", "current", "share", "note")}
    return told | {"by": BY.get(one.by, one.by), "candidate": one.candidate or None}


def _overtaken() -> Refusal:
    return Refusal(
        409, "stale", "Somebody else has published another version meanwhile. Nothing was changed; look again."
    )


def _away() -> Refusal:
    return Refusal(503, "away", "The record cannot be reached just now, so nothing was changed. Try again soon.")
