"""The versions of the menu at work: each caller stays on the one they began with, whatever is published meanwhile.

A change is written to SQL, then to Redis, where every process sees it with the next call. A wrong text changes nothing.
"""

import hashlib
from dataclasses import replace

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from center import Center, flow_file, read_flow
from ivr.flow import Flow, load_flow
from ivr.lined_yaml import WrongFile
from queues.flow_trial import FlowState, FlowVersion, worse
from queues.records import Change, Event

log = structlog.get_logger()

# Who acts when nobody does; no name of a person has brackets.
FILE = "(file)"
RULE = "(rule)"
LOOK_AGAIN_MS = 5_000


class Overtaken(Exception):
    """Somebody else has changed what is in force since one looked."""


class NotPublished(Exception):
    """There is no such version to go back to."""


def version_of(text: str) -> str:
    """The name of a text: the same as `Flow.version`."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


# -- what a caller gets -----------------------------------------------------------------------------------------------


def begins(center: Center, call: str) -> str:
    """The version that a new call begins with."""
    return center.live.flow_shelf.begin(call) or center.flow.version


def flow_of(center: Center, version: str) -> Flow:
    """A version ready to be walked, read once per process; the file's flow when nobody knows that version any more."""
    if version in ("", center.flow.version):
        return center.flow
    if version not in center.flows:
        text = _text(center, version)
        if not text:
            log.error("flow_version_unknown", version=version)
            return center.flow
        center.flows[version] = load_flow(text, f"{center.plan.flow}@{version}", center.plan.hours)
    return center.flows[version]


def in_force(center: Center) -> list[Flow]:
    """The current version's flow, then the candidate's."""
    state = center.live.flow_shelf.state() or FlowState()
    return [flow_of(center, version) for version in state.versions or ("",)]


def _text(center: Center, version: str) -> str:
    if text := center.live.flow_shelf.text(version):
        return text
    try:
        found = center.history.flows.find(version)
    except SQLAlchemyError:
        return ""
    if found:
        center.live.flow_shelf.keep(version, found.text)
    return found.text if found else ""


# -- what is done with versions ---------------------------------------------------------------------------------------


def publish(center: Center, text: str, by: str, note: str = "", share: float = 1.0, onto: str = "") -> FlowState:
    """Give a text to all new callers, or to a `share` (0 to 1) of them as a candidate.

    Raises WrongFile for one that the checker refuses, Overtaken when the current version is not `onto` any more, and
    SQLAlchemy's errors when it cannot be kept.
    """
    read_flow(text, center.plan)
    state, version, now_ms = center.history.flows.state(), version_of(text), center.now_ms()
    if onto and onto != state.current:
        raise Overtaken
    if share < 1 and state.current and version != state.current:
        after = replace(state, deed="tried", candidate=version, share=share)
    else:
        after = replace(state, deed="published", current=version, candidate="", share=0.0)
    return _change(center, after, by, note, FlowVersion(version, text, now_ms, by, note))


def roll_back(center: Center, by: str, note: str = "", to: str = "") -> FlowState:
    """Withdraw the candidate; without one, the version before the current one is current again, or the one named.

    Raises NotPublished when there is none, WrongFile when it does not fit the center any more, Overtaken.
    """
    book = center.history.flows
    state = book.state()
    if not to and state.candidate:
        return _change(center, replace(state, deed="rolled_back", candidate="", share=0.0), by, note)
    to = to or next((old.current for old in book.changes(1000) if old.current != state.current), "")
    found = book.find(to) if to else None
    if found is None:
        raise NotPublished(to)
    read_flow(found.text, center.plan)
    return _change(center, replace(state, deed="rolled_back", current=to, candidate="", share=0.0), by, note)


def _change(center: Center, after: FlowState, by: str, note: str, version: FlowVersion | None = None) -> FlowState:
    now_ms = center.now_ms()
    state = replace(after, number=after.number + 1, at_ms=now_ms, by=by, note=note)
    try:
        center.history.flows.change(state, version)
    except IntegrityError:
        raise Overtaken from None
    _put(center, state)
    facts = {"flow": state.current, "deed": state.deed, "candidate": state.candidate, "by": by, "why": note}
    center.live.commit(Change(events=(Event("flow_changed", now_ms, facts=facts),)), now_ms)
    log.info("flow_changed", **facts, share=state.share)
    return state


def _put(center: Center, state: FlowState) -> None:
    found = (center.history.flows.find(version) for version in state.versions)
    center.live.flow_shelf.put(state, {one.version: one.text for one in found if one})


# -- what happens by itself -------------------------------------------------------------------------------------------


def restore(center: Center) -> None:
    """What SQL says is in force is in force: Redis may have been lost, or not been there for a change."""
    state = center.history.flows.state()
    if state.number and state != center.live.flow_shelf.state():
        _put(center, state)


def judge(center: Center) -> str:
    """Withdraw a candidate with which callers fare worse. Returns why, or nothing."""
    state, book = center.history.flows.state(), center.history.flows
    if not state.candidate:
        return ""
    figures = [book.figures(version, state.at_ms) for version in (state.candidate, state.current)]
    why = worse(center.plan.flows, *figures)
    if why:
        log.warning("flow_rolled_back", candidate=state.candidate, why=why)
        roll_back(center, RULE, why)
    return why


def refit(center: Center) -> None:
    """The center file has changed: what does not fit it any more gives way to the flow of the file, which does."""
    state = center.live.flow_shelf.state() or FlowState()
    for version in state.versions:
        try:
            read_flow(_text(center, version), center.plan)
        except WrongFile as error:
            log.error("flow_does_not_fit", version=version, problems=[str(row) for row in error.problems])
            if version == state.candidate:
                roll_back(center, RULE, str(error.problems[0]))
                return
            text = flow_file(center.settings, center.plan).read_text("utf-8")
            publish(center, text, RULE, str(error.problems[0]))
            return


class FlowWatch:
    """The flow file on this machine: published when it is not the one that was published from the file last."""

    def __init__(self) -> None:
        self._seen: tuple[str, int] = ("", 0)
        self._look_ms = 0

    def look(self, center: Center) -> None:
        """Publish the file if it has changed. A wrong one is refused, and looked at again when it changes."""
        path, now_ms = flow_file(center.settings, center.plan), center.now_ms()
        seen = (str(path), path.stat().st_mtime_ns)
        if seen == self._seen or now_ms < self._look_ms:
            return
        text = path.read_text("utf-8")
        try:
            if center.history.flows.state(FILE).current != version_of(text):
                publish(center, text, FILE)
            self._seen = seen
        except WrongFile as error:
            self._seen = seen
            log.error("flow_file_refused", problems=[str(row) for row in error.problems])
        except (SQLAlchemyError, Overtaken):
            self._look_ms = now_ms + LOOK_AGAIN_MS
