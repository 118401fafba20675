"""What the events of one call add up to: the call, its legs and its offers. Pure.

Told anew by the recorder whenever an event of the call arrives. The story is a function of the *set* of events, so a
late or reordered one gives the same story as one in time: moments are taken from `at_ms`, and states from which
events exist, not from which came last.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from queues.records import Event

LEG_ORDER = {"initiated": 0, "queued": 0, "ringing": 1, "in-progress": 2}
LEG_IS_OVER = 3
# Outcomes after which an agent has something to wrap up.
TALKED = frozenset({"answered", "called_back"})


@dataclass(frozen=True)
class LegStory:
    """One phone connection of the call; `at_ms` is when its status became what it is."""

    call: str
    leg: str
    role: str
    agent: str
    offer: int
    status: str
    at_ms: int
    started_ms: int
    answered_ms: int
    ended_ms: int


@dataclass(frozen=True)
class OfferStory:
    """One call rung to one agent: `connected_ms` their leg was in progress, `answered_ms` they took the call."""

    call: str
    offer: int
    agent: str
    outcome: str
    why: str
    rule: str
    needs: str
    idle: int
    waiting: int
    offered_ms: int
    ringing_ms: int
    connected_ms: int
    answered_ms: int
    ended_ms: int
    limit_ms: int
    ring_ms: int
    estimated: bool


@dataclass(frozen=True)
class CallStory:
    """One caller's visit so far. Empty text and 0 mean that it has not happened."""

    call: str
    status: str
    outcome: str
    ended_by: str
    queue: str
    language: str
    caller: str
    called: str
    caller_name: str
    country: str
    needs: str
    agent: str
    disposition: str
    reason: str
    note: str
    solved: str
    began_ms: int
    received_ms: int
    greeted_ms: int
    enqueued_ms: int
    answered_ms: int
    joined_ms: int
    ended_ms: int
    wrapped_ms: int
    ring_ms: int
    callback: str = ""
    promised_ms: int = 0
    promised_to_ms: int = 0
    flow: str = ""
    case_id: str = ""
    left_line_ms: int = 0
    case_opened_ms: int = 0
    case_resolved_ms: int = 0
    surveyed_ms: int = 0
    satisfied: int = 0
    solved_said: str = ""
    comment: str = ""


@dataclass(frozen=True)
class EstimateStory:
    """What the caller was told of the wait at `at_ms`, from which state, and what came of it.

    `to_ms` is when a person answered (`outcome` answered), or the caller was gone or promised a callback; 0 before.
    """

    call: str
    at_ms: int
    queue: str
    method: str
    news: str
    lo_ms: int
    hi_ms: int
    mean_ms: int
    ahead: int
    agents: int
    handle_ms: int
    patience_ms: int
    to_ms: int
    outcome: str


@dataclass(frozen=True)
class Story:
    """A call with its legs in the order they began, its offers by their numbers, and its estimates in order."""

    call: CallStory
    legs: tuple[LegStory, ...]
    offers: tuple[OfferStory, ...]
    estimates: tuple[EstimateStory, ...]


def tell(events: Sequence[Event]) -> Story:
    """The story of one call from all its events (at least one), in the order of `at_ms` and then of the stream."""
    legs = tuple(_legs(events))
    offers = tuple(_offers(events))
    call = _call(events, offers)
    estimates = {event.at_ms: _estimate(event, call) for event in events if event.name == "estimated"}
    return Story(call, legs, offers, tuple(estimates.values()))


def _call(events: Sequence[Event], offers: Sequence[OfferStory]) -> CallStory:
    received, ended, wrapped = (_first(events, name) for name in ("received", "ended", "wrapped"))
    answered = _answer_that_counts(events)
    enqueued_ms = _enqueued_ms(events)
    promised, left_line = _first(events, "callback_promised"), _first(events, "left_line")
    case = _first(events, "case_opened")
    return CallStory(
        call=events[0].call,
        status=_status(ended, wrapped, answered, offers, 0 if left_line else enqueued_ms),
        outcome=_outcome(events, ended),
        ended_by=_fact(ended, "by"),
        queue=_latest_fact(events, "queue", ("enqueued", "restored")),
        language=_latest_fact(events, "language", ("enqueued", "restored", "language")),
        caller=_fact(received, "caller") or _latest_fact(events, "caller", ("language", "restored")),
        called=_fact(received, "called"),
        caller_name=_fact(received, "caller_name"),
        country=_fact(received, "country"),
        needs=_latest_fact(events, "needs", ("enqueued", "restored")),
        agent=answered.agent if answered else wrapped.agent if wrapped else "",
        disposition=_fact(wrapped, "disposition"),
        reason=_fact(wrapped, "reason"),
        note=_fact(wrapped, "note"),
        solved=_fact(wrapped, "solved"),
        began_ms=events[0].at_ms,
        received_ms=_at(received),
        greeted_ms=_at(_first(events, "greeted")),
        enqueued_ms=enqueued_ms,
        answered_ms=_at(answered),
        joined_ms=_at(_first(events, "joined")),
        ended_ms=_at(ended),
        wrapped_ms=_at(wrapped),
        ring_ms=_whole(received, "ring_ms"),
        callback=_fact(promised, "callback"),
        promised_ms=_at(promised),
        promised_to_ms=_promised_to_ms(events),
        flow=_fact(_first(events, "greeted"), "flow"),
        case_id=_fact(case, "case"),
        left_line_ms=_at(left_line),
        case_opened_ms=_at(case),
        case_resolved_ms=_at(_first(events, "case_resolved")),
        surveyed_ms=_at(_first(events, "survey_asked")),
        satisfied=int(_said(events, "satisfied") or 0),
        solved_said=_said(events, "solved"),
        comment=_said(events, "comment"),
    )


def _outcome(events: Sequence[Event], ended: Event | None) -> str:
    """How it ended. Who left the line and was back in it within minutes had gone on in another call.

    The end of a leg may be told before the message that was left on it.
    """
    outcome = _fact(ended, "outcome")
    if outcome in ("abandoned", "left_in_menu") and _fact(_first(events, "case_opened"), "kind") == "voicemail":
        return "voicemail"
    if outcome == "answered" and _first(events, "callback_promised"):
        return "called_back"
    return "moved_on" if outcome == "abandoned" and _first(events, "came_back") else outcome


def _said(events: Sequence[Event], question: str) -> str:
    """What the caller answered first; a webhook that comes twice is no second answer."""
    answers = (event for event in events if event.name == "survey_answer" and _fact(event, "question") == question)
    return _fact(next(answers, None), "answer")


def _promised_to_ms(events: Sequence[Event]) -> int:
    """The end of the window in which we said that we would phone; a later one counts if it was said in time."""
    to_ms = 0
    for event in events:
        if event.name in ("callback_promised", "callback_moved") and (not to_ms or event.at_ms <= to_ms):
            to_ms = _whole(event, "to_ms")
    return to_ms


def _status(
    ended: Event | None,
    wrapped: Event | None,
    answered: Event | None,
    offers: Sequence[OfferStory],
    enqueued_ms: int,
) -> str:
    if ended or wrapped:
        return "wrap_up" if not wrapped and _fact(ended, "outcome") in TALKED else "ended"
    if answered:
        return "talking"
    if any(not offer.outcome for offer in offers):
        return "offered"
    return "waiting" if enqueued_ms else "menu"


def _answer_that_counts(events: Sequence[Event]) -> Event | None:
    """The first answer after which the caller was not sent back to wait: an agent lost before the caller joined."""
    last_requeue = max((at for at, event in enumerate(events) if event.name == "requeued"), default=-1)
    return _first(events[last_requeue + 1 :], "answered")


def _enqueued_ms(events: Sequence[Event]) -> int:
    """When the wait began. A place rebuilt after a loss of live state brings its first moment along."""
    moments = [event.at_ms for event in events if event.name == "enqueued"]
    moments += [_whole(event, "enqueued_ms") or event.at_ms for event in events if event.name == "restored"]
    return min(moments, default=0)


def _legs(events: Sequence[Event]) -> list[LegStory]:
    told = [event for event in events if event.name == "leg" and _fact(event, "leg")]
    told.sort(key=lambda event: _fact(event, "leg"))
    stories = [_leg(list(group)) for _, group in groupby(told, key=lambda event: _fact(event, "leg"))]
    return sorted(stories, key=lambda leg: (leg.started_ms, leg.leg))


def _leg(told: list[Event]) -> LegStory:
    """One leg. Its status only moves forward: a `ringing` that arrives after `completed` is old news."""
    furthest = max(_leg_rank(event) for event in told)
    now = next(event for event in told if _leg_rank(event) == furthest)
    return LegStory(
        call=now.call,
        leg=_fact(now, "leg"),
        role=_any_fact(told, "role"),
        agent=next((event.agent for event in told if event.agent), ""),
        offer=next((event.offer for event in told if event.offer), 0),
        status=_fact(now, "status"),
        at_ms=now.at_ms,
        started_ms=told[0].at_ms,
        answered_ms=_at(next((event for event in told if _fact(event, "status") == "in-progress"), None)),
        ended_ms=now.at_ms if furthest == LEG_IS_OVER else 0,
    )


def _leg_rank(event: Event) -> int:
    return LEG_ORDER.get(_fact(event, "status"), LEG_IS_OVER)


def _offers(events: Sequence[Event]) -> list[OfferStory]:
    numbers = sorted({event.offer for event in events if event.offer})
    return [_offer([event for event in events if event.offer == number]) for number in numbers]


def _offer(told: list[Event]) -> OfferStory:
    offered, ringing, over, answered = (_first(told, name) for name in ("offered", "ringing", "offer_end", "answered"))
    taken = answered or (over if _fact(over, "outcome") == "accepted" else None)
    begun_ms = _at(ringing) or _at(offered)
    connected = (event for event in told if _is_connected(event) and event.at_ms >= begun_ms)
    return OfferStory(
        call=told[0].call,
        offer=told[0].offer,
        agent=next((event.agent for event in told if event.agent), ""),
        outcome=_fact(over, "outcome") or ("accepted" if answered else ""),
        why=_fact(over, "why"),
        rule=_fact(offered, "rule"),
        needs=_fact(offered, "needs"),
        idle=_whole(offered, "idle"),
        waiting=_whole(offered, "waiting"),
        offered_ms=_at(offered),
        ringing_ms=_at(ringing),
        connected_ms=_at(next(connected, None)),
        answered_ms=_at(taken),
        ended_ms=_at(over) or _at(answered),
        limit_ms=_whole(ringing, "limit_ms"),
        ring_ms=_whole(ringing, "ring_ms"),
        estimated=bool(_fact(ringing, "estimated")),
    )


def _estimate(event: Event, call: CallStory) -> EstimateStory:
    # Who hung up to be called back has left the wait that was estimated.
    over = {"callback": call.promised_ms, "answered": call.answered_ms, call.outcome: call.ended_ms}
    outcome, reached_ms = next((row for row in over.items() if row[1]), ("", 0))
    return EstimateStory(
        call=event.call,
        at_ms=event.at_ms,
        queue=call.queue,
        method=_fact(event, "method"),
        news=_fact(event, "news"),
        lo_ms=_whole(event, "lo_ms"),
        hi_ms=_whole(event, "hi_ms"),
        mean_ms=_whole(event, "mean_ms"),
        ahead=_whole(event, "ahead"),
        agents=_whole(event, "agents"),
        handle_ms=_whole(event, "handle_ms"),
        patience_ms=_whole(event, "patience_ms"),
        to_ms=max(reached_ms, event.at_ms) if reached_ms else 0,
        outcome=outcome,
    )


def _is_connected(event: Event) -> bool:
    return event.name == "picked_up" or (event.name == "leg" and _fact(event, "status") == "in-progress")


def _first(events: Iterable[Event], name: str) -> Event | None:
    return next((event for event in events if event.name == name), None)


def _at(event: Event | None) -> int:
    return event.at_ms if event else 0


def _fact(event: Event | None, name: str) -> str:
    return str(event.facts.get(name, "")) if event else ""


def _whole(event: Event | None, name: str) -> int:
    return int(event.facts.get(name, 0)) if event else 0


def _any_fact(events: Iterable[Event], name: str) -> str:
    return next((_fact(event, name) for event in events if _fact(event, name)), "")


def _latest_fact(events: Sequence[Event], name: str, sources: tuple[str, ...]) -> str:
    return _any_fact((event for event in reversed(events) if event.name in sources), name)
