"""/IncomingPhoneNumbers and /Applications: where the webhooks of incoming calls are set."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.messages import is_number
from simulator.names import rfc2822
from simulator.numbers import Endpoint
from simulator.params import API_VERSION
from simulator.rest.door import BASE, Form, RestFailure, form, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network

URL_FIELDS = "VoiceUrl VoiceFallbackUrl StatusCallback SmsUrl SmsFallbackUrl SmsStatusCallback MessageStatusCallback"
METHOD_FIELDS = "VoiceMethod VoiceFallbackMethod StatusCallbackMethod SmsMethod SmsFallbackMethod"
PLAIN_FIELDS = "VoiceApplicationSid TrunkSid SmsApplicationSid VoiceCallerIdLookup VoiceReceiveMode"
FIELDS = (
    f"{URL_FIELDS} {METHOD_FIELDS} {PLAIN_FIELDS} FriendlyName ApiVersion PhoneNumber AreaCode "
    "PublicApplicationConnectEnabled"
)


def routes(net: "Network") -> Blueprint:
    """The routes of /IncomingPhoneNumbers and /Applications."""
    door = Blueprint("numbers", __name__)

    @door.get("/IncomingPhoneNumbers.json")
    def numbers(account: str) -> Response:
        wanted = request.args.get("PhoneNumber") or ""
        found = [(line, end) for line, end in net.directory.numbers.items() if wanted in line]
        path, key = "IncomingPhoneNumbers", "incoming_phone_numbers"
        return page(net, path, key, found, lambda pair: shown_number(net, *pair))

    @door.post("/IncomingPhoneNumbers.json")
    def buy(account: str) -> Response:
        asked = form(net, FIELDS)
        line = asked.required("PhoneNumber", 21211)
        if not is_number(line):
            raise RestFailure(21211, line)
        number = net.number(line)
        _set(net, number, asked)
        return json_answer(shown_number(net, line, number), 201)

    @door.get("/IncomingPhoneNumbers/<sid>.json")
    def number(account: str, sid: str) -> Response:
        return json_answer(shown_number(net, *_number(net, sid)))

    @door.post("/IncomingPhoneNumbers/<sid>.json")
    def change_number(account: str, sid: str) -> Response:
        line, number = _number(net, sid)
        _set(net, number, form(net, FIELDS))
        return json_answer(shown_number(net, line, number))

    @door.delete("/IncomingPhoneNumbers/<sid>.json")
    def give_back(account: str, sid: str) -> Response:
        del net.directory.numbers[_number(net, sid)[0]]
        return Response(status=204)

    _applications(net, door)
    return door


def _applications(net: "Network", door: Blueprint) -> None:
    @door.get("/Applications.json")
    def applications(account: str) -> Response:
        wanted = request.args.get("FriendlyName")
        found = [one for one in net.directory.applications.values() if wanted in (None, "", one.name)]
        return page(net, "Applications", "applications", found, lambda one: shown_application(net, one))

    @door.post("/Applications.json")
    def create(account: str) -> Response:
        application = net.application()
        _set(net, application, form(net, FIELDS))
        return json_answer(shown_application(net, application), 201)

    @door.get("/Applications/<sid>.json")
    def application(account: str, sid: str) -> Response:
        return json_answer(shown_application(net, _application(net, sid)))

    @door.post("/Applications/<sid>.json")
    def change(account: str, sid: str) -> Response:
        application = _application(net, sid)
        _set(net, application, form(net, FIELDS))
        return json_answer(shown_application(net, application))

    @door.delete("/Applications/<sid>.json")
    def remove(account: str, sid: str) -> Response:
        del net.directory.applications[_application(net, sid).sid]
        return Response(status=204)


def _number(net: "Network", sid: str) -> tuple[str, Endpoint]:
    for line, number in net.directory.numbers.items():
        if number.sid == sid:
            return line, number
    raise RestFailure(20404, f"{BASE}/{net.account_sid}/IncomingPhoneNumbers/{sid}.json")


def _application(net: "Network", sid: str) -> Endpoint:
    if sid not in net.directory.applications:
        raise RestFailure(20404, f"{BASE}/{net.account_sid}/Applications/{sid}.json")
    return net.directory.applications[sid]


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _set(net: "Network", endpoint: Endpoint, asked: Form) -> None:
    """Take over the fields that were sent; an empty URL unsets one."""
    new = {_snake(name): asked.url(name) for name in URL_FIELDS.split() if asked.has(name)}
    new |= {_snake(name): asked.choice(name, "GET POST", "POST") for name in METHOD_FIELDS.split() if asked.has(name)}
    new |= {_snake(name): asked.get(name) for name in PLAIN_FIELDS.split() if asked.has(name)}
    endpoint.urls |= new
    endpoint.name = asked.get("FriendlyName") or endpoint.name
    endpoint.updated_ms = net.now_ms


def _shared(net: "Network", endpoint: Endpoint) -> dict[str, Any]:
    urls = endpoint.urls
    shared: dict[str, Any] = {
        "sid": endpoint.sid,
        "account_sid": net.account_sid,
        "api_version": API_VERSION,
        "friendly_name": endpoint.name,
        "date_created": rfc2822(endpoint.created_ms),
        "date_updated": rfc2822(endpoint.updated_ms),
        "voice_caller_id_lookup": urls.get("voice_caller_id_lookup", "").lower() == "true",
    }
    shared |= {name: urls.get(name, "") for name in ("voice_url", "voice_fallback_url", "status_callback")}
    shared |= {name: urls.get(name, "") for name in ("sms_url", "sms_fallback_url")}
    shared |= {name: urls.get(name) or "POST" for name in map(_snake, METHOD_FIELDS.split())}
    return shared


def shown_number(net: "Network", line: str, number: Endpoint) -> dict[str, Any]:
    """A number as Twilio shows it."""
    return _shared(net, number) | {
        "phone_number": line,
        "address_sid": None,
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "identity_sid": None,
        "origin": "twilio",
        "sms_application_sid": number.urls.get("sms_application_sid") or None,
        "trunk_sid": number.urls.get("trunk_sid") or None,
        "voice_receive_mode": number.urls.get("voice_receive_mode") or "voice",
        "voice_application_sid": number.urls.get("voice_application_sid") or None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": None,
        "uri": f"{BASE}/{net.account_sid}/IncomingPhoneNumbers/{number.sid}.json",
    }


def shown_application(net: "Network", application: Endpoint) -> dict[str, Any]:
    """An application as Twilio shows it."""
    return _shared(net, application) | {
        "message_status_callback": application.urls.get("message_status_callback", ""),
        "sms_status_callback": application.urls.get("sms_status_callback", ""),
        "public_application_connect_enabled": False,
        "uri": f"{BASE}/{net.account_sid}/Applications/{application.sid}.json",
    }
