"""The phone in the browser (/phone): a page of handsets for callers, and for anyone else whose number is dialled.

One session serves the whole page. The page is static; what it needs to know comes with its session. Only this page may
use these routes: they check that a request is JSON, which another site's page cannot send here.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request, send_from_directory

from simulator.browser_phones import LONGEST_SPEECH, Refused, body, keys_of, outcome, refuse_in_words, stream
from simulator.sessions import NUMBER, WITHHELD, Sessions

if TYPE_CHECKING:
    from simulator.network import Network

Json = dict[str, Any]
Answer = tuple[Json, int]
MOST_LINES = 12
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def phone_door(net: "Network", sessions: Sessions) -> Blueprint:
    """The routes of /phone."""
    door = Blueprint("phone", __name__, static_folder="static", static_url_path="/static")
    refuse_in_words(door)

    @door.before_request
    def only_json() -> None:
        if request.method == "POST" and not request.is_json:
            raise Refused("send JSON, and say so")

    @door.after_request
    def protect(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    @door.get("")
    def page() -> Response:
        return send_from_directory(str(door.static_folder), "phone.html")

    _session(net, sessions, door)
    _call(sessions, door)
    return door


def _session(net: "Network", sessions: Sessions, door: Blueprint) -> None:
    """What the page as a whole does."""

    @door.post("/sessions")
    def open_session() -> Answer:
        key = sessions.open(set()).key
        return {"session": key, "numbers": list(net.directory.numbers), "service": _service(net)}, 201

    @door.get("/events")
    def events() -> Response:
        return stream(sessions)

    @door.post("/lines")
    def hold_lines() -> Json:
        wish = body()
        session, lines = sessions.find(wish.get("session")), wish.get("lines")
        if not isinstance(lines, list) or len(lines) > MOST_LINES or not all(_is_number(line) for line in lines):
            raise Refused(f"lines: up to {MOST_LINES} numbers such as +14155550123")
        sessions.hold(session, set(lines))
        return {"lines": lines}

    @door.post("/leave")
    def leave() -> Json:
        sessions.close(sessions.find(body().get("session")))
        return {"done": True}


def _call(sessions: Sessions, door: Blueprint) -> None:
    """What is done with one handset."""

    @door.post("/calls")
    def call() -> Answer:
        wish = body()
        session, from_, to = sessions.find(wish.get("session")), wish.get("from"), wish.get("to")
        if not _is_number(from_) and from_ != WITHHELD:
            raise Refused(f"from: a number such as +14155550123, or {WITHHELD}")
        return {"leg": sessions.call(session, str(from_), str(to or "")).sid}, 201

    @door.post("/legs/<leg>/<any(answer,decline,hangup):deed>")
    def act(leg: str, deed: str) -> Answer:
        session = sessions.find(body().get("session"))
        deeds = {"answer": sessions.answer, "decline": sessions.decline, "hangup": sessions.hang_up}
        return outcome(deeds[deed](session, leg))

    @door.post("/legs/<leg>/press")
    def press(leg: str) -> Answer:
        wish = body()
        return outcome(sessions.press(sessions.find(wish.get("session")), leg, keys_of(wish, "keys")))

    @door.post("/legs/<leg>/say")
    def say(leg: str) -> Answer:
        wish = body()
        text = str(wish.get("text", "")).strip()
        if not 0 < len(text) <= LONGEST_SPEECH:
            raise Refused(f"text: what is said, up to {LONGEST_SPEECH} characters")
        return outcome(sessions.say(sessions.find(wish.get("session")), leg, text))


def _is_number(line: object) -> bool:
    return isinstance(line, str) and NUMBER.fullmatch(line) is not None


def _service(net: "Network") -> str:
    """Where the service that is called has its pages: the origin of the first number's document."""
    url = next((number.urls.get("voice_url", "") for number in net.directory.numbers.values()), "")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
