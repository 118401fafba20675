"""Random lives of the whole service, on the clock of the simulated network: what must always be true is, at each step.

Callers, agents, the network, the workers and Redis itself each do whatever they can do, in any order. The service is
real but for its job queues; see mortal.py.
"""

import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count, dropwhile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from center import HOUSE, Settings, parse_plan
from queues import agent_moves, worker
from queues.lifecycle import FORGET_MS
from queues.plan_change import publish
from queues.recorder import record_once
from simulator import Faults, Leg, RestError
from tests.dispatch.called_back import CALLED, NUMBERS, CalledBack
from tests.dispatch.floor_state import FloorState
from tests.dispatch.mortal import MortalWorld
from tests.dispatch.told_order import ToldOrder
from tests.sizes import sized
from tests.stories.world import BASE, OURS

AGENTS = ("asha", "ravi", "kiran", "meera", "arjun", "farah")
MOST_CALLS = 12
REST_S = 900

PEOPLE = (
    "answer@1ring, press 1 on gather, hang up after 4s of talk",
    "answer@2rings, press 1 on gather, hang up after 8s of talk",
    "answer@3s, press 1 on gather, hang up after 2s of talk",
    "answer@1ring, press 1 on gather",
    "answer@1ring, press 2 on gather",
    "answer@1ring",
    "manual",
    "never",
    "voicemail@2rings",
    "decline@2s",
    "busy",
)
WEATHER: tuple[dict[str, Any], ...] = (
    {},
    {"doubled": 0.4, "repeated_requests": 0.3},
    {"late": 0.4, "late_ms": 700, "reordered": 0.3},
    {"late": 0.2, "late_ms": 6000, "doubled": 0.2},
    {"lost": 0.2, "refused": 0.15},
    {"rest_error_rate": 0.3, "answered_before_ringing": True},
    {"omit_ringing": True, "rest_lost_answers": 2},
    {"lost": 0.5, "rest_lost_answers": 4},
)


def without(text: str, *agents: str) -> str:
    """A center file once these have left the company."""
    for agent in agents:
        before, _, rest = text.partition(f"  {agent}:\n    name:")
        text = before + "".join(dropwhile(lambda line: line.startswith("    "), rest.splitlines(keepends=True)[1:]))
    return text


AS_IT_IS = (HOUSE / "center.yaml").read_text("utf-8")
MENU_FILE = "ivr/flows/main.yaml"
MENU = (HOUSE / MENU_FILE).read_text("utf-8")
OUTWARD = "+919800000000"
CENTER_FILES = {
    "as it is": AS_IT_IS,
    "sales first": AS_IT_IS.replace(
        "needs: {sales: 1}", "needs: {sales: 1}\n    rule: longest_idle\n    priority_minutes: 5"
    ),
    "support relaxed": AS_IT_IS.replace(
        "needs: {support: 1}", "needs: {support: 1}\n    relax: [{after_s: 20, needs: {support: 0}}]", 1
    ),
    "billing is called accounts": AS_IT_IS.replace(
        "  billing:\n    title: Billing", "  accounts:\n    title: Accounts"
    ),
    "asha and meera have left": without(AS_IT_IS, "asha", "meera"),
    "ravi serves billing first": AS_IT_IS.replace(
        '    pin: "1470"\n', '    pin: "1470"\n    queues: [billing, support, general]\n'
    ),
    "lines lead out": AS_IT_IS.replace(
        "needs: {sales: 1}",
        "needs: {sales: 1}\n    overflow: [{to: general, after_s: 5}, {to: callback, after_s: 9},"
        " {to: voicemail, after_s: 40}]",
    ).replace("needs: {billing: 1}", f"needs: {{billing: 1}}\n    overflow: [{{to: '{OUTWARD}', after_s: 9}}]", 1),
    "sales rings three": AS_IT_IS.replace("needs: {sales: 1}", "needs: {sales: 1}\n    ring_several: 3"),
    "asha sells nothing": AS_IT_IS.replace(
        "skills: {sales: 3, support: 2, billing: 1,", "skills: {support: 2, billing: 1,"
    ),
}

some = st.integers(0, 7)
agents = st.sampled_from(AGENTS)


class Lives(CalledBack):
    """One center and everything that may happen to it."""

    new_world: Callable[[], MortalWorld]
    steps = 0
    seen: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).new_world()
        self.net, self.center = self.world.net, self.world.center
        self.told, self.earlier = ToldOrder(), set[str]()
        self.callers: list[Leg] = []
        self.kept = Counter[str]()
        self.net.application(voice_url=f"{BASE}/voice/client")
        self.lines = {name: self.center.plan.agents[name].line for name in AGENTS}
        for line in self.lines.values():
            self.net.person(line, PEOPLE[0], country="IN")
        self.net.person(OUTWARD, "answer@2rings, hang up after 5s of talk", country="IN")
        for number, script in zip(NUMBERS, CALLED, strict=False):
            self.net.person(number, script, country="IN")

    # -- callers --------------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.on_the_phone()) < MOST_CALLS)
    @rule(calls=st.lists(st.tuples(st.sampled_from("11230"), st.sampled_from("1123*")), min_size=1, max_size=4))
    def callers_ring(self, calls: list[tuple[str, str]]) -> None:
        for language, queue in calls:
            script = f"press {language} on gather, press {queue} on gather, wait"
            self.callers.append(self.world.call(script, from_=NUMBERS[len(self.callers) % 7]))

    @rule(which=st.integers(0, 20))
    def caller_hangs_up(self, which: int) -> None:
        if legs := self.on_the_phone()[which:]:
            self.net.hang_up(legs[0].sid)

    # -- agents ---------------------------------------------------------------------------------------------------

    @rule(name=agents, status=st.sampled_from(["available", "break", "offline"]))
    def agent_chooses(self, name: str, status: str) -> None:
        if name in self.center.plan.agents:
            agent_moves.choose_status(self.center, name, status, "lunch" if status == "break" else "")

    @rule(names=st.sets(agents, min_size=1, max_size=3))
    def agents_come(self, names: set[str]) -> None:
        for name in sorted(names & set(self.center.plan.agents)):
            agent_moves.device_seen(self.center, name)
            agent_moves.choose_status(self.center, name, "available")

    @rule(name=st.sampled_from(AGENTS[3:]), gone=st.booleans())
    def device_beats(self, name: str, gone: bool) -> None:
        if name in self.center.plan.agents:
            (agent_moves.device_gone if gone else agent_moves.device_seen)(self.center, name)

    @rule(name=agents, script=st.sampled_from(PEOPLE))
    def person_changes(self, name: str, script: str) -> None:
        self.net.person(self.lines[name], script, country="IN")

    @rule(which=some, deed=st.sampled_from(["answer", "answer", "decline"]))
    def somebody_picks_up(self, which: int, deed: str) -> None:
        ringing = [leg for leg in self.agent_legs() if leg.status == "ringing"]
        if ringing:
            getattr(self.net, deed)(ringing[which % len(ringing)].sid)

    @rule(which=some, key=st.sampled_from("1112"))
    def agent_presses(self, which: int, key: str) -> None:
        listening = [leg for leg in self.agent_legs() if leg.ear]
        if listening:
            self.net.press(listening[which % len(listening)].sid, key)

    @rule(which=some)
    def agent_hangs_up(self, which: int) -> None:
        if legs := self.agent_legs()[which:]:
            self.net.hang_up(legs[0].sid)

    @rule()
    def all_wrap_up(self) -> None:
        for agent in self.center.live.agents():
            agent_moves.wrap_up(self.center, agent.agent, agent.call, "resolved", "other")

    @rule(name=agents, deed=st.sampled_from(["accept", "accept", "decline", "hang_up", "wrap_up", "more_time"]))
    def desk_is_used(self, name: str, deed: str) -> None:
        if name not in self.center.plan.agents:
            return
        agent = self.center.live.agent(name)
        match deed:
            case "accept":
                agent_moves.accept(self.center, name, agent.offer)
            case "decline":
                agent_moves.decline(self.center, name, agent.offer, "busy")
            case "hang_up":
                agent_moves.hang_up(self.center, name, agent.call)
            case "wrap_up":
                agent_moves.wrap_up(self.center, name, agent.call, "resolved", "other")
            case _:
                agent_moves.more_time(self.center, name)

    @rule(name=st.sampled_from(AGENTS[3:]))
    def agent_stands_by(self, name: str) -> None:
        """A browser agent calls in and stays on the line for the shift; calling again is another leg."""
        self.net.place_call(self.lines[name], OURS, "wait")

    @initialize(
        at_work=st.sets(agents, min_size=1, max_size=4),
        calls=st.lists(st.tuples(st.sampled_from("112"), st.sampled_from("1123")), min_size=2, max_size=8),
        file=st.sampled_from(sorted(CENTER_FILES)),
    )
    def day_begins(self, at_work: set[str], calls: list[tuple[str, str]], file: str) -> None:
        """Some are at work, and others call, so that there is something to choose."""
        self.center_file_changes(file)
        self.agents_come(at_work)
        record_once(self.center)
        self.callers_ring(calls)
        self.world.run(3)

    # -- time and the network -------------------------------------------------------------------------------------

    @rule(events=st.integers(1, 3))
    def next_happens(self, events: int) -> None:
        for _ in range(events):
            self.world.step(self.net.now_ms + 60_000)

    @rule(events=st.integers(4, 9))
    def more_happens(self, events: int) -> None:
        self.next_happens(events)

    @rule()
    def one_thing_happens(self) -> None:
        self.next_happens(1)

    @rule(seconds=st.sampled_from([0.05, 1, 3, 9, 30]))
    def time_passes(self, seconds: float) -> None:
        self.world.run(seconds)

    @rule(how=st.sampled_from(WEATHER))
    def network_changes(self, how: dict[str, Any]) -> None:
        self.net.faults = Faults(**how)

    # -- what is lost and what comes twice ------------------------------------------------------------------------

    @rule(code=st.sampled_from([0, 0, 0, 20404, 21220, 20429, 21215]), which=some)
    def something_breaks(self, code: int, which: int) -> None:
        if code:
            self.net.faults.rest_errors.append(RestError(code, times=1 + which // 3, path="/Calls", method="POST"))
        elif which < 3:
            self.world.http.kills = True
        elif which < 6:
            self.world.loses_jobs = True
        else:
            self.worker_dies_with_orders_taken()

    def worker_dies_with_orders_taken(self) -> None:
        self.center.live.wake_ups.rest()
        while self.center.live.match(self.net.now_ms):
            pass
        self.center.live.orders.take(self.net.now_ms)

    @rule(recorded=st.booleans(), often=st.integers(0, 3))
    def redis_is_wiped(self, recorded: bool, often: int) -> None:
        if often:  # so that most lives are long enough to get somewhere
            return
        type(self).seen.update(self.told.heard)
        self.earlier |= self.told.calls
        self.kept += self.told.kept
        self.swept = False
        self.world.wipe(recorded)
        self.told = ToldOrder()

    @rule(file=st.sampled_from(sorted(CENTER_FILES)))
    def center_file_changes(self, file: str) -> None:
        """While calls wait; nobody loses the place, and from now on the new file holds."""
        self.center = self.world.center = publish(self.center, CENTER_FILES[file])
        self.world.app.extensions["center"] = self.center
        self.told.stand_anew(self.center.live.calls())

    @rule()
    def sweep_is_due(self) -> None:
        well = self.net.faults == Faults() and not (self.world.http.kills or self.world.loses_jobs)
        self.world.sweep()
        self.swept |= well

    @rule(back=st.integers(2, 40))
    def old_webhook_comes_again(self, back: int) -> None:
        if len(self.world.webhooks) >= back:
            self.world.again(back)

    @rule()
    def last_webhook_comes_again(self) -> None:
        """A webhook delivered a second time at the same instant changes nothing, byte for byte."""
        before = len(self.world.webhooks)
        for _ in range(20):
            if len(self.world.webhooks) > before or not self.world.step(self.net.now_ms + 5_000):
                break
        if len(self.world.webhooks) > before and not self._of_a_forgotten_message():
            state = self.state(whole=True).lasting()
            self.world.again(1)
            assert self.state(whole=True).lasting() == state, self.world.webhooks[-1]

    def _of_a_forgotten_message(self) -> bool:
        """What a call left that Redis forgot is told to the record as often as it is heard, and kept there once."""
        _, (_, url, body, _) = self.world.webhooks[-1]
        return "/voicemail/" in url and self.center.live.call(parse_qs(body.decode())["CallSid"][0]) is None

    # -- what is always true --------------------------------------------------------------------------------------

    @invariant()
    def all_is_right(self) -> None:
        type(self).steps += 1
        self.world.stir()
        self.world.drain()
        state = self.state()
        assert state.faults() == []
        if not self.world.jobs_lost:
            assert state.avoidable_idle() == []
        self.told.read_on(self.world.client)
        assert (self.told.faults, self.world.failures) == ([], [])
        placed = Counter(leg.sink.url for leg in self.agent_legs() if leg.sink and not leg.inbound)
        assert [
            url for url, legs in placed.items() if legs > 1
        ] == []  # one leg for one offer, whatever answer was lost
        wrong = self.promises_hold(state)
        assert wrong == []
        over = self.told.calls - {sid for sid, call in state.calls.items() if call.status != "wrap_up"}
        wrong = sorted(set(self.told.ended) ^ over)
        assert wrong == []

    def teardown(self) -> None:
        """In the end everybody hangs up: nobody is left in a call, and the record tells all of it."""
        self.center_file_changes("as it is")
        self.promises_are_kept()
        self.world.come_to_rest(REST_S)
        state = self.state()
        assert (sorted(state.calls), state.faults()) == ([], [])
        assert {agent.activity for agent in state.agents.values()} <= {"idle", "no_device"}
        # A time that was set for a callback may come after it was kept early; it passes by itself.
        left = [member for member in state.dues if not member.startswith(("forget:", "stand:"))]
        assert left == []
        assert state.keys.get("tr:orders", []) == []
        self.told.read_on(self.world.client)
        self.record_is_complete()
        type(self).seen.update(self.told.heard)
        self.world.close()

    def record_is_complete(self) -> None:
        """Every call has its end in the record; those of an earlier life may have been lost in a gap that is shown."""
        self.world.recording = True
        self.world.drain()  # a sweep sees what has been recorded by then
        self.world.sweep()
        if any(row["status"] != "ended" for row in self.center.history.calls(1000)):
            # Who was answered, forgotten, put back by a late webhook and left is closed once Redis forgets them too.
            self.world.run(FORGET_MS / 1000 + 60)
            self.world.sweep()
        rows = {row["call"]: row for row in self.center.history.calls(1000)}
        assert {row["status"] for row in rows.values()} <= {"ended"}
        assert self.told.calls <= set(rows) <= self.told.calls | self.earlier
        if self.earlier - set(rows):
            assert self.center.history.gaps()

    # -- who is there ---------------------------------------------------------------------------------------------

    def state(self, whole: bool = False) -> FloorState:
        return FloorState.read(self.world.client, self.center.plan, self.net.now_ms, whole)

    def on_the_phone(self) -> list[Leg]:
        return [leg for leg in self.callers if not leg.ended]

    def agent_legs(self) -> list[Leg]:
        mine = set(self.lines.values())
        return [leg for leg in self.net.exchange.legs.values() if leg.line in mine and not leg.ended]


def read_once(renamed: Path) -> Callable[[str, Settings], Any]:
    """How a center file is read, each once. The menu of the one with a renamed queue is written to `renamed`."""
    read: dict[str, Any] = {}
    renamed.write_text(MENU.replace("queue: billing", "queue: accounts"), "utf-8")

    def once(text: str, settings: Settings) -> Any:
        if text not in read:
            read[text] = parse_plan(text.replace(MENU_FILE, str(renamed)) if "  accounts:" in text else text, settings)
        return read[text]

    return once


@pytest.fixture
def lives(
    redis_url: str, migrated_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Lives]]:
    """The machine, each run of it with an empty Redis and an empty record, and with ids that come in the same order.

    A center file is read once: to read it costs more than forty steps.
    """
    was, made = worker.center, count(1)
    monkeypatch.setattr("center.parse_plan", read_once(tmp_path / "accounts.yaml"))
    monkeypatch.setattr(secrets, "token_hex", lambda size=16: f"{next(made):0{2 * size}x}")

    def new_world() -> MortalWorld:
        shutil.copy(migrated_sqlite, tmp_path / "history.db")
        return MortalWorld(redis_url, f"sqlite:///{tmp_path / 'history.db'}")

    yield type("Lives", (Lives,), {"new_world": staticmethod(new_world), "steps": 0, "seen": Counter()})
    worker.center = was


@pytest.mark.timeout(0)
def test_what_must_always_be_true_is_true_in_random_lives(lives: type[Lives]) -> None:
    run_state_machine_as_test(
        lives,
        settings=settings(
            max_examples=sized(60, 2000),
            stateful_step_count=200,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert lives.steps >= 10_000
    assert (
        min(
            lives.seen[outcome]
            for outcome in ("answered", "abandoned", "left_in_menu", "missed", "restored", "called_back")
        )
        > 10
    )
