"""/Queues and their Members: look at who is parked, take a chosen one out."""

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from simulator.legs import Target
from simulator.names import rfc2822
from simulator.queues import LARGEST_SIZE, LONGEST_NAME, USUAL_SIZE, Member, Queue
from simulator.rest.door import BASE, Form, RestFailure, form, json_answer, page

if TYPE_CHECKING:
    from simulator.network import Network


def routes(net: "Network") -> Blueprint:
    """The routes of /Queues."""
    door = Blueprint("queues", __name__)

    @door.post("/Queues.json")
    def create(account: str) -> Response:
        asked = form(net, "FriendlyName MaxSize")
        queue = net.queues.create(_name(net, asked), asked.number("MaxSize", 0, LARGEST_SIZE, USUAL_SIZE))
        return json_answer(shown(net, queue), 201)

    @door.get("/Queues.json")
    def index(account: str) -> Response:
        return page(net, "Queues", "queues", net.queues.by_sid.values(), lambda queue: shown(net, queue))

    @door.get("/Queues/<sid>.json")
    def read(account: str, sid: str) -> Response:
        return json_answer(shown(net, find(net, sid)))

    @door.post("/Queues/<sid>.json")
    def update(account: str, sid: str) -> Response:
        queue, asked = find(net, sid), form(net, "FriendlyName MaxSize")
        if asked.has("FriendlyName") and asked.get("FriendlyName") != queue.name:
            queue.name = _name(net, asked)
        queue.max_size = asked.number("MaxSize", 0, LARGEST_SIZE, queue.max_size)
        queue.updated_ms = net.now_ms
        return json_answer(shown(net, queue))

    @door.delete("/Queues/<sid>.json")
    def remove(account: str, sid: str) -> Response:
        if find(net, sid).members:
            raise RestFailure(22002)
        del net.queues.by_sid[sid]
        return Response(status=204)

    _members(net, door)
    return door


def _members(net: "Network", door: Blueprint) -> None:
    @door.get("/Queues/<sid>/Members.json")
    def members(account: str, sid: str) -> Response:
        queue = find(net, sid)
        return page(
            net, f"Queues/{sid}/Members", "queue_members", queue.members, lambda one: shown_member(net, queue, one)
        )

    @door.get("/Queues/<sid>/Members/<call>.json")
    def member(account: str, sid: str, call: str) -> Response:
        queue = find(net, sid)
        return json_answer(shown_member(net, queue, find_member(net, queue, call)))

    @door.post("/Queues/<sid>/Members/<call>.json")
    def dequeue(account: str, sid: str, call: str) -> Response:
        queue, asked = find(net, sid), form(net, "Url Method")
        asked.required("Url", 21205)
        one = find_member(net, queue, call)
        answer = json_answer(shown_member(net, queue, one))
        net.exchange.redirect(one.leg, Target(asked.url("Url"), asked.method("Method")))
        return answer


def _name(net: "Network", asked: Form) -> str:
    name = asked.required("FriendlyName", 22001)
    if len(name) > LONGEST_NAME:
        raise RestFailure(22001, f"FriendlyName is longer than {LONGEST_NAME} characters")
    if net.queues.named(name):
        raise RestFailure(net.faults.duplicate_queue_code, name)
    return name


def find(net: "Network", sid: str) -> Queue:
    """The queue of that SID. Raises RestFailure 20404."""
    queue = net.queues.by_sid.get(sid)
    if queue is None:
        raise RestFailure(20404, f"{BASE}/{net.account_sid}/Queues/{sid}.json")
    return queue


def find_member(net: "Network", queue: Queue, call: str) -> Member:
    """The member by CallSid or `Front`. One that is gone is 20404 or 21220, as the switch says."""
    member = queue.of_leg(call)
    if member is None:
        known = call in net.exchange.legs
        raise RestFailure(net.faults.gone_member_code if known else 20404, f"Members/{call}")
    return member


def shown(net: "Network", queue: Queue) -> dict[str, Any]:
    """A queue as Twilio shows it."""
    return {
        "sid": queue.sid,
        "account_sid": net.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.members),
        "average_wait_time": queue.average_wait_s(net.now_ms),
        "max_size": queue.max_size,
        "date_created": rfc2822(queue.created_ms),
        "date_updated": rfc2822(queue.updated_ms),
        "uri": f"{BASE}/{net.account_sid}/Queues/{queue.sid}.json",
    }


def shown_member(net: "Network", queue: Queue, member: Member) -> dict[str, Any]:
    """A member as Twilio shows it; wait_time in seconds."""
    return {
        "call_sid": member.leg.sid,
        "queue_sid": queue.sid,
        "position": queue.position(member),
        "wait_time": (net.now_ms - member.since_ms) // 1000,
        "date_enqueued": rfc2822(member.since_ms),
        "uri": f"{BASE}/{net.account_sid}/Queues/{queue.sid}/Members/{member.leg.sid}.json",
    }
