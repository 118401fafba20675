"""<Enqueue> and <Leave>: a leg waits, its wait document plays again and again, until somebody takes it or it goes.

The action URL is requested once, whatever ends the waiting (twilio.com/docs/voice/twiml/enqueue).
"""

from dataclasses import dataclass
from functools import partial

from simulator.bridge import Bridge
from simulator.interpreter import DocumentFailed, HangUp, LeaveQueue, Run, follow
from simulator.legs import Target
from simulator.program import Program, Steps
from simulator.queues import LONGEST_NAME, Member, Queue
from simulator.twiml import Verb

SHORTEST_ROUND_MS = 1000


@dataclass(frozen=True)
class WaitOver:
    """Signal: the wait document ended the waiting (leave, error, hangup)."""

    result: str


@dataclass(frozen=True)
class Taken:
    """Signal: a <Dial><Queue> took this member; `notice` is played to it first."""

    bridge: Bridge
    notice: Target | None


def enqueue(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Enqueue>: park the leg in the queue of that name, which is made when there is none."""
    if not 0 < len(verb.text) <= LONGEST_NAME:
        raise DocumentFailed(14201, f"queue name of {len(verb.text)} characters, 1 to {LONGEST_NAME}", run.document.url)
    queue = run.net.queues.named(verb.text) or run.net.queues.create(verb.text)
    if queue.full:
        return run.action(verb, {"QueueResult": "queue-full"})
    here = run.document
    member = run.net.queues.join(queue, run.leg, run.program)
    result = "error"
    try:
        _start_waiting(run, verb, queue, member)
        result = yield from _until_over(run, queue, member)
    except GeneratorExit:
        _tell_why(run, verb, queue, member)
        raise
    finally:
        run.net.queues.remove(queue, member)
        _silence(run)
    if result == "hangup":
        _post(run, run.action(verb, _told(run, queue, member, result)))
        raise HangUp
    run.document = here
    return run.action(verb, _told(run, queue, member, result))


def _until_over(run: Run, queue: Queue, member: Member) -> Steps[str]:
    while True:
        signal = yield None
        if isinstance(signal, WaitOver):
            return signal.result
        if isinstance(signal, Taken):
            return (yield from _bridged(run, signal))


def _bridged(run: Run, taken: Taken) -> Steps[str]:
    """Hear the notice, then talk until one side goes."""
    _silence(run)
    if taken.notice:
        notice = Run(run.net, run.leg, run.program, "queue notice")
        try:
            yield from follow(notice, taken.notice)
        except DocumentFailed:
            taken.bridge.leave(run.leg, "error")
            return "error"
    try:
        taken.bridge.enter(run.leg, run.program)
        while not taken.bridge.closed:
            yield None
    finally:
        taken.bridge.leave(run.leg, run.program.why)
    return "bridged"


def _told(run: Run, queue: Queue, member: Member, result: str) -> dict[str, str]:
    waited_s = (run.now_ms - member.since_ms) // 1000
    return {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(waited_s)}


def _tell_why(run: Run, verb: Verb, queue: Queue, member: Member) -> None:
    """The leg was taken away from outside: the action is told, and cannot control the leg any more."""
    result = {"hung_up": "hangup", "redirected": "redirected"}.get(run.program.why, "system-error")
    if member not in queue.members:
        result = "redirected-from-bridged" if result == "redirected" else "bridged"
    target = run.action(verb, _told(run, queue, member, result))
    if target and result == "redirected" and run.net.faults.enqueue_action_controls_after_redirect:
        run.net.clock.after(0, partial(run.net.exchange.redirect, run.leg, target))
    else:
        _post(run, target)


def _post(run: Run, target: Target | None) -> None:
    if target:
        run.net.post_unanswered(run.leg, target)


def _silence(run: Run) -> None:
    if run.leg.side:
        run.leg.side.stop("over")
        run.leg.side = None


def _start_waiting(run: Run, verb: Verb, queue: Queue, member: Member) -> None:
    """Play the wait document beside the waiting; without waitUrl the usual music, with an empty one silence."""
    url = verb.get("waitUrl")
    if not url:
        if "waitUrl" not in verb.attributes:
            run.net.note(run.leg, "music", "hold music of the network")
        return
    url, method = run.url(url), verb.get("waitUrlMethod", "POST")
    side = Program(run.net.clock)
    run.leg.side = side
    wait = Run(run.net, run.leg, side, "wait")
    side.start(_rounds(run, wait, queue, member, Target(url, method)), lambda: None)


def _rounds(run: Run, wait: Run, queue: Queue, member: Member, target: Target) -> Steps[None]:
    while True:
        began_ms = wait.now_ms
        try:
            yield from follow(wait, Target(target.url, target.method, extra=_snapshot(run, queue, member)))
        except LeaveQueue:
            return run.program.signal(WaitOver("leave"))
        except HangUp:
            return run.program.signal(WaitOver("hangup"))
        except DocumentFailed:
            return run.program.signal(WaitOver("error"))
        if wait.now_ms - began_ms < SHORTEST_ROUND_MS:
            run.net.warn(12200, f"the wait document of {target.url} takes no time, it would be asked for without end")
            yield wait.now_ms + SHORTEST_ROUND_MS


def _snapshot(run: Run, queue: Queue, member: Member) -> dict[str, str]:
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(queue.position(member)),
        "QueueTime": str((run.now_ms - member.since_ms) // 1000),
        "AvgQueueTime": str(queue.average_wait_s(run.now_ms)),
        "CurrentQueueSize": str(len(queue.members)),
        "MaxQueueSize": str(queue.max_size),
    }


def leave(run: Run, verb: Verb) -> Steps[Target | None]:
    """<Leave>: out of the queue, on with the Enqueue action."""
    yield from ()
    raise LeaveQueue
