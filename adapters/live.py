"""What is true now, in Redis: load records, save one change atomically, take what is due.

There is no other way to change live state than `commit` and `match`. Every key starts with `tr:`; every change that a
page could show is announced on the channel `tr:changes`.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
import redis

from adapters import scripts
from adapters.due_times import DueTimes
from adapters.event_stream import EventStream
from adapters.flow_shelf import FlowShelf
from adapters.look_ups import LookUps
from adapters.memories import Memories
from adapters.order_book import LEASE_MS, OrderBook, text_of
from adapters.outlook import Outlook
from adapters.scripts import Script
from adapters.wake_ups import WakeUps
from queues import offers, routing
from queues.line_index import LineIndex
from queues.plan import Plan
from queues.records import EXPECTED, Agent, Call, Change, Offer, Record

PREFIX = "tr:"
CHANGES = "tr:changes"
EVENTS = "tr:events"
SEEN_MS = 600_000
STAND_AT_ONCE = 100


class Busy(Exception):
    """A move lost its race more often than can happen by chance."""


class Live:
    """The live state of one center. `wake` asks for a dispatch round; it is called when a change makes one useful."""

    def __init__(self, client: redis.Redis, plan: Plan, wake: Callable[[], None]) -> None:
        self.client: Any = client  # its own types say bytes or text, whatever decode_responses says
        self.stream = EventStream(client)
        self.memories = Memories(client)
        self.look_ups = LookUps(client)
        self.flow_shelf = FlowShelf(client)
        self.plan = plan
        self.wake = wake
        rules = {name: queue.rule for name, queue in plan.queues.items()}
        several = {name: queue.ring_several for name, queue in plan.queues.items() if queue.ring_several > 1}
        template = f"local template = {scripts.literal(offers.claim(rules, several))}\n"
        lines, commit, match, orders = map(scripts.read, ("lines", "commit", "match", "orders"))
        self._commit = Script(client, f"{lines}{commit}\nreturn commit(cjson.decode(ARGV[1]))")
        self._match = Script(client, lines + template + match)
        self._orders = Script(client, orders)
        self.orders = OrderBook(client, self._orders, plan)
        self.dues = DueTimes(client, self._orders)
        self.wake_ups = WakeUps(client, wake)
        self._lists: tuple[str, frozenset[str]] = ("unread", frozenset())
        self._index = LineIndex(())
        self.outlook = Outlook(client, plan, self.known_lines)

    def with_plan(self, plan: Plan) -> "Live":
        """The same state, placed by another plan."""
        return Live(self.client, plan, self.wake)

    def publish_plan(self, text: str) -> None:
        """Make this center file the one that every process uses from its next look on."""
        pipe = self.client.pipeline()
        pipe.set(f"{PREFIX}plan", text)
        pipe.set(f"{PREFIX}plan_version", hashlib.sha256(text.encode()).hexdigest()[:12])
        pipe.execute()

    def plan_text(self) -> str:
        """The center file that was published last; empty when none was."""
        return self.client.get(f"{PREFIX}plan") or ""

    def plan_version(self) -> str:
        """Which center file was published last."""
        return self.client.get(f"{PREFIX}plan_version") or ""

    # -- load ---------------------------------------------------------------------------------------------------

    def call(self, sid: str) -> Call | None:
        """The call of that id, if it is remembered."""
        row = self.client.hgetall(f"{PREFIX}call:{sid}")
        return Call.from_hash(row) if row else None

    def offer(self, number: int) -> Offer | None:
        """The offer of that number, if it is remembered."""
        row = self.client.hgetall(f"{PREFIX}offer:{number}")
        return Offer.from_hash(row) if row else None

    def agent(self, agent: str) -> Agent:
        """The agent as the system sees them; offline when Redis knows nothing. Raises KeyError for a stranger."""
        return self._agent(agent, self.client.hgetall(f"{PREFIX}agent:{agent}"))

    def agents(self) -> list[Agent]:
        """Every agent of the plan, in its order."""
        return self._agents(list(self.plan.agents))

    def _agents(self, names: list[str]) -> list[Agent]:
        return [
            self._agent(name, row)
            for name, row in zip(names, self._rows([f"agent:{name}" for name in names]), strict=True)
        ]

    def calls(self) -> list[Call]:
        """Every call that has not ended, oldest first."""
        names = sorted(self.client.smembers(f"{PREFIX}calls"))
        rows = (Call.from_hash(row) for row in self._rows([f"call:{name}" for name in names]) if row)
        return sorted((call for call in rows if call.status != "ended"), key=lambda call: (call.received_ms, call.call))

    def calls_of(self, sids: Sequence[str]) -> list[Call | None]:
        """The calls of these ids, in that order; None for one that is not remembered."""
        rows = self._rows([f"call:{sid}" for sid in sids])
        return [Call.from_hash(row) if row else None for row in rows]

    def are_open(self, sids: Sequence[str]) -> list[bool]:
        """For each of these calls whether it is remembered and has not ended, in one step."""
        return [bool(known) for known in self.client.smismember(f"{PREFIX}calls", list(sids))] if sids else []

    def parties(self, sid: str) -> tuple[Call | None, Offer | None, Agent | None]:
        """A call with the offer and the agent that belong to it now."""
        call = self.call(sid)
        if call is None or not call.agent:
            return call, None, None
        offer, agent = self._rows([f"offer:{call.offer}", f"agent:{call.agent}"])
        return call, Offer.from_hash(offer) if offer else None, self._agent(call.agent, agent)

    def offered(self, number: int) -> tuple[Offer | None, Call | None, Agent | None]:
        """An offer with its call and its agent, as they are now."""
        offer = self.offer(number)
        if offer is None:
            return None, None, None
        call, agent = self._rows([f"call:{offer.call}", f"agent:{offer.agent}"])
        return offer, Call.from_hash(call) if call else None, self._agent(offer.agent, agent)

    def strangers(self) -> list[str]:
        """Agents whom Redis remembers and the plan has no more. It looks at every key, so it is for a new plan only."""
        known = (key.removeprefix(f"{PREFIX}agent:") for key in self.client.scan_iter(f"{PREFIX}agent:*", count=1000))
        return sorted(set(known) - set(self.plan.agents))

    def _agent(self, name: str, row: dict[str, str]) -> Agent:
        if row and name not in self.plan.agents:  # who has left may still be talking
            return Agent.from_hash(row)
        on_browser = int(self.plan.agents[name].on_browser)
        if row:
            return replace(Agent.from_hash(row), needs_device=on_browser)
        return Agent(agent=name, needs_device=on_browser, activity="no_device" if on_browser else "idle")

    def _rows(self, keys: list[str]) -> list[dict[str, str]]:
        pipe = self.client.pipeline(transaction=False)
        for key in keys:
            pipe.hgetall(f"{PREFIX}{key}")
        rows: list[dict[str, str]] = pipe.execute()
        return rows

    # -- save ---------------------------------------------------------------------------------------------------

    def commit(self, change: Change, now_ms: int) -> bool:
        """Save a change whole. False: a record has moved on since it was loaded, nothing was saved."""
        if not change:
            return True
        outcome, woken = self._save(change, now_ms)
        while outcome == "lists":
            self._read_lists()
            outcome, woken = self._save(change, now_ms)
        if woken:
            self.wake()
        return str(outcome) != "stale"

    def _save(self, change: Change, now_ms: int) -> tuple[str, int]:
        self._open_lines(change, now_ms)
        outcome, woken = self._commit(orjson.dumps(self._body(change, now_ms)))
        return outcome, woken

    def settle(self, decide: Callable[[], Change], now_ms: int) -> Change:
        """Load, decide, save, and again when another was quicker. Returns the change that was saved."""
        for _ in range(50):
            change = decide()
            if self.commit(change, now_ms):
                return change
        raise Busy("a change was refused as stale fifty times in a row")

    def _body(self, change: Change, now_ms: int) -> dict[str, object]:
        versions = {record.key: record.version for record in change.before}
        body: dict[str, object] = {
            "id": secrets.token_hex(8),
            "now_ms": now_ms,
            "expect": {record.key: 0 for record in change.after} | {row.key: _expected(row) for row in change.before},
            "writes": [self._write(record, versions.get(record.key, 0), now_ms) for record in change.after],
            "dues": [list(due) for due in (*change.dues, *self._line_changes(change, now_ms))],
            "events": [event.to_fields() for event in change.events],
            "orders": [[order.id, text_of(order)] for order in change.orders],
            "causes": list(change.causes),
        }
        if any(isinstance(record, Agent) or _waits(record) for record in change.after):
            body["lists"] = self._lists[0]
        return body

    def _write(self, record: Record, version: int, now_ms: int) -> dict[str, object]:
        """What the script does to a record that Redis has in this version; it counts the version on itself."""
        news = record.news(version)
        write: dict[str, object] = {
            "key": record.key,
            "kind": record.kind,
            "id": record.id,
            "fields": [text for pair in news.items() for text in pair],
            "told": not news or not news.keys() <= record.unseen,
        }
        if isinstance(record, Call):
            lines = routing.call_lines(record, self.plan, now_ms)
            write |= {"places": _flat(lines), "stands": " ".join(lines), "over": record.status == "ended"}
        if isinstance(record, Offer) and record.leg:
            write["leg"] = record.leg
        if isinstance(record, Agent):
            near = self._index.near(self.plan.agents[record.agent].skills if record.agent in self.plan.agents else ())
            lists = routing.agent_lists(record, self.plan, near)
            write |= {"places": _flat(lists), "stands": " ".join(self._token(record.agent, name) for name in lists)}
            write["on_duty"] = record.on_duty
        return write

    def _token(self, agent: str, name: str) -> str:
        back_ms = routing.held_back_ms(agent, routing.parse(name), self.plan)
        return f"{back_ms}#{name}" if back_ms else name

    def _line_changes(self, change: Change, now_ms: int) -> list[tuple[str, int]]:
        """When each waiting call of a change has to be moved to another line, by time alone."""
        calls = [record for record in change.after if isinstance(record, Call) and record.status == "waiting"]
        times = [(call.call, routing.next_change_ms(call, self.plan, now_ms)) for call in calls]
        return [(f"stand:{sid}", at_ms) for sid, at_ms in times if at_ms]

    # -- the known lines ---------------------------------------------------------------------------------

    def known_lines(self) -> frozenset[str]:
        """Every line in which a call has ever stood."""
        if self._lists[0] == "unread":
            self._read_lists()
        return self._lists[1]

    def _read_lists(self) -> None:
        pipe = self.client.pipeline()
        pipe.get(f"{PREFIX}lists_version")
        pipe.smembers(f"{PREFIX}lists")
        version, names = pipe.execute()
        self._lists, self._index = (version or "", frozenset(names)), LineIndex(names)

    def _open_lines(self, change: Change, now_ms: int) -> None:
        """A line never seen before gets its idle list before the first call stands in it."""
        calls = [record for record in change.after if isinstance(record, Call)]
        wanted = {name for call in calls for name in routing.call_lines(call, self.plan, now_ms)}
        if not wanted - self._lists[1]:
            return
        self._read_lists()
        if not (new := wanted - self._lists[1]):
            return
        pipe = self.client.pipeline()
        pipe.sadd(f"{PREFIX}lists", *sorted(new))
        pipe.set(f"{PREFIX}lists_version", secrets.token_hex(8))
        pipe.execute()
        self._read_lists()
        lines = [routing.parse(name) for name in new]
        able = [agent for agent in self.plan.agents if any(routing.serves(agent, line, self.plan) for line in lines)]
        idle = [row for row in self._agents(able) if row.status == "available" and row.activity == "idle"]
        for start in range(0, len(idle), STAND_AT_ONCE):
            self._stand_together(tuple(idle[start : start + STAND_AT_ONCE]), now_ms)

    def _stand_together(self, rows: tuple[Agent, ...], now_ms: int) -> None:
        if not self.commit(Change(rows, rows), now_ms):  # one of them has moved on since
            for row in rows:
                self.settle(lambda name=row.agent: self._stand_again(name), now_ms)  # type: ignore[misc]

    def _stand_again(self, agent: str) -> Change:
        now = self.agent(agent)
        idle = now.status == "available" and now.activity == "idle"
        return Change((now,), (now,)) if idle else Change()

    # -- the match -------------------------------------------------------------------

    def match(self, now_ms: int) -> tuple[str, str, int] | None:
        """Claim the next pair that fits: (call, agent, offer), or None when every cause has been looked at."""
        return next(iter(self.matches(now_ms, 1)), None)

    def matches(self, now_ms: int, most: int, rest: bool = False) -> list[tuple[str, str, int]]:
        """Claim up to `most` pairs in one step; fewer when every cause has been looked at.

        The order to ring each is leased to the caller as taken at `now_ms`. `rest` is that of `wake_ups`, in the same
        step.
        """
        found = self._match(now_ms, most, LEASE_MS, *(["rest"] if rest else []))
        return [(call, agent, int(offer)) for call, agent, offer in map(str.split, found)]

    def add_causes(self, causes: list[str], now_ms: int) -> None:
        """Ask for another look at these calls or agents."""
        self.commit(Change(causes=tuple(causes)), now_ms)

    def ring_facts(self, offer: int, now_ms: int, slot: bool) -> tuple[Offer | None, Agent | None, int]:
        """An offer and its agent; with `slot` also when a leg may leave (`orders.leg_slot`), if one must be created."""
        rows = self._orders("ring", now_ms, self.orders.gap_ms if slot else 0, offer)
        found, agent = (dict(zip(row[::2], row[1::2], strict=True)) for row in rows[:2])
        if not found:
            return None, None, 0
        return Offer.from_hash(found), self._agent(found["agent"], agent), int(rows[2])

    def forget(self, key: str) -> None:
        """Drop a call or an offer that ended long ago; SQL keeps it."""
        leg = self.client.hget(f"{PREFIX}{key}", "leg")
        if leg:
            self.client.hdel(f"{PREFIX}legs", leg)
        self.client.delete(f"{PREFIX}{key}")

    def offer_of_leg(self, leg: str) -> int:
        """The offer that a leg was placed for; 0 when none is known."""
        return int(self.client.hget(f"{PREFIX}legs", leg) or 0)

    # -- self-healing -------------------------------------------------------------------------------------------

    def fitting(self) -> list[str]:
        """Causes for every line where somebody waits while somebody idle could help: a wake-up was lost."""
        lines = self.client.zrange(f"{PREFIX}heads", 0, -1)
        pipe = self.client.pipeline(transaction=False)
        for line in lines:
            pipe.zrange(f"{PREFIX}idle:{line}", 0, 0)
        return [f"agent:{found[0]}" for found in pipe.execute() if found]

    def life(self) -> str:
        """When this Redis began to hold our state; empty when it holds nothing."""
        return self.client.get(f"{PREFIX}life") or ""

    def begin_life(self, now_ms: int) -> None:
        """From now on this Redis holds our state, and what an earlier one held has been brought back."""
        pipe = self.client.pipeline()
        pipe.set(f"{PREFIX}life", now_ms, nx=True)
        pipe.set(f"{PREFIX}recovered", now_ms)
        pipe.execute()

    def recovered(self) -> bool:
        """False until what an earlier life held has been brought back; the first webhook after a loss begins a life."""
        return bool(self.client.exists(f"{PREFIX}recovered"))

    def tidy(self, now_ms: int) -> None:
        """Forget the ids of changes that nobody can repeat any more."""
        self.client.zremrangebyscore(f"{PREFIX}seen", "-inf", now_ms - SEEN_MS)

    # -- small memories -----------------------------------------------------------------------------------------

    def lines_in_use(self) -> list[str]:
        """The lines in which somebody stands."""
        lines: list[str] = self.client.zrange(f"{PREFIX}heads", 0, -1)
        return lines

    def queue_length(self, queue: str) -> int:
        """How many calls stand in the lines of a queue."""
        lines = [name for name in self.lines_in_use() if name.startswith(f"{queue}|")]
        pipe = self.client.pipeline(transaction=False)
        for name in lines:
            pipe.zcard(f"{PREFIX}line:{name}")
        return sum(pipe.execute())

    def beat(self, process: str, now_ms: int) -> None:
        """This process is alive."""
        self.client.hset(f"{PREFIX}beats", process, now_ms)

    def beats(self) -> dict[str, int]:
        """Process → when it was last alive."""
        return {name: int(at_ms) for name, at_ms in self.client.hgetall(f"{PREFIX}beats").items()}

    def ping(self) -> bool:
        """True when Redis answers."""
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


def _waits(record: Record) -> bool:
    return isinstance(record, Call) and record.status == "waiting"


def _expected(record: Record) -> int | dict[str, list[str]]:
    """What the save checks of a record: the version it was loaded in, or what was expected of it unloaded."""
    if record.version != EXPECTED:
        return record.version
    return {"names": list(record.loaded), "texts": list(record.loaded.values())}


def _flat(places: dict[str, int]) -> list[str | int]:
    return [part for pair in places.items() for part in pair]
