"""`/desk`: an agent's page, and what it may ask for. Every wish is answered with the desk as it is after it."""

from typing import Any

from flask import Blueprint, abort, render_template
from sqlalchemy.exc import SQLAlchemyError
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from consoles import api_wishes as wishes
from consoles import asked, phrases, ring_sound, room, snapshot
from consoles.refusals import Refusal, stale
from consoles.signin import who
from queues import agent_moves

blueprint = Blueprint("desk", __name__, url_prefix="/desk")
TOKEN_S = 3600
TODAY_AT_MOST = 20
DECLINE_REASONS = {
    "not_ready": "I am not ready",
    "cannot_help": "I cannot help with this",
    "phone_trouble": "My phone has trouble",
    "other": "Something else",
}


class Offered(wishes.Decline):
    """Which offer is declined."""

    offer: int


class HangUp(wishes.Asked):
    """Which call ends."""

    call: str


@blueprint.before_request
def check_agent() -> None:
    """Only agents have a desk, and only their own."""
    if who().agent not in room.center().plan.agents:
        abort(403, "This sign-in has no desk: it is not an agent of the center file.")


@blueprint.get("")
def page() -> str:
    """What do I do now?"""
    center, agent = room.center(), who().agent
    settings, plan = center.settings, center.plan
    given = {
        "frame": snapshot.desk(center, agent),
        "browser": plan.agents[agent].on_browser,
        "softphone": "simulator" if settings.simulated else "twilio",
        "network": settings.simulator_url,
        "ring": ring_sound.sound(plan.agent_country(agent)),
        "reasons": [{"id": name, "title": row.title} for name, row in plan.reasons.items()],
        "dispositions": [{"id": name, "title": title} for name, title in plan.dispositions.items()],
        "break_reasons": plan.break_reasons,
        "decline_reasons": [{"reason": name, "title": title} for name, title in DECLINE_REASONS.items()],
    }
    return render_template("desk.html", given=given, live=True)


@blueprint.get("/frame")
def frame() -> Any:
    """The desk now, for a page whose live updates stopped."""
    return snapshot.desk(room.center(), who().agent)


@blueprint.post("/status")
def choose_status() -> Any:
    """Available, on a break, or offline."""
    wish = asked.body(wishes.StatusWish)
    try:
        agent_moves.choose_status(room.center(), who().agent, wish.status, wish.reason or "")
    except ValueError as error:
        raise Refusal(422, "invalid", str(error)) from None
    return frame()


@blueprint.post("/device")
def device_seen() -> Any:
    """The page's phone is registered; said every 10 s."""
    agent_moves.device_seen(room.center(), who().agent)
    return frame()


@blueprint.post("/device/gone")
def device_gone() -> Any:
    """The page is closing."""
    agent_moves.device_gone(room.center(), who().agent)
    return frame()


@blueprint.post("/token")
def token() -> Any:
    """An access token for the page's phone, as this agent's line, for one hour."""
    settings, plan = room.center().settings, room.center().plan.agents[who().agent]
    secret = settings.twilio_api_secret.get_secret_value()
    if not plan.on_browser:
        raise Refusal(409, "plain_phone", "This agent answers on a plain phone; the page needs none.")
    if not (settings.twilio_api_key and secret):
        raise Refusal(503, "no_api_key", "The page's phone needs TWILIO_API_KEY and TWILIO_API_SECRET.")
    identity = plan.line.removeprefix("client:")
    access = AccessToken(settings.twilio_account_sid, settings.twilio_api_key, secret, identity=identity, ttl=TOKEN_S)
    access.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=settings.twilio_twiml_app_sid or None))
    return {"token": access.to_jwt(), "identity": identity}


@blueprint.post("/decline")
def decline() -> Any:
    """Not me, not now."""
    wish = asked.body(Offered)
    if not agent_moves.decline(room.center(), who().agent, wish.offer, wish.reason):
        raise stale()
    return frame()


@blueprint.post("/hang-up")
def hang_up() -> Any:
    """End the talk."""
    if not agent_moves.hang_up(room.center(), who().agent, asked.body(HangUp).call):
        raise stale()
    return frame()


@blueprint.post("/wrap-up")
def wrap_up() -> Any:
    """The four fields."""
    wish = asked.body(wishes.WrapUp)
    center, reason = room.center(), wish.reason or ""
    try:
        done = agent_moves.wrap_up(center, who().agent, wish.call, wish.disposition, reason, wish.facts)
    except ValueError as error:
        raise Refusal(422, "invalid", str(error)) from None
    if not done:
        raise stale()
    return frame()


@blueprint.post("/more-time")
def more_time() -> Any:
    """Another minute of wrap-up, once."""
    if not agent_moves.more_time(room.center(), who().agent):
        raise Refusal(409, "stale", "More time was taken already, or this wrap-up is over.")
    return frame()


@blueprint.get("/today")
def today() -> Any:
    """This agent's calls since midnight, newest first, each with its own clock."""
    center = room.center()
    since_ms = phrases.day_began_ms(center.now_ms(), center.plan.zone)
    try:
        rows = center.history.calls(limit=TODAY_AT_MOST, agent=who().agent)
        calls = [center.history.call(row["call"], center.now_ms()) for row in rows if row["began_ms"] >= since_ms]
    except SQLAlchemyError:
        raise Refusal(503, "away", "Today's calls cannot be read just now.") from None
    return {"calls": [_today(call) for call in calls if call]}


def _today(call: dict[str, Any]) -> dict[str, Any]:
    plan = room.center().plan
    own = [row for row in call["targets"] if row["target"] == "agent_answers"]
    names = ("target", "from_ms", "limit_ms", "ring_ms", "to_ms")
    talked = call["ended_ms"] - call["answered_ms"] if call["ended_ms"] and call["answered_ms"] else None
    return {
        "call": call["call"],
        "time": phrases.clock_time(call["answered_ms"] or call["began_ms"], plan.zone),
        "who": phrases.caller_name(call["caller_name"] or "", call["caller"] or ""),
        "queue_title": plan.queues[call["queue"]].title if call["queue"] in plan.queues else "",
        "reason": plan.reasons[call["reason"]].title if call["reason"] in plan.reasons else "",
        "talk_ms": talked,
        # The last offer of an answered call is the one this agent took.
        "answers": {name: own[-1][name] for name in names} if own else None,
    }
