"""Where a walk through the menu goes by itself: by opening hours, and by who calls."""

from ivr import wording
from ivr.nodes import CallerNode, HoursNode
from ivr.visit import Visit


def by_hours(visit: Visit, node: HoursNode) -> tuple[Visit, str]:
    """The node that follows, and when the line opens said if it is closed."""
    hours = visit.flow.hours.get(node.hours)
    opening_ms = hours.next_opening_ms(visit.now_ms) if hours else visit.now_ms
    if hours is None or opening_ms == visit.now_ms:
        return visit, node.open
    if node.prompt:
        language = visit.flow.prompt(node.prompt, visit.language).language
        opens = wording.opens(opening_ms, visit.now_ms, hours.tz, language)
        visit = visit.also(visit.prompt(node.prompt, opens=opens))
    return visit, node.closed


def by_caller(visit: Visit, node: CallerNode) -> str:
    """The node that follows for this caller."""
    caller = visit.caller
    is_so = {
        "known": caller.known,
        "important": caller.importance >= node.least_minutes,
        "recent": caller.recent,
        "due_callback": caller.callback_ms > 0,
        "open_case": caller.case_ms > 0,
    }
    return node.yes if is_so[node.is_] else node.no
