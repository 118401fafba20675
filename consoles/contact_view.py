"""How `/reports/contacts` tells whether it was solved at the first call: sentence, picture and rows. Pure."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cases.first_contact import CONTENT, WINDOW_MS, Figures, Finding
from consoles import phrases
from consoles.report_view import between, counted, percent, share
from queues.days import Span, day_at
from queues.plan import Plan
from queues.shares import Share

# Unless asked for others: four weeks of which every contact has had its seven days.
DAYS = 28

STATES = {
    "held": "Solved at the first call",
    "again": "Had to call again",
    "said_no": "The caller says no",
    "young": "The seven days are not over",
    "unsolved": "Noted as not solved",
    "unknown": "Cannot be followed: no number or no reason",
}
# The calls behind each number, and how their list is headed.
WHICH: dict[str, tuple[str, Callable[[Finding], bool]]] = {
    "": ("All who talked to an agent", lambda one: True),
    "matured": ("Noted as solved, seven days ago or more", lambda one: one.state in ("held", "again", "said_no")),
    "held": ("Solved at the first call", lambda one: one.state == "held"),
    "again": ("Noted as solved, and called again for the same reason", lambda one: one.state == "again"),
    "said_no": ("Noted as solved, and the caller says no", lambda one: one.state == "said_no"),
    "young": ("Noted as solved, less than seven days ago", lambda one: one.state == "young"),
    "unsolved": ("Noted as not solved", lambda one: one.state == "unsolved"),
    "unknown": ("Noted as solved, and cannot be followed", lambda one: one.state == "unknown"),
    "said": ("Callers who said whether it was solved", lambda one: bool(one.contact.solved_said)),
    "said_yes": ("Callers who said that it was solved", lambda one: one.contact.solved_said == "yes"),
    "marked": ("Callers who gave a mark", lambda one: bool(one.contact.satisfied)),
    "content": ("Callers who gave a 4 or a 5", lambda one: one.contact.satisfied in CONTENT),
}


def usual_days(now_ms: int, zone: str) -> Span:
    """Days that are all far enough back."""
    last = day_at(now_ms - WINDOW_MS, zone) - timedelta(days=1)
    return Span(last - timedelta(days=DAYS - 1), last)


def sentence(total: Figures) -> str:
    """The answer to the page's question."""
    held = total.held
    if held.ratio is None:
        said = (
            "None of the calls noted as solved has had its seven days yet."
            if total.young
            else "No call of these days that can be followed was noted as solved."
        )
    else:
        calls = counted(held.of, "call", "calls")
        said = f"{percent(held.ratio)} of {calls} noted as solved held for seven days ({between(held.low, held.high)})."
    if total.said.ratio is None:
        return f"{said} No caller was asked."
    asked = f"{counted(total.said.of, 'caller', 'callers')} asked"
    interval = between(total.said.low, total.said.high)
    return f"{said} Of {asked}, {percent(total.said.ratio)} say that it was solved ({interval})."


def row(plan: Plan, found: Figures) -> dict[str, Any]:
    """One row of the table and of the picture."""
    shares = {"held": found.held, "said": found.said, "content": found.content}
    return {
        "found": found,
        "title": _reason(plan, found.reason) if found.reason else "All reasons",
        "shares": {name: _share(one) for name, one in shares.items()},
    }


def told(plan: Plan, found: Finding, zone: str) -> dict[str, Any]:
    """One contact in the list behind a number."""
    one = found.contact
    return {
        "call": one.call,
        "again": found.again,
        "when": f"{phrases.day(one.began_ms, zone)}, {phrases.clock_time(one.began_ms, zone)}",
        "who": phrases.caller_name(one.caller_name, one.caller),
        "reason": _reason(plan, one.reason) if one.reason else "none noted",
        "agent": plan.agents[one.agent].name if one.agent in plan.agents else one.agent,
        "noted": plan.dispositions.get(one.disposition, one.disposition) or "nothing noted",
        "solved": {"yes": "solved", "no": "not solved"}.get(one.solved, ""),
        "said": {"yes": "solved", "no": "not solved"}.get(one.solved_said, ""),
        "satisfied": one.satisfied or "",
        "state": STATES[found.state],
        "verdict": {"held": "kept", "again": "broken", "said_no": "broken"}.get(found.state, "calm"),
    }


def _reason(plan: Plan, reason: str) -> str:
    return plan.reasons[reason].title if reason in plan.reasons else reason


def _share(found: Share) -> dict[str, Any]:
    return {"x": None} | share(found)
