"""`bin/call`: one call on the simulated network against the running service, told as it happens.

It scripts the people over the network's control interface, makes the agents available and wraps up over the service's
API, and judges the end: exit code 0 only when everybody could do what they were to do.
"""

import argparse
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from launch import HOUSE, Refused, run
from launch.doors import Running, find_running
from launch.people import ScriptedAgent, agent_script, caller_script, lines_of, read_agent
from launch.story import Story, target_lines

LOOK_EVERY_S = 0.2
OVER = {"completed", "busy", "failed", "no-answer", "canceled"}


def main(arguments: list[str]) -> int:
    """Place the call and tell it. Returns 0 when it ended as scripted, 2 when it did not."""
    options = _options(arguments)
    running = find_running(options.var, options.url)
    # When the caller is to hang up, the agents do not, unless they are told to.
    agents = _scripted_agents(running, options.agent, options.talk or ("" if options.hangup else "5s"))
    with _available(running, agents):
        call, story = _place(running, options)
        leg, record = _follow(running, call, story, options)
    print("\ntargets")
    print("\n".join(target_lines(record)) or "  none measured")
    if fault := _fault(leg, record, [] if options.hangup or options.script else agents):
        print(f"\nnot as scripted: {fault}")
        return 2
    print(f"\nended as scripted: {record['outcome']}")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bin/call",
        description="Place a call on the simulated network against the service that bin/dev runs here, and tell it.",
        epilog="Example: bin/call --from +14155550123 --keys 1,2 --agent asha:answer@2rings",
    )
    parser.add_argument("--from", dest="caller", default="+14155550123", help="the caller's number", metavar="NUMBER")
    parser.add_argument("--to", default="", help="the number called (default: the service's)", metavar="NUMBER")
    parser.add_argument("--keys", default="", help="keys pressed at the menus, in order, as in 1,2")
    parser.add_argument("--script", default="", help="the caller's whole script, instead of --keys and --hangup")
    parser.add_argument("--hangup", default="", help="the caller hangs up this long after the start, as in 40s")
    parser.add_argument("--agent", action="append", default=[], metavar="ID[:HOW]", help=_AGENT_HELP)
    parser.add_argument("--talk", default="", help="how long an agent talks before hanging up (default: 5s)")
    parser.add_argument("--disposition", default="resolved", help="what the agent notes at wrap-up (default: resolved)")
    parser.add_argument("--reason", default="", help="why the caller called, noted at wrap-up")
    parser.add_argument("--limit", type=float, default=240, help="give up after this many seconds (default: 240)")
    parser.add_argument("--url", default="", help="the service's address (default: the one that runs here)")
    parser.add_argument("--var", type=Path, default=HOUSE / "var", help="where bin/dev keeps its state", metavar="DIR")
    return parser.parse_args(arguments)


_AGENT_HELP = (
    "an agent who is made available, and what their phone does: answer@2rings, answer@4s, never, busy, decline@3s, "
    "voicemail@4rings, unreachable; may be repeated"
)


def _scripted_agents(running: Running, words: list[str], talk: str) -> list[ScriptedAgent]:
    """The agents of this call, their phones scripted."""
    wanted = dict(map(read_agent, words))
    lines = lines_of(running.api.get("/agents")["agents"], list(wanted))
    agents = [ScriptedAgent(name, lines[name], agent_script(how, lines[name], talk)) for name, how in wanted.items()]
    for agent in agents:
        running.network.put(f"/people/{agent.line}", {"script": agent.script})
    return agents


@contextmanager
def _available(running: Running, agents: list[ScriptedAgent]) -> Iterator[None]:
    """Make the agents available for the time of the call, and leave them as they were."""
    before = {agent.id: running.api.get(f"/agents/{agent.id}/status") for agent in agents}
    for agent in agents:
        running.api.put(f"/agents/{agent.id}/status", {"status": "available", "reason": None})
        print(f"{agent.id} is available on {agent.line}: {agent.script}")
    try:
        yield
    finally:
        for name, was in before.items():
            running.api.put(f"/agents/{name}/status", {"status": was["status"], "reason": was["reason"]})


def _place(running: Running, options: argparse.Namespace) -> tuple[str, Story]:
    keys = options.keys
    if keys and not options.script and _is_remembered(running, options.caller):
        print(f"{options.caller} has called before and would skip the language menu; * leads back to it")
        keys = f"*,{keys}"
    script = options.script or caller_script(keys, options.hangup)
    number = options.to or running.number
    print(f"{options.caller} calls {number}: {script}\n", flush=True)
    placed_ms = time.time_ns() // 1_000_000
    call = running.network.post("/calls", {"from": options.caller, "to": number, "script": script})["call"]
    return str(call), Story(placed_ms, options.caller)


def _is_remembered(running: Running, caller: str) -> bool:
    """True when this caller chose a language in one of the latest calls: the same keys would now mean other things."""
    calls = running.api.get("/calls?limit=200")["calls"]
    return any(row["caller"] == caller and row["language"] for row in calls)


def _follow(
    running: Running, call: str, story: Story, options: argparse.Namespace
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell the call until it has ended on both sides; wrap up when the time comes."""
    give_up_s, wrapped = time.monotonic() + options.limit, False
    while True:
        leg, record = running.network.get(f"/calls/{call}"), _record(running, call)
        for line in story.new_lines(leg, record):
            print(line, flush=True)
        if record.get("status") == "wrap_up" and not wrapped:
            wrapped = _wrap_up(running, call, record, options)
        if leg["status"] in OVER and record.get("status") == "ended":
            return leg, record
        if time.monotonic() > give_up_s:
            raise Refused(f"the call has not ended after {options.limit:.0f} s (status: {record.get('status')})")
        time.sleep(LOOK_EVERY_S)


def _record(running: Running, call: str) -> dict[str, Any]:
    """The service's record; empty while the service has not heard of the call."""
    try:
        return running.api.get(f"/calls/{call}")
    except Refused as refusal:
        if ": 404 " in str(refusal):
            return {}
        raise


def _wrap_up(running: Running, call: str, record: Mapping[str, Any], options: argparse.Namespace) -> bool:
    agent = next(offer["agent"] for offer in record["offers"] if offer["outcome"] == "accepted")
    note = {"call": call, "disposition": options.disposition, "reason": options.reason or None}
    running.api.post(f"/agents/{agent}/wrap-up", note)
    return True


def _fault(leg: Mapping[str, Any], record: Mapping[str, Any], agents: list[ScriptedAgent]) -> str:
    """What did not go as scripted; empty when everything did."""
    if not leg.get("ended_as_scripted"):
        return str(leg.get("reason") or "the caller could not do everything in the script")
    if any(agent.answers for agent in agents) and record.get("outcome") != "answered":
        return f"an agent was to answer, but the call ended as {record.get('outcome')}"
    took = [offer["agent"] for offer in record.get("offers", []) if offer["outcome"] == "accepted"]
    if agents and took and took[-1] not in [agent.id for agent in agents if agent.answers]:
        return f"{took[-1]} took the call, who was not in the script"
    return ""


if __name__ == "__main__":
    run(main)
