"""Calls looked up for pages and API: in the record, and in the live state where the record is away or behind."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from center import Center
from consoles import call_view
from queues.records import Call


def call(center: Center, sid: str) -> dict[str, Any] | None:
    """One call by the sid of any of its legs; None when nobody knows it."""
    try:
        found = center.history.call(sid, center.now_ms())
    except SQLAlchemyError:
        found = None
    return found or _live(center, sid)


def _live(center: Center, sid: str) -> dict[str, Any] | None:
    found: Call | None = center.live.call(sid)
    if found is None and (number := center.live.offer_of_leg(sid)):
        offer = center.live.offer(number)
        found = center.live.call(offer.call) if offer else None
    if found is None:
        return None
    offer = center.live.offer(found.offer) if found.offer else None
    return call_view.from_live(center.plan, found, offer, center.now_ms())
