"""`/api/v1`: the same center for programs, behind a bearer token. Input is checked, every answer has its shape."""

import hmac
from collections.abc import Callable
from typing import Any

from flask import Blueprint, request
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from consoles import api_shapes as shapes
from consoles import api_wishes as wishes
from consoles import asked, lookups, room, snapshot, why_view
from consoles.openapi import Operation, describe
from consoles.refusals import Refusal, stale, unknown
from queues import agent_moves
from queues.records import Agent

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
OPERATIONS: list[Operation] = []


def route(operation: Operation) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Serve an operation: check what was asked, call the function with it, answer in the operation's shape."""
    OPERATIONS.append(operation)

    def register(serve: Callable[..., Any]) -> Callable[..., Any]:
        def view(**names: Any) -> dict[str, Any]:
            if operation.body:
                names["body"] = asked.body(operation.body)
            if operation.query:
                names["query"] = asked.query(operation.query)
            shape: BaseModel = operation.answer.model_validate(serve(**names))
            return shape.model_dump(mode="json")

        blueprint.add_url_rule(operation.path, serve.__name__, view, methods=[operation.method])
        return serve

    return register


# -- who may ask, and how failures are told --------------------------------------------------------------------------


@blueprint.before_request
def check_token() -> Any:
    """Nothing but the description is answered without the token."""
    if request.endpoint == "api.description":
        return None
    token = room.center().settings.api_token.get_secret_value()
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return None
    words = "Send the header `Authorization: Bearer …` with API_TOKEN." if token else "API_TOKEN is not set here."
    return Refusal(401, "unauthorized", words).answer


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Any:
    """4xx in the one shape of errors."""
    return refusal.answer


@blueprint.errorhandler(RedisError)
@blueprint.errorhandler(SQLAlchemyError)
def away(_error: Exception) -> Any:
    """503 while the live state or the record cannot be reached."""
    return Refusal(503, "away", "The state cannot be read just now. Nothing was changed; try again soon.").answer


@blueprint.get("/openapi.json")
def description() -> Any:
    """The description of all this."""
    return describe(OPERATIONS, room.center().settings.base_url)


# -- agents ----------------------------------------------------------------------------------------------------------


@route(Operation("GET", "/agents", "Every agent, with skills, status and activity", shapes.AgentList))
def agents() -> Any:
    """In the center file's order."""
    return {"agents": [_agent(agent) for agent in room.center().live.agents()]}


STATUS = "/agents/<agent>/status"


@route(Operation("GET", STATUS, "What an agent chose to be", shapes.StatusShape, errors=(401, 404)))
def agent_status(agent: str) -> Any:
    """Status, reason, and the activity that the system sees."""
    return _status(room.center().live.agent(_known(agent)))


@route(Operation("PUT", STATUS, "Choose for an agent", shapes.StatusShape, wishes.StatusWish, errors=(401, 404, 422)))
def choose_status(agent: str, body: wishes.StatusWish) -> Any:
    """Takes effect at once, or after the call they are in."""
    try:
        return _status(agent_moves.choose_status(room.center(), _known(agent), body.status, body.reason or ""))
    except ValueError as error:
        raise Refusal(422, "invalid", str(error)) from None


OFFER = "/agents/<agent>/offers/<int:offer>"
LATE = (401, 404, 409, 422)


@route(Operation("POST", f"{OFFER}/accept", "Take a ringing call", shapes.OfferEnd, wishes.Nothing, errors=LATE))
def accept(agent: str, offer: int, body: wishes.Nothing) -> Any:
    """For standing lines; whoever is rung on a phone answers there (409 `answer_on_the_phone`)."""
    outcome = agent_moves.accept(room.center(), _known(agent), offer)
    if outcome == "answer_on_the_phone":
        raise Refusal(409, outcome, "This line is a phone: answer it there, and press 1 when it asks.")
    if outcome != "accepted":
        raise stale()
    return {"offer": offer, "outcome": "accepted"}


@route(Operation("POST", f"{OFFER}/decline", "Not me, not now", shapes.OfferEnd, wishes.Decline, errors=LATE))
def decline(agent: str, offer: int, body: wishes.Decline) -> Any:
    """The caller keeps the place and rings elsewhere."""
    if not agent_moves.decline(room.center(), _known(agent), offer, body.reason):
        raise stale()
    return {"offer": offer, "outcome": "declined"}


@route(Operation("POST", "/agents/<agent>/wrap-up", "Finish a call", shapes.WrapUpShape, wishes.WrapUp, errors=LATE))
def wrap_up(agent: str, body: wishes.WrapUp) -> Any:
    """The call is complete and the agent free."""
    reason = body.reason or ""
    try:
        done = agent_moves.wrap_up(room.center(), _known(agent), body.call, body.disposition, reason, body.facts)
    except ValueError as error:
        raise Refusal(422, "invalid", str(error)) from None
    if not done:
        raise stale()
    return {"call": body.call, "status": "ended", "disposition": body.disposition, "reason": body.reason}


# -- queues, floor, calls --------------------------------------------------------------------------------------------


@route(Operation("GET", "/queues", "Every queue: who waits, who could take it", shapes.QueueList))
def queues() -> Any:
    """In the center file's order."""
    floor = snapshot.floor(room.center())
    return {"queues": [_queue(row, floor["now_ms"]) for row in floor["queues"]]}


@route(Operation("GET", "/floor", "All agents and all waiting callers now", shapes.FloorShape))
def floor() -> Any:
    """What the wall shows, numbers masked."""
    return snapshot.floor(room.center())


@route(Operation("GET", "/calls", "Calls, newest first", shapes.CallList, query=wishes.CallFilter, errors=(401, 422)))
def calls(query: wishes.CallFilter) -> Any:
    """From the record; pages by `before_ms`."""
    return {"calls": room.center().history.calls(**query.model_dump())}


@route(Operation("GET", "/calls/<call>", "One call with all its evidence", shapes.CallShape, errors=(401, 404)))
def call(call: str) -> Any:
    """By the CallSid of any of its legs."""
    found = lookups.call(room.center(), call)
    if found is None:
        raise unknown("call", call)
    return found


@route(Operation("GET", "/calls/<call>/why", "Why this call went to whom it went", shapes.CallWhy, errors=(401, 404)))
def call_why(call: str) -> Any:
    """Each decision with everybody who was weighed, as it was stored then; and why the call waits now."""
    found = why_view.of_call(room.center(), call)
    if found is None:
        raise unknown("call", call)
    return found


@route(Operation("GET", "/agents/<agent>/why", "Why am I not getting calls?", shapes.AgentWhy, errors=(401, 404)))
def agent_why(agent: str) -> Any:
    """In plain words, the most telling first."""
    return why_view.of_agent(room.center(), _known(agent))


# -- shapes ----------------------------------------------------------------------------------------------------------


def _known(agent: str) -> str:
    if agent not in room.center().plan.agents:
        raise unknown("agent", agent)
    return agent


def _agent(agent: Agent) -> dict[str, Any]:
    plan = room.center().plan.agents[agent.agent]
    known = {"id": agent.agent, "name": plan.name, "skills": plan.skills, "line": plan.line}
    busy = {"call": agent.call or None, "offer": agent.offer or None, "since_ms": agent.since_ms or None}
    return known | _status(agent) | busy


def _status(agent: Agent) -> dict[str, Any]:
    return {"status": agent.status, "reason": agent.reason or None, "activity": agent.activity}


def _queue(row: dict[str, Any], now_ms: int) -> dict[str, Any]:
    longest = row["longest"]
    return {
        **{name: row[name] for name in ("queue", "title", "waiting", "agents")},
        "needs": room.center().plan.queues[row["queue"]].needs,
        "longest_wait_ms": now_ms - longest["from_ms"] if longest else None,
    }
