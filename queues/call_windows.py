"""When a caller could be called back, and how that is said: windows in their zone, half hours with room, decent hours.

Asked before anything is promised; `calling_back.py` makes the promise.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy.exc import SQLAlchemyError

from center import Center
from ivr import wording
from queues import callback, quiet_hours, routing
from queues.callback import HALF_HOUR_MS, Window
from queues.plan import country_of
from queues.records import Call


def possible(center: Center, call: Call) -> bool:
    """True when this caller can be called back: a number that may be dialled, and no promise yet."""
    return not call.callback and not quiet_hours.refusal(call.caller, _countries(center, call))


def soon(center: Center, call: Call) -> Window:
    """The window to say for a callback that keeps the place."""
    now_ms = center.now_ms()
    latest_ms = center.plan.callbacks.window_minutes * 60_000
    return callback.window(now_ms, 0, latest_ms, zone_of(center, call.caller))


def slots(center: Center, queue: str, number: str, most: int = 3) -> list[Window]:
    """The next half hours in which somebody may be called back and enough agents are there for one more.

    None while SQL is away.
    """
    try:
        taken = center.history.callbacks.booked(queue, center.now_ms())
    except SQLAlchemyError:
        return []
    at_ms = callback.window(center.now_ms(), HALF_HOUR_MS, HALF_HOUR_MS, zone_of(center, number)).to_ms
    found: list[Window] = []
    for _ in range(7 * 48):
        booked = sum(at_ms <= booked_ms < at_ms + HALF_HOUR_MS for booked_ms in taken)
        has_room = booked < callback.slot_capacity(_able(center, queue))
        if has_room and decent(center, number, at_ms) and is_open(center, queue, at_ms):
            found.append(Window(at_ms, at_ms + HALF_HOUR_MS))
            if len(found) == most:
                break
        at_ms += HALF_HOUR_MS
    return found


def next_one(center: Center, call: Call) -> Window:
    """The half hour after the window that cannot be kept: none that has passed, none at night, none while closed."""
    zone, first_ms = zone_of(center, call.caller), max(center.now_ms(), call.until_ms)
    at_ms = first_ms
    for _ in range(7 * 48):
        said = callback.window(at_ms, 0, HALF_HOUR_MS, zone)
        if _awake(center, call, at_ms) and _awake(center, call, said.to_ms - 1):
            return said
        at_ms = callback.window(at_ms, HALF_HOUR_MS, HALF_HOUR_MS, zone).from_ms
    return callback.window(first_ms, 0, HALF_HOUR_MS, zone)


def decent(center: Center, number: str, at_ms: int) -> bool:
    """Whether this number may be phoned at an instant, by the hours where its people live."""
    return quiet_hours.next_decent_ms(number, center.plan.callbacks.hours, at_ms, center.plan.zone) == at_ms


def _awake(center: Center, call: Call, at_ms: int) -> bool:
    return decent(center, call.caller, at_ms) and (
        call.queue not in center.plan.queues or is_open(center, call.queue, at_ms)
    )


def words(center: Center, said: Window, number: str, language: str) -> Mapping[str, str]:
    """A window as it is spoken to this number, as `{when}`; a zone that may not be theirs is named."""
    zone = zone_of(center, number)
    when = wording.window(said.from_ms, said.to_ms, center.now_ms(), zone, language)
    return {"when": when if quiet_hours.zone_of(number) else wording.in_zone(when, zone, language)}


def is_open(center: Center, queue: str, at_ms: int) -> bool:
    """Whether the queue's hours are open at an instant."""
    hours = center.plan.hours.get(center.plan.queues[queue].hours)
    return hours is None or hours.is_open(at_ms)


def zone_of(center: Center, number: str) -> ZoneInfo:
    """The zone in which windows are said to this number: theirs if it is known, else the center's."""
    return ZoneInfo(quiet_hours.zone_of(number) or center.plan.zone)


def _countries(center: Center, call: Call) -> frozenset[str]:
    own = {center.plan.country, country_of(call.called)} - {""}
    return frozenset(center.plan.callbacks.countries or own)


def _able(center: Center, queue: str) -> int:
    needs = center.plan.needs(queue, {})
    return sum(routing.serves(agent, routing.Line(queue, needs), center.plan) for agent in center.plan.agents)
