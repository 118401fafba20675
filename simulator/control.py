"""The control interface (JSON over HTTP, /control): script people, place calls, switch faults, see what is going on.

It belongs to the simulated network, not to Twilio's protocol, and is for tests, `bin/call` and demonstrations; it
answers to nobody but this machine. Wrong input is refused with 422 and a sentence.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from simulator.conferences import Conference
from simulator.legs import Leg
from simulator.people import ScriptError

if TYPE_CHECKING:
    from simulator.network import Network

Json = dict[str, Any]


class Refused(Exception):
    """The request cannot be understood; the text says why, in plain words."""


def control(net: "Network") -> Blueprint:
    """The routes of /control."""
    door = Blueprint("control", __name__)

    @door.errorhandler(Refused)
    @door.errorhandler(ScriptError)
    @door.errorhandler(ValueError)
    def refuse(wrong: Exception) -> tuple[Json, int]:
        name = "bad_script" if isinstance(wrong, ScriptError) else "bad_request"
        return {"error": name, "message": str(wrong)}, 422

    @door.errorhandler(LookupError)
    def missing(wrong: LookupError) -> tuple[Json, int]:
        return {"error": "not_found", "message": str(wrong)}, 404

    _people(net, door)
    _calls(net, door)
    _acts(net, door)
    _settings(net, door)
    return door


def _people(net: "Network", door: Blueprint) -> None:
    @door.put("/people/<path:line>")
    def put_person(line: str) -> Json:
        body = _body()
        net.person(line, _script(body), str(body.get("country", "")))
        return {"line": line, "script": body["script"]}

    @door.delete("/people/<path:line>")
    def forget_person(line: str) -> Json:
        if net.people.pop(line, None) is None:
            raise LookupError(f"nobody is scripted at {line}")
        return {"line": line}

    @door.get("/people")
    def people() -> Json:
        return {"people": [_person(net, line) for line in net.people]}


def _person(net: "Network", line: str) -> Json:
    script = net.people[line]
    return {
        "line": line,
        "picks_up": script.pickup.what if script.pickup else "",
        "steps": [str(step) for step in script.steps],
        "country": net.country_of(line),
    }


def _calls(net: "Network", door: Blueprint) -> None:
    @door.post("/calls")
    def place() -> tuple[Json, int]:
        body = _body()
        from_, to = str(body.get("from", "")), body.get("to") or next(iter(net.directory.numbers), "")
        params = body.get("params", {})
        if not isinstance(params, dict):
            raise Refused("params is an object of names and texts")
        leg = net.place_call(from_, str(to), _script(body, "wait"), {str(k): str(v) for k, v in params.items()})
        return {"call": leg.sid}, 201

    @door.get("/calls")
    def calls() -> Json:
        return {"calls": [leg.as_json() for leg in net.exchange.legs.values() if leg.inbound]}

    @door.get("/calls/<sid>")
    def call(sid: str) -> Json:
        return net.leg(sid).as_json()

    @door.get("/legs")
    def legs() -> Json:
        line, live = request.args.get("line"), request.args.get("live") == "true"
        found = (leg for leg in net.exchange.legs.values() if (not live or not leg.ended) and line in (None, leg.line))
        return {"legs": [leg.as_json() for leg in found]}

    @door.get("/legs/<sid>")
    def one_leg(sid: str) -> Json:
        return net.leg(sid).as_json()


def _acts(net: "Network", door: Blueprint) -> None:
    """What a person does with the phone in hand."""

    def act(sid: str, deed: Callable[[str], bool]) -> tuple[Json, int]:
        done = deed(sid)
        leg = net.leg(sid)
        return {"done": done, "status": leg.status}, 200 if done else 409

    @door.post("/legs/<sid>/<any(answer,decline,hang_up):deed>")
    def simple(sid: str, deed: str) -> tuple[Json, int]:
        return act(sid, {"answer": net.answer, "decline": net.decline, "hang_up": net.hang_up}[deed])

    @door.post("/legs/<sid>/press")
    def press(sid: str) -> tuple[Json, int]:
        keys = str(_body().get("keys", ""))
        if not keys or not set(keys) <= set("0123456789*#"):
            raise Refused("keys: one or more of 0-9 * #")
        return act(sid, lambda leg: net.press(leg, keys))

    @door.post("/legs/<sid>/say")
    def say(sid: str) -> tuple[Json, int]:
        text = str(_body().get("text", ""))
        if not text:
            raise Refused("text: what is said")
        return act(sid, lambda leg: net.say(leg, text))


def _settings(net: "Network", door: Blueprint) -> None:
    @door.put("/faults")
    def put_faults() -> Json:
        net.faults.change(_body())
        return net.faults.as_json()

    @door.get("/faults")
    def faults() -> Json:
        return net.faults.as_json()

    @door.post("/numbers")
    def number() -> tuple[Json, int]:
        body = {name: str(value) for name, value in _body().items()}
        line = body.pop("number", "")
        unknown = set(body) - {"voice_url", "fallback_url", "status_callback"}
        if not line.startswith("+") or unknown:
            raise Refused("number (E.164) is needed; voice_url, fallback_url and status_callback may be given")
        endpoint = net.number(line, **body)
        return {"number": line, "sid": endpoint.sid}, 201

    @door.get("/state")
    def state() -> Json:
        return _state(net)

    @door.get("/deliveries")
    def deliveries() -> Json:
        return {"deliveries": [vars(sent) for sent in net.deliveries[-500:]]}


def _state(net: "Network") -> Json:
    return {
        "now_ms": net.now_ms,
        "next_due_ms": net.next_due_ms(),
        "numbers": {line: number.urls for line, number in net.directory.numbers.items()},
        "applications": {sid: one.urls for sid, one in net.directory.applications.items()},
        "legs": [_brief(leg) for leg in net.exchange.legs.values() if not leg.ended],
        "queues": [
            {"queue": q.name, "sid": q.sid, "calls": [m.leg.sid for m in q.members]} for q in net.queues.by_sid.values()
        ],
        "conferences": [_room(room) for room in net.conferences.by_sid.values() if room.status != "completed"],
        "warnings": net.warnings[-100:],
    }


def _brief(leg: Leg) -> Json:
    return {"call": leg.sid, "line": leg.line, "direction": leg.direction, "status": leg.status, "talking": leg.talking}


def _room(room: Conference) -> Json:
    present = room.present()
    return {
        "conference": room.sid,
        "name": room.name,
        "status": room.status,
        "participants": [
            {
                "call": one.leg.sid,
                "label": one.entry.label,
                "muted": one.entry.muted,
                "hold": one.hold,
                "hears": [other.leg.sid for other in present if room.hears(one, other)],
            }
            for one in present
        ],
    }


def _body() -> Json:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused("a JSON object is needed")
    return body


def _script(body: Json, default: str | None = None) -> str | list[Any]:
    script = body.get("script", default)
    if not isinstance(script, str | list):
        raise Refused("script: a sentence or a list of steps is needed")
    return script
