"""<Dial> to numbers, clients and queues: ring, whisper, bridge, and what the Dial action is told.

Up to ten numbers and clients ring at once, the first to pick up wins; with `sequential` one after the other. A called
leg with a `url` runs that document alone first, and is bridged only when the document ends without hanging up
(twilio.com/docs/voice/twiml/dial, /number).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from simulator.bridge import Bridge
from simulator.callbacks import Sink
from simulator.detection import detect
from simulator.interpreter import DocumentFailed, HangUp, Run, follow
from simulator.legs import Leg, Target
from simulator.names import flag
from simulator.program import TIMEOUT, Program, Steps
from simulator.prompts import Key
from simulator.queues import Queue
from simulator.rooms import dial_conference
from simulator.twiml import Verb
from simulator.voicemail import record_dial
from simulator.waiting import Taken

MOST_NOUNS = 10


@dataclass(frozen=True)
class Ready:
    """Signal: the called leg's whisper is over, it may be bridged."""

    leg: Leg


@dataclass(frozen=True)
class Gone:
    """Signal: a called leg ended."""

    leg: Leg


@dataclass
class _Attempt:
    """One round of ringing: the legs still in it, and the one that won."""

    bridge: Bridge
    legs: list[Leg] = field(default_factory=list)
    winner: Leg | None = None
    last: Leg | None = None


@dataclass(frozen=True)
class _End:
    status: str
    leg: Leg | None = None
    bridged_ms: int | None = None
    redirected: bool = False


def dial(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Dial>: connect the leg with somebody; leads to `action`, or on to the next verb."""
    here = run.document
    nouns = verb.children or [Verb("Number", {}, verb.text)]
    kinds = {noun.tag for noun in nouns}
    if len(nouns) > (1 if kinds & {"Queue", "Conference"} else MOST_NOUNS):
        raise DocumentFailed(12200, "<Dial> takes up to ten numbers and clients, or one queue or conference", here.url)
    if kinds == {"Conference"}:
        extra = yield from dial_conference(run, verb, nouns[0])
    elif kinds == {"Queue"}:
        extra = yield from _dial_queue(run, verb, nouns[0])
    else:
        extra = yield from _dial_lines(run, verb, nouns)
    run.document = here
    return run.action(verb, extra)


def _dial_lines(run: Run, verb: Verb, nouns: list[Verb]) -> Steps[dict[str, str]]:
    rounds = [[noun] for noun in nouns] if verb.flag("sequential") else [nouns]
    end = _End("failed")
    for some in rounds:
        end = yield from _ring(run, verb, some)
        if end.status == "completed":
            break
    return _told(run, end)


def _told(run: Run, end: _End) -> dict[str, str]:
    extra = {"DialCallStatus": end.status, "DialBridged": flag(end.bridged_ms is not None)}
    if end.leg:
        extra["DialCallSid"] = end.leg.sid
        extra |= run.net.recordings.end_dial(run.leg)
        if not end.redirected:
            extra["DialCallDuration"] = str(_seconds(run, end.leg))
    return extra


def _seconds(run: Run, leg: Leg) -> int:
    return 0 if leg.answered_ms is None else ((leg.ended_ms or run.now_ms) - leg.answered_ms) // 1000


def _ring(run: Run, verb: Verb, nouns: list[Verb]) -> Steps[_End]:
    """Ring these at once until one is bridged and gone again, nobody is left, or the time is over."""
    attempt = _Attempt(Bridge(run.net))
    timeout_ms = verb.number("timeout", 30) * 1000 + run.net.faults.timeout_extra_ms
    for noun in nouns:
        _call(run, verb, noun, attempt, timeout_ms)
    record_dial(run, verb, "record-from-ringing")
    run.net.note(run.leg, "ring", verb.get("ringTone"))
    try:
        return (yield from _until_gone(run, verb, attempt))
    finally:
        attempt.bridge.leave(run.leg, run.program.why)
        for leg in attempt.legs:
            if not leg.ended and (attempt.winner is not leg or attempt.bridge.began_ms is None):
                run.net.exchange.hang_up(leg)


def _until_gone(run: Run, verb: Verb, attempt: _Attempt) -> Steps[_End]:
    limit_ms: int | None = None
    while True:
        signal = yield limit_ms
        if signal is TIMEOUT and attempt.winner:
            run.net.exchange.hang_up(attempt.winner)
        elif isinstance(signal, Ready):
            run.net.exchange.pick_up(run.leg)
            attempt.bridge.enter(run.leg, run.program)
            limit_ms = run.now_ms + verb.number("timeLimit", 14_400) * 1000
            record_dial(run, verb, "record-from-answer")
        elif isinstance(signal, Gone):
            attempt.last = signal.leg
            attempt.legs = [leg for leg in attempt.legs if leg is not signal.leg]
        elif isinstance(signal, Key) and signal.key == "*" and verb.flag("hangupOnStar") and attempt.winner:
            run.net.exchange.hang_up(attempt.winner)
        if end := _is_over(attempt):
            return end


def _is_over(attempt: _Attempt) -> _End | None:
    if attempt.bridge.closed:
        redirected = attempt.winner is not None and not attempt.winner.ended
        return _End("completed", attempt.winner, attempt.bridge.began_ms, redirected)
    if attempt.legs:
        return None
    if attempt.winner:  # gone in its whisper: it was answered, but nobody talked
        return _End("completed", attempt.winner)
    return _End(attempt.last.status if attempt.last else "failed", attempt.last)


def _call(run: Run, verb: Verb, noun: Verb, attempt: _Attempt, timeout_ms: int) -> None:
    """Create a called leg; legs of <Dial> leave at once."""
    to = _line(noun)
    leg = run.net.exchange.add(verb.get("callerId") or run.leg.from_, to, "outbound-dial", run.net.script_of(to))
    leg.parent_sid = run.leg.sid
    url = noun.get("statusCallback")
    if url:
        events = frozenset(noun.words("statusCallbackEvent", "completed"))
        leg.sink = Sink(run.url(url), noun.get("statusCallbackMethod", "POST"), events)
    whisper = Target(run.url(noun.get("url")), noun.get("method", "POST")) if noun.get("url") else None
    leg.on_answered = partial(_answered, run, noun, attempt, whisper)
    leg.on_ended.append(lambda gone: run.program.signal(Gone(gone)))
    attempt.legs.append(leg)
    run.net.clock.after(0, partial(run.net.exchange.dial, leg, timeout_ms))


def _line(noun: Verb) -> str:
    if noun.tag == "Number":
        return noun.text
    identity = next((child.text for child in noun.children if child.tag == "Identity"), noun.text)
    return f"client:{identity}"


def _answered(run: Run, noun: Verb, attempt: _Attempt, whisper: Target | None, leg: Leg) -> None:
    attempt.winner = leg
    for other in attempt.legs:
        if other is not leg:
            run.net.exchange.hang_up(other)
    if callback := noun.get("amdStatusCallback"):
        detect(run.net, leg, noun.get("machineDetection", "Enable"), run.url(callback), lambda found: None)
    story: Callable[[Program], Steps[None]] = partial(_called, run, noun, attempt.bridge, whisper, leg)
    run.net.exchange.run_story(leg, story)


def _called(run: Run, noun: Verb, bridge: Bridge, whisper: Target | None, leg: Leg, program: Program) -> Steps[None]:
    """The called leg's story: the whisper, then the conversation."""
    if digits := noun.get("sendDigits"):
        run.net.note(leg, "key", digits)
    try:
        if whisper:
            yield from follow(Run(run.net, leg, program, "whisper"), whisper)
    except (HangUp, DocumentFailed):
        return
    bridge.enter(leg, program)
    run.program.signal(Ready(leg))
    try:
        while not bridge.closed:
            yield None
    finally:
        bridge.leave(leg, program.why)


def _dial_queue(run: Run, verb: Verb, noun: Verb) -> Steps[dict[str, str]]:
    """Take the front of a queue, waiting for somebody until the Dial's time is over."""
    queue = run.net.queues.named(noun.text)
    if queue is None:
        return {"DialCallStatus": "failed", "DialBridged": "false"}
    due_ms = run.now_ms + verb.number("timeout", 30) * 1000 + run.net.faults.timeout_extra_ms
    takers = run.net.queues.takers.setdefault(queue.sid, [])
    takers.append(run.program)
    try:
        while not queue.members:
            if (yield due_ms) is TIMEOUT:
                return {"DialCallStatus": "no-answer", "DialBridged": "false"}
    finally:
        takers.remove(run.program)
    return (yield from _take_front(run, noun, queue))


def _take_front(run: Run, noun: Verb, queue: Queue) -> Steps[dict[str, str]]:
    member = queue.members[0]
    run.net.queues.remove(queue, member)
    told = {"QueueSid": queue.sid, "QueueTime": str((run.now_ms - member.since_ms) // 1000)}
    notice = None
    if url := noun.get("url"):
        notice = Target(run.url(url), noun.get("method", "POST"), extra={**told, "DequeingCallSid": run.leg.sid})
    bridge = Bridge(run.net)
    bridge.enter(run.leg, run.program)
    if member.leg.side:
        member.leg.side.stop("taken")
    member.program.signal(Taken(bridge, notice))
    try:
        while not bridge.closed:
            yield None
    finally:
        bridge.leave(run.leg, run.program.why)
    bridged = bridge.began_ms is not None
    return {"DialCallStatus": "completed", "DialBridged": flag(bridged), "DialCallSid": member.leg.sid, **told}
