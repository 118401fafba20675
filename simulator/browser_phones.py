"""The door for softphones in a browser (/client): register with an access token, hear of rings, answer, talk, hang up.

It stands for the signalling of Twilio's Voice SDK, over plain HTTP and server-sent events; pages of any origin may use
it, for the token says who they are. Refusals are `{"error", "message"}`, for a token with Twilio's `code` beside them.
"""

import select
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.sessions import Session, Sessions
from simulator.tokens import TokenRefused, read_token

if TYPE_CHECKING:
    from simulator.network import Network

Json = dict[str, Any]
Answer = tuple[Json, int]
KEYS = frozenset("0123456789*#")
LONGEST_SPEECH = 500


class Refused(Exception):
    """The request cannot be understood; the text says why, in plain words."""


def client_door(net: "Network", sessions: Sessions) -> Blueprint:
    """The routes of /client."""
    door = Blueprint("client", __name__)
    refuse_in_words(door)

    @door.after_request
    def allow_every_origin(answer: Response) -> Response:
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
        answer.headers["Access-Control-Max-Age"] = "600"
        return answer

    @door.errorhandler(TokenRefused)
    def refuse_token(wrong: TokenRefused) -> tuple[Json, int]:
        return {"error": "bad_token", "message": str(wrong), "code": wrong.code}, 401

    @door.post("/register")
    def register() -> Json:
        token = str(body().get("token", ""))
        allowed = read_token(token, net.account_sid, net.api_key, net.api_secret, net.now_ms)
        lines = {f"client:{allowed.identity}"} if allowed.incoming else set()
        session = sessions.open(lines, allowed.identity, allowed.application_sid)
        return {"identity": allowed.identity, "session": session.key}

    @door.post("/unregister")
    def unregister() -> Json:
        sessions.close(sessions.find(body().get("session")))
        return {"done": True}

    @door.get("/events")
    def events() -> Response:
        return stream(sessions)

    @door.post("/connect")
    def connect() -> Answer:
        wish = body()
        session, params = sessions.find(wish.get("session")), wish.get("params", {})
        if not isinstance(params, dict):
            raise Refused("params is an object of names and texts")
        if session.application_sid not in net.directory.applications:
            raise Refused("the token grants no outgoing calls through an application of this account")
        texts = {str(name): str(value) for name, value in params.items()}
        leg = sessions.call(session, f"client:{session.identity}", texts.get("To", ""), texts)
        return {"leg": leg.sid}, 201

    @door.post("/legs/<leg>/<any(answer,decline,hangup):deed>")
    def act(leg: str, deed: str) -> Answer:
        session = sessions.find(body().get("session"))
        deeds = {"answer": sessions.answer, "decline": sessions.decline, "hangup": sessions.hang_up}
        return outcome(deeds[deed](session, leg))

    @door.post("/legs/<leg>/press")
    def press(leg: str) -> Answer:
        wish = body()
        return outcome(sessions.press(sessions.find(wish.get("session")), leg, keys_of(wish, "digits")))

    return door


def refuse_in_words(door: Blueprint) -> None:
    """Answer wrong input with 422 and what is unknown with 404, in a sentence."""

    @door.errorhandler(Refused)
    @door.errorhandler(ValueError)
    def refuse(wrong: Exception) -> Answer:
        return {"error": "bad_request", "message": str(wrong)}, 422

    @door.errorhandler(LookupError)
    def missing(wrong: LookupError) -> Answer:
        return {"error": "not_found", "message": str(wrong)}, 404


def body() -> Json:
    """The JSON object of a request, whatever its content type: a closing page can only send plain text."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise Refused("a JSON object is needed")
    return given


def outcome(done: bool) -> Answer:
    """200, or 409 when the call was not (any more) in the state for it."""
    if done:
        return {"done": True}, 200
    return {"error": "stale", "message": "too late: the call is not in that state any more"}, 409


def keys_of(wish: Json, name: str) -> str:
    """The keys of a request. Raises Refused for anything that is on no telephone."""
    keys = str(wish.get(name, ""))
    if not keys or len(keys) > 40 or not set(keys) <= KEYS:
        raise Refused(f"{name}: one to 40 of 0-9 * #")
    return keys


def stream(sessions: Sessions) -> Response:
    """The event stream of `?session=`, from the event after `Last-Event-ID` on."""
    session: Session = sessions.find(request.args.get("session"))
    last = request.headers.get("Last-Event-ID", "")
    after = int(last) if last.isascii() and last.isdigit() else 0
    frames = sessions.read(session, after, reader_gone(request.environ.get("werkzeug.socket")))
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return Response(frames, mimetype="text/event-stream", headers=headers)


def reader_gone(connection: socket.socket | None) -> Callable[[], bool]:
    """Tells whether the reader closed its side: known at once, where a write would succeed for a while."""

    def look() -> bool:
        if connection is None:
            return False
        try:
            readable, _, _ = select.select([connection], [], [], 0)
            return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    return look
