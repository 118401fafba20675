"""/Messages: texts sent."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request

from simulator.messages import Message, is_number
from simulator.names import rfc2822, rfc2822_or_none
from simulator.params import API_VERSION
from simulator.rest.door import BASE, RestFailure, form, in_span, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network

LONGEST_BODY = 1600
FIELDS = (
    "To From MessagingServiceSid Body StatusCallback ApplicationSid MaxPrice ProvideFeedback Attempt "
    "ValidityPeriod ForceDelivery ContentRetention AddressRetention SmartEncoded TrafficType RiskCheck"
)


def routes(net: "Network") -> Blueprint:
    """The routes of /Messages."""
    door = Blueprint("messages", __name__)

    @door.post("/Messages.json")
    def create(account: str) -> Response:
        asked = form(net, FIELDS)
        to, from_ = asked.required("To", 21604), asked.get("From")
        service = asked.get("MessagingServiceSid")
        if not is_number(to):
            raise RestFailure(21211, to)
        if not from_ and not service:
            raise RestFailure(21603)
        if from_ and from_ not in net.directory.numbers:
            raise RestFailure(21210, from_)
        body = asked.required("Body", 21602)
        if len(body) > LONGEST_BODY:
            raise RestFailure(21617)
        message = net.messages.send(from_ or None, to, body, service or None, asked.url("StatusCallback"))
        return json_answer(shown(net, message), 201)

    @door.get("/Messages.json")
    def index(account: str) -> Response:
        found = [one for one in reversed(net.messages.by_sid.values()) if _asked_for(one)]
        return page(net, "Messages", "messages", found, lambda one: shown(net, one))

    @door.get("/Messages/<sid>.json")
    def read(account: str, sid: str) -> Response:
        if sid not in net.messages.by_sid:
            raise RestFailure(20404, f"{BASE}/{net.account_sid}/Messages/{sid}.json")
        return json_answer(shown(net, net.messages.by_sid[sid]))

    return door


def _asked_for(message: Message) -> bool:
    same = request.args.get("To") in (None, "", message.to) and request.args.get("From") in (None, "", message.from_)
    return same and in_span(message.sent_ms, "DateSent")


def shown(net: "Network", message: Message) -> dict[str, Any]:
    """A message as Twilio shows it."""
    uri = f"{BASE}/{net.account_sid}/Messages/{message.sid}"
    failed = message.status == "undelivered"
    return {
        "sid": message.sid,
        "account_sid": net.account_sid,
        "messaging_service_sid": message.service_sid,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "num_segments": str(message.segments),
        "num_media": "0",
        "direction": "outbound-api",
        "status": message.status,
        "date_created": rfc2822(message.created_ms),
        "date_updated": rfc2822(message.updated_ms),
        "date_sent": rfc2822_or_none(message.sent_ms),
        "price": None,
        "price_unit": "USD",
        "error_code": 30003 if failed else None,
        "error_message": "Unreachable destination handset" if failed else None,
        "api_version": API_VERSION,
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
