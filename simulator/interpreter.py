"""Runs documents: fetch, read, play verb after verb, follow where they lead.

A leg's own document ends in a hang-up; wait, hold and whisper documents are run by the verb or the request that needs
them. What each verb does stands in a module of its own (`prompts`, `waiting`, `dialing`, `rooms`, `voicemail`),
gathered in `verbs`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from simulator.courier import Outcome
from simulator.legs import Leg, Target
from simulator.params import voice_params
from simulator.program import TIMEOUT, Program, Steps
from simulator.twiml import TwimlError, Verb, parse

if TYPE_CHECKING:
    from simulator.network import Network

ANSWERING = frozenset({"Say", "Play", "Gather", "Record", "Enqueue", "Dial", "Hangup"})
MOST_DOCUMENTS_AT_ONCE = 50
APOLOGY = "We are sorry, an application error has occurred. Goodbye."
TWIML_TYPES = ("text/xml", "application/xml", "text/html")


class HangUp(Exception):
    """The document ends the call: <Hangup>, <Reject>, or an application error."""

    def __init__(self, status: str = "completed", sip_code: int = 200) -> None:
        super().__init__(status)
        self.status, self.sip_code = status, sip_code


class LeaveQueue(Exception):
    """<Leave> in a wait document."""


class DocumentFailed(Exception):
    """A document could not be fetched or run. `code` is Twilio's error number, `url` the document's."""

    def __init__(self, code: int, message: str, url: str) -> None:
        super().__init__(message)
        self.code, self.url = code, url


@dataclass(frozen=True)
class Document:
    """Verbs with the address they came from, against which their relative URLs are resolved."""

    verbs: list[Verb]
    url: str = ""
    method: str = "POST"


@dataclass
class Run:
    """Whose document is run, by which program, and in which place (a key of `grammar.PLACES`)."""

    net: "Network"
    leg: Leg
    program: Program
    place: str
    document: Document = field(default_factory=lambda: Document([]))
    since_ms: int = 0
    documents: int = 0

    @property
    def now_ms(self) -> int:
        """The instant it is, UTC ms."""
        return self.net.clock.now_ms

    def url(self, relative: str) -> str:
        """An attribute's URL made absolute. Raises DocumentFailed (11100) when there is nothing to resolve against."""
        url = urljoin(self.document.url, relative)
        if urlsplit(url).scheme not in ("http", "https"):
            raise DocumentFailed(11100, f"URL {relative!r} is relative to nothing", self.document.url)
        return url

    def action(self, verb: Verb, extra: Mapping[str, str]) -> Target | None:
        """Where the verb's `action` leads; None when it has none."""
        if "action" not in verb.attributes:
            return None
        return Target(self.url(verb.get("action")), verb.get("method", "POST"), extra=dict(extra))


VerbPlayer = Callable[[Run, Verb], Steps[Target | None]]


@dataclass(frozen=True)
class Fetched:
    """Signal: the courier came back."""

    ticket: int
    outcome: Outcome


def run_call(run: Run, target: Target) -> Steps[None]:
    """The leg's own documents from `target` on, until one hangs up or runs out."""
    try:
        yield from follow(run, target)
    except HangUp as end:
        if end.status != "completed":
            status, sip_code = end.status, end.sip_code
            run.net.clock.after(0, lambda: run.net.exchange.end(run.leg, status, sip_code))
            yield None


def follow(run: Run, target: Target | None) -> Steps[None]:
    """Run `target` and whatever it leads to. In a call, a failure goes to the fallback URL or ends in an apology."""
    while target is not None:
        _count(run, target)
        try:
            run.document = yield from load(run, target)
            target = yield from play(run)
        except DocumentFailed as failure:
            run.net.warn(failure.code, f"{failure} ({failure.url})")
            if run.place != "call":
                raise
            target = yield from _rescue(run, failure)


def _count(run: Run, target: Target) -> None:
    """Documents that lead to each other without taking time would never end: at Twilio they end the call too."""
    if run.now_ms != run.since_ms:
        run.since_ms, run.documents = run.now_ms, 0
    run.documents += 1
    if run.documents > MOST_DOCUMENTS_AT_ONCE:
        run.net.warn(11215, f"documents at {target.url} lead to each other without end")
        raise HangUp


def _rescue(run: Run, failure: DocumentFailed) -> Steps[Target]:
    fallback = run.leg.fallback
    if fallback and failure.url != fallback.url:
        extra = {"ErrorCode": str(failure.code), "ErrorUrl": failure.url}
        return Target(fallback.url, fallback.method, extra=extra)
    run.net.exchange.pick_up(run.leg)
    run.net.note(run.leg, "say", APOLOGY, "en-US")
    yield from rest(run, run.net.speech_ms(APOLOGY))
    raise HangUp


def play(run: Run) -> Steps[Target | None]:
    """The verbs of the current document in order, until one leads elsewhere."""
    document = run.document
    for verb in document.verbs:
        run.document = document
        if run.place == "call" and verb.tag in ANSWERING and not verb.flag("answerOnBridge"):
            run.net.exchange.pick_up(run.leg)
        target = yield from run.net.verbs[verb.tag](run, verb)
        if target is not None:
            return target
    return None


def load(run: Run, target: Target) -> Steps[Document]:
    """The document of `target`, fetched and read. Raises DocumentFailed."""
    if target.inline is not None:
        return Document(_read(run, target.inline, ""), "", "POST")
    params = {**voice_params(run.leg, run.net.account_sid), **target.extra}
    outcome = yield from fetch(run, "voice", target.method, target.url, params)
    if not outcome.ok:
        raise DocumentFailed(outcome.error_code, f"no document ({outcome.status or 'no answer'})", target.url)
    return Document(_verbs(run, outcome), outcome.url, target.method)


def fetch(run: Run, kind: str, method: str, url: str, params: Mapping[str, str]) -> Steps[Outcome]:
    """Wait for a webhook's answer; keys pressed meanwhile are lost, as on the phone."""
    ticket = run.net.next_ticket()
    twice = run.net.faults.hits(run.net.faults.repeated_requests, params, run.net.luck)
    run.net.courier.post(kind, method, url, params, lambda o: run.program.resume(Fetched(ticket, o)), twice)
    while True:
        signal = yield None
        if isinstance(signal, Fetched) and signal.ticket == ticket:
            return signal.outcome


def _verbs(run: Run, outcome: Outcome) -> list[Verb]:
    """The verbs of an answer by its content type: TwiML, a sound, or text to be read out."""
    kind = outcome.content_type.split(";")[0].strip().lower()
    if kind in TWIML_TYPES or not kind:
        return _read(run, outcome.body, outcome.url)
    if kind.startswith("audio/"):
        return [Verb("Play", {}, outcome.url)]
    if kind != "text/plain":
        raise DocumentFailed(12300, f"content type {kind} is no TwiML", outcome.url)
    try:
        return _read(run, outcome.body, outcome.url)
    except DocumentFailed:
        return [Verb("Say", {}, outcome.body.decode("utf-8", "replace"))]


def _read(run: Run, body: bytes, url: str) -> list[Verb]:
    warnings: list[str] = []
    try:
        return parse(body, run.place, warnings)
    except TwimlError as wrong:
        raise DocumentFailed(wrong.code, str(wrong), url) from wrong
    finally:
        run.net.warnings.extend(f"{warning} ({url})" for warning in warnings)


def rest(run: Run, ms: int) -> Steps[None]:
    """Let `ms` pass, whatever is signalled meanwhile."""
    due_ms = run.now_ms + ms
    while (yield due_ms) is not TIMEOUT:
        pass


def redirect(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Redirect>: another document, or the same one when empty."""
    yield from ()
    return Target(run.url(verb.text) if verb.text else run.document.url, verb.get("method", "POST"))


def hangup(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Hangup>."""
    yield from ()
    raise HangUp


def reject(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Reject>: the caller hears busy or a notice, and the call never was."""
    yield from ()
    raise HangUp("busy", 486) if verb.get("reason") == "busy" else HangUp("no-answer", 603)
