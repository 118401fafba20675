"""Due times: ring cut-offs, ends of wrap-up, lost devices, checks, and what heals itself. `python -m queues.ticker`.

Everything here is harmless when done twice: a due time is a reason to look, and the move decides.
"""

import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import replace

import structlog
from redis import RedisError

from center import Center, assemble, read_settings
from logs import start_logging
from queues import agent_moves, calling_back, endings, lifecycle, offers, partings, ringing_back, routing, standing
from queues.flow_versions import FlowWatch
from queues.plan_change import Watch, stand_strays
from queues.records import NOTHING, Change, Order

log = structlog.get_logger()

LONGEST_SLEEP_MS = 40
HEAL_EVERY_MS = 1_000
ERRAND_EVERY_MS = 5_000
CHECK_AGAIN_MS = 60_000
SWEEP_EVERY_MS = 60_000
JUDGE_EVERY_MS = 60_000
SLOW_EVERY_MS = 900_000


def tick(center: Center) -> int:
    """Move on everything that is due. Returns how many due times were looked at."""
    rows = center.live.dues.by(center.now_ms())
    for member, at_ms in rows:
        kind, _, name = member.partition(":")
        DUE[kind](center, name)
        center.live.dues.passed(member, at_ms)
    if center.live.wake_ups.unserved(center.now_ms()):
        center.live.wake_ups.again(center.now_ms())
    return len(rows)


def cut_ring(center: Center, name: str) -> None:
    """An offer's time is up: it rang out, was lifted but not accepted, or never rang."""
    offer = center.live.offer(int(name))
    if offer is None or offer.status not in offers.LIVE_OFFERS:
        return
    outcome, why = {
        "ringing": ("missed", "rang_out"),
        "picked_up": ("missed", "not_accepted"),
        "placed": ("missed", "never_rang") if offer.dialled_ms else ("withdrawn", "line_not_reached"),
    }[offer.status]
    endings.end_offer(center, offer.offer, outcome, why)


def end_wrap_up(center: Center, agent: str) -> None:
    """The wrap-up's limit: the agent is free, the notes may be empty."""

    def decide() -> Change:
        now = center.live.agent(agent)
        call = center.live.call(now.call) if now.call else None
        return partings.wrap_up(now, call, {}, "limit", now_ms) if call else NOTHING

    now_ms = center.now_ms()
    center.live.settle(decide, now_ms)


def lose_device(center: Center, agent: str) -> None:
    """No heartbeat for a whole lease: the browser phone is not there, whether or not the plan still has its agent."""
    with contextlib.suppress(KeyError):  # neither the plan nor Redis knows them
        if center.live.agent(agent).device_until_ms <= center.now_ms():
            agent_moves.device_gone(center, agent)


def ask_carrier(center: Center, call: str) -> None:
    """A state has lasted long: have the carrier asked whether the legs are still there, and look again later.

    A call that has ended is asked about once, because its caller may still be there; its order is kept until done.
    """
    if now := center.live.call(call):
        if now.callback and now.status in ("waiting", "offered"):  # no leg to ask for; it is due when its window is
            return
        again = () if now.status == "ended" else ((f"check:{call}", center.now_ms() + CHECK_AGAIN_MS),)
        center.live.commit(Change(dues=again, orders=(Order("check", call=call),)), center.now_ms())


def forget(center: Center, key: str) -> None:
    """A call or an offer that ended an hour ago leaves Redis; SQL keeps it."""
    center.live.forget(key)


def change_lines(center: Center, call: str) -> None:
    """A relaxed skill, the end of a preferred agent's time, an overflow: the call moves to other lines, same place."""

    def decide() -> Change:
        now = center.live.call(call)
        if now is None or now.status != "waiting":
            return NOTHING
        return lifecycle.change_lines(now, [str(line) for line in routing.lines_at(now, center.plan, now_ms)], now_ms)

    now_ms = center.now_ms()
    center.live.settle(decide, now_ms)


def check_line(center: Center, agent: str) -> None:
    """A standing line has stood for a while: have the carrier asked whether it still does, and look again later."""
    leg = center.live.agent(agent).standing_leg if agent in center.plan.agents else ""
    if leg:
        again = ((f"line:{agent}", center.now_ms() + lifecycle.TALK_CHECK_MS),)
        center.live.commit(Change(dues=again, orders=(Order("check_line", leg=leg),)), center.now_ms())


def callback_unanswered(center: Center, call: str) -> None:
    """A caller's phone was dialled and nothing has been heard for too long."""
    now = center.live.call(call)
    if now is None or not now.callback or now.joined or (now.status == "waiting" and not now.leg):
        return  # over, or it was seen already and waits for the next attempt
    if now.leg:
        center.live.commit(Change(orders=(Order("end", leg=now.leg),)), center.now_ms())
    ringing_back.attempt_failed(center, call, "no_answer")


DUE: dict[str, Callable[[Center, str], None]] = {
    "offer": cut_ring,
    "wrap": end_wrap_up,
    "device": lose_device,
    "check": ask_carrier,
    "forget": forget,
    "line": check_line,
    "stand": change_lines,
    "dial": callback_unanswered,
    "promise": calling_back.repromise,
}


def overflow_unmanned(center: Center) -> None:
    """Whoever waits for people who have all signed out since stands in the other queue too."""
    queues = [
        name
        for name, queue in center.plan.queues.items()
        if any(row.when == "nobody_signed_in" for row in queue.overflow) and center.live.queue_length(name)
    ]
    helping: dict[tuple[str, str], str] = {}
    for call in center.live.calls() if queues else ():
        if call.queue not in queues:
            continue
        asked = call.queue, call.needs
        if asked not in helping:  # who is signed in is read once for all who ask the same
            helping[asked] = standing.unmanned(center, replace(call, overflow=""))
        if set(helping[asked].split()) - set(call.overflow.split()):
            _overflow(center, call.call)


def _overflow(center: Center, sid: str) -> None:
    def decide() -> Change:
        now = center.live.call(sid)
        if now is None or now.status != "waiting" or (to := standing.unmanned(center, now)) == now.overflow:
            return NOTHING
        after = replace(now, overflow=to)
        lines = [str(line) for line in routing.lines_at(after, center.plan, now_ms)]
        return lifecycle.change_lines(now, lines, now_ms, to)

    now_ms = center.now_ms()
    center.live.settle(decide, now_ms)


def heal(center: Center) -> None:
    """Once a second: whoever waits while somebody idle could help gets a round; a wiped Redis gets its agents back."""
    now_ms = center.now_ms()
    stand_strays(center)
    overflow_unmanned(center)
    center.live.beat("ticker", now_ms)
    if not center.live.recovered():
        center.jobs.errand("recover")
    if causes := center.live.fitting():
        log.warning("healed_lost_wakeup", causes=len(causes))
        center.live.add_causes(causes, now_ms)
    center.live.tidy(now_ms)


def run(center: Center, running: Callable[[], bool]) -> None:
    """Tick until told to stop; a lost Redis is waited for."""
    heal_at_ms = errand_at_ms = 0
    sweep_at_ms = center.now_ms() + SWEEP_EVERY_MS
    judge_at_ms = slow_at_ms = center.now_ms()
    watch, flow_watch = Watch(center), FlowWatch()
    while running():
        try:
            now_ms = center.now_ms()
            busy, due_ms = center.live.dues.glance(now_ms)
            moved = tick(center) if busy else 0
            if now_ms >= heal_at_ms:
                center = watch.look(center)
                flow_watch.look(center)
                heal(center)
                heal_at_ms = now_ms + HEAL_EVERY_MS
            if now_ms >= sweep_at_ms:
                center.jobs.errand("sweep")
                sweep_at_ms = now_ms + SWEEP_EVERY_MS
            if now_ms >= judge_at_ms:
                center.jobs.errand("judge_flows")
                judge_at_ms = now_ms + JUDGE_EVERY_MS
            if now_ms >= slow_at_ms:
                center.jobs.errand("judge_nights")
                center.jobs.errand("erase_recordings")
                slow_at_ms = now_ms + SLOW_EVERY_MS
            if now_ms >= errand_at_ms:
                center.live.wake_ups.again(now_ms)
                center.jobs.errand("check_carrier")
                errand_at_ms = now_ms + ERRAND_EVERY_MS
        except RedisError as error:
            log.warning("redis_unavailable", error=type(error).__name__)
            time.sleep(0.5)
            continue
        # Work that waits for a worker is no reason to spin: a round was asked for, and is asked for again in a second.
        least_ms = 1 if moved or not busy else 10
        pause_ms = min(LONGEST_SLEEP_MS, max(least_ms, (due_ms or now_ms + LONGEST_SLEEP_MS) - center.now_ms()))
        time.sleep(pause_ms / 1000)


def main() -> None:
    """The ticker process."""
    settings = read_settings()
    start_logging("ticker", settings.log_level)
    stopping: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stopping.append(number))
    run(assemble(settings), lambda: not stopping)


if __name__ == "__main__":
    main()
