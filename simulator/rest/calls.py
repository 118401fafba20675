"""/Calls: legs created, read, redirected, canceled and ended."""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.callbacks import Sink
from simulator.detection import detect
from simulator.legs import ENDED, Leg, Target
from simulator.messages import is_number
from simulator.names import rfc2822, rfc2822_or_none
from simulator.params import API_VERSION
from simulator.rest.door import BASE, Form, RestFailure, form, in_span, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network

LONGEST_TWIML = 4000
EVENTS = ("initiated", "ringing", "answered", "completed")
RECORDING_EVENTS = ("in-progress", "completed", "absent")
AMD_FIELDS = (
    "MachineDetection MachineDetectionTimeout MachineDetectionSpeechThreshold MachineDetectionSpeechEndThreshold "
    "MachineDetectionSilenceTimeout"
)
CREATE_FIELDS = (
    "To From Method FallbackUrl FallbackMethod StatusCallback StatusCallbackEvent StatusCallbackMethod SendDigits "
    "Timeout Record RecordingChannels RecordingStatusCallback RecordingStatusCallbackMethod "
    "RecordingStatusCallbackEvent RecordingTrack Trim CallerId CallReason CallToken TimeLimit Url Twiml "
    "ApplicationSid AsyncAmd AsyncAmdStatusCallback AsyncAmdStatusCallbackMethod Byoc ClientNotificationUrl "
    f"SipAuthUsername SipAuthPassword {AMD_FIELDS}"
)
UPDATE_FIELDS = "Url Method Status FallbackUrl FallbackMethod StatusCallback StatusCallbackMethod Twiml TimeLimit"
PARTS = (
    "notifications recordings payments events siprec streams transcriptions user_defined_message_subscriptions "
    "user_defined_messages"
)


def routes(net: "Network") -> Blueprint:
    """The routes of /Calls."""
    door = Blueprint("calls", __name__)

    @door.post("/Calls.json")
    def create(account: str) -> Response:
        leg = create_leg(net, form(net, CREATE_FIELDS))
        return json_answer(shown(net, leg), 201)

    @door.get("/Calls.json")
    def index(account: str) -> Response:
        legs = [leg for leg in reversed(net.exchange.legs.values()) if _asked_for(leg)]
        return page(net, "Calls", "calls", legs, lambda leg: shown(net, leg))

    @door.get("/Calls/<sid>.json")
    def read(account: str, sid: str) -> Response:
        return json_answer(shown(net, find(net, sid)))

    @door.post("/Calls/<sid>.json")
    def update(account: str, sid: str) -> Response:
        leg = find(net, sid)
        update_leg(net, leg, form(net, UPDATE_FIELDS))
        return json_answer(shown(net, leg))

    @door.delete("/Calls/<sid>.json")
    def remove(account: str, sid: str) -> Response:
        leg = find(net, sid)
        if not leg.ended:
            raise RestFailure(20001, "the call is still going on")
        del net.exchange.legs[sid]
        return Response(status=204)

    return door


def find(net: "Network", sid: str) -> Leg:
    """The leg of that SID. Raises RestFailure 20404."""
    leg = net.exchange.legs.get(sid)
    if leg is None:
        raise RestFailure(20404, f"{BASE}/{net.account_sid}/Calls/{sid}.json")
    return leg


@dataclass(frozen=True)
class Wish:
    """What a created leg asks for, read and checked before anything happens."""

    target: Target
    fallback: Target | None
    sink: Sink | None
    timeout_ms: int
    limit_ms: int
    channels: int
    recording_sink: Sink | None
    digits: str
    detection: str
    detection_callback: str

    @classmethod
    def of(cls, net: "Network", asked: Form) -> "Wish":
        """Read the form. Raises RestFailure."""
        target = document(net, asked)
        if target is None:
            raise RestFailure(21205, "one of Url, Twiml and ApplicationSid is needed")
        channels = {"mono": 1, "dual": 2}[asked.choice("RecordingChannels", "mono dual", "mono")]
        return cls(
            target=target,
            fallback=_fallback(asked),
            sink=asked.sink("StatusCallback", EVENTS),
            timeout_ms=asked.number("Timeout", 1, 600, 60) * 1000,
            limit_ms=asked.number("TimeLimit", 1, 86_400, 14_400) * 1000,
            channels=channels if asked.flag("Record") else 0,
            recording_sink=asked.sink("RecordingStatusCallback", RECORDING_EVENTS),
            digits=asked.get("SendDigits"),
            detection=asked.choice("MachineDetection", "Enable DetectMessageEnd"),
            detection_callback=asked.url("AsyncAmdStatusCallback") if asked.flag("AsyncAmd") else "",
        )


def create_leg(net: "Network", asked: Form) -> Leg:
    """A leg as `POST Calls.json` asks for it, waiting for its turn to dial. Raises RestFailure."""
    to, from_ = asked.required("To", 21201), asked.required("From", 21213)
    check_line(net, to, from_)
    wish = Wish.of(net, asked)
    leg = net.exchange.add(asked.get("CallerId") or from_, to, "outbound-api", net.script_of(to))
    owned = net.directory.numbers.get(from_)
    leg.number_sid = owned.sid if owned else ""
    leg.sink, leg.fallback = wish.sink, wish.fallback
    leg.on_answered = lambda answered: _begin(net, answered, wish)
    extra_ms = net.faults.timeout_extra_ms if net.faults.calls_timeout_extra else 0
    net.exchange.dial_created(leg, wish.timeout_ms + extra_ms)
    return leg


def check_line(net: "Network", to: str, from_: str) -> None:
    """Refuse a called line that is none, and a caller id that the account does not own."""
    if not (is_number(to) or re.fullmatch(r"(client|sip):.+", to)):
        raise RestFailure(21211, to)
    owned = from_ in net.directory.numbers or from_.startswith(("client:", "sip:"))
    if not owned and not to.startswith("client:"):
        raise RestFailure(21210, from_)


def _begin(net: "Network", leg: Leg, wish: Wish) -> None:
    """The leg was answered: limit its time, record it, send digits, find out who answered, run its document."""
    net.clock.after(wish.limit_ms, lambda: net.exchange.end(leg, "completed"))
    if wish.channels:
        net.recordings.start("OutboundAPI", leg, channels=wish.channels, sink=wish.recording_sink)
    if wish.digits:
        net.note(leg, "key", wish.digits)

    def begin(found: dict[str, str]) -> None:
        net.exchange.run(leg, replace(wish.target, extra=found))

    if wish.detection:
        detect(net, leg, wish.detection, wish.detection_callback, begin)
    else:
        begin({})


def document(net: "Network", asked: Form) -> Target | None:
    """What the leg is to run: Url before Twiml before ApplicationSid; None when nothing is given."""
    if url := asked.url("Url"):
        return Target(url, asked.method("Method"))
    if twiml := asked.get("Twiml"):
        if len(twiml) > LONGEST_TWIML:
            raise RestFailure(32018)
        return Target(inline=twiml.encode())
    if sid := asked.get("ApplicationSid"):
        application = net.directory.applications.get(sid)
        target = application.voice() if application else None
        if target is None:
            raise RestFailure(21218, sid)
        return target
    return None


def _fallback(asked: Form) -> Target | None:
    url = asked.url("FallbackUrl")
    return Target(url, asked.method("FallbackMethod")) if url else None


def update_leg(net: "Network", leg: Leg, asked: Form) -> None:
    """Redirect a leg in progress, cancel one that is not answered yet, end any. Raises RestFailure 21220."""
    status = asked.choice("Status", "canceled completed")
    target = document(net, asked)
    if leg.ended or (target and not status and leg.status not in ("in-progress",) and not leg.inbound):
        raise RestFailure(21220)
    leg.sink = asked.sink("StatusCallback", EVENTS) or leg.sink
    if asked.has("TimeLimit"):
        limit_ms = asked.number("TimeLimit", 1, 86_400, 14_400) * 1000
        net.clock.at((leg.answered_ms or net.now_ms) + limit_ms, lambda: net.exchange.end(leg, "completed"))
    if status == "completed":
        net.exchange.hang_up(leg)
    elif status == "canceled":
        if leg.status in ("queued", "initiated", "ringing"):
            net.exchange.end(leg, "canceled", 487)
    elif target:
        leg.fallback = _fallback(asked) or leg.fallback
        net.exchange.redirect(leg, target)


def _asked_for(leg: Leg) -> bool:
    wanted = {"To": leg.to, "From": leg.from_, "ParentCallSid": leg.parent_sid, "Status": public_status(leg)}
    same = all(request.args.get(name) in (None, "", value) for name, value in wanted.items())
    return same and in_span(leg.dialled_ms, "StartTime") and in_span(leg.ended_ms, "EndTime")


def public_status(leg: Leg) -> str:
    """`initiated` exists in callbacks only."""
    return "queued" if leg.status == "initiated" else leg.status


def shown(net: "Network", leg: Leg) -> dict[str, Any]:
    """A leg as Twilio's `call`: every key is there, null when empty."""
    uri = f"{BASE}/{net.account_sid}/Calls/{leg.sid}"
    minutes = -(-leg.duration_s // 60)
    return {
        "sid": leg.sid,
        "date_created": rfc2822(leg.created_ms),
        "date_updated": rfc2822(leg.updated_ms),
        "parent_call_sid": leg.parent_sid or None,
        "account_sid": net.account_sid,
        "to": leg.to,
        "to_formatted": leg.to,
        "from": leg.from_,
        "from_formatted": leg.from_,
        "phone_number_sid": leg.number_sid or None,
        "status": public_status(leg),
        "start_time": rfc2822_or_none(leg.dialled_ms),
        "end_time": rfc2822_or_none(leg.ended_ms),
        "duration": str(leg.duration_s) if leg.status in ENDED else None,
        "price": f"-{minutes * 0.013:.5f}" if minutes else None,
        "price_unit": "USD",
        "direction": leg.direction,
        "answered_by": leg.answered_by or None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(leg.queue_time_ms),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {part: f"{uri}/{part.title().replace('_', '')}.json" for part in PARTS.split()},
    }
