"""Agents who call in: from a plain phone to say their status, or to stand by on the line for the shift.

A standing line waits in the agent's own room; offers ring on the desk, and accepting one only moves the caller. The
number alone proves nothing, so a plain phone needs the agent's pin.
"""

import hmac
from collections.abc import Mapping

from flask import Blueprint, Response, request

from center import Center
from ivr import twiml, wording
from queues import addresses, agent_life, agent_moves, endings
from webhooks.guard import center, guarded, xml

MOST_TRIES = 3
CHOICES = {"1": ("available", ""), "2": ("break", ""), "3": ("offline", "")}
STAND_BY = "4"

door = guarded(Blueprint("room", __name__, url_prefix="/voice/room"))


@door.post("/pin")
def pin() -> Response:
    """The pin that was keyed in; three wrong ones end the call."""
    here = center()
    agent, tries = caller_is_agent(here, request.form), _tries()
    if not agent:
        return xml(twiml.hang_up())
    plan = here.plan.agents[agent]
    if hmac.compare_digest(request.form.get("Digits", "").encode(), plan.pin.encode()):
        return xml(_ask(here, agent, "choice", "agent_choice", 0))
    if tries + 1 >= MOST_TRIES:
        return xml(twiml.say_and_hang_up(wording.say("agent_wrong_pin", plan.language), plan.language))
    return xml(_ask(here, agent, "pin", "agent_wrong_pin", tries + 1))


@door.post("/choice")
def choice() -> Response:
    """1 available, 2 break, 3 done for today, 4 stay on the line."""
    here = center()
    agent, key = caller_is_agent(here, request.form), request.form.get("Digits", "")
    if not agent:
        return xml(twiml.hang_up())
    language = here.plan.agents[agent].language
    if key == STAND_BY:
        return xml(_stand_by(here, agent))
    if key in CHOICES:
        status, reason = CHOICES[key]
        agent_moves.choose_status(here, agent, status, reason)
        return xml(twiml.say_and_hang_up(wording.say(f"agent_is_{status}", language), language))
    if _tries() + 1 >= MOST_TRIES:
        return xml(twiml.hang_up())
    return xml(_ask(here, agent, "choice", "agent_choice", _tries() + 1))


@door.post("/status")
def status() -> Response:
    """An agent's room. Their own leg leaving it is the end of the standing line."""
    if request.form.get("StatusCallbackEvent") == "participant-leave":
        here, name = center(), request.args.get("agent", "")
        left = name not in here.plan.agents and name in here.live.strangers()
        endings.line_gone(here, request.form.get("CallSid", ""), name if left else "")
    return Response(status=204)


@door.post("/after")
def after() -> Response:
    """The room is closed."""
    return xml(twiml.hang_up())


def caller_is_agent(here: Center, form: Mapping[str, str]) -> str:
    """The agent whose own line this leg comes from, if they may call in; else empty."""
    agent = here.plan.lines.get(form.get("From", ""), "")
    if not agent:
        return ""
    plan = here.plan.agents[agent]
    return agent if plan.on_browser or plan.pin else ""


def welcome(here: Center, agent: str) -> str:
    """A browser was signed in already and stands by; a plain phone is asked for the pin."""
    if here.plan.agents[agent].on_browser:
        return _stand_by(here, agent)
    return _ask(here, agent, "pin", "agent_pin", 0)


def _stand_by(here: Center, agent: str) -> str:
    leg, now_ms, base = request.form["CallSid"], here.now_ms(), here.settings.base_url
    here.live.settle(lambda: agent_life.line_up(here.live.agent(agent), leg, now_ms), now_ms)
    status = addresses.room_status(base, agent)
    return twiml.conference(addresses.room_name(agent), "agent", f"{base}/voice/room/after", status, end_on_exit=True)


def _ask(here: Center, agent: str, step: str, sentence: str, tries: int) -> str:
    plan = here.plan.agents[agent]
    digits = len(plan.pin) if step == "pin" else 1
    action = addresses.agent_menu(here.settings.base_url, step, tries)
    return twiml.ask_keys(wording.say(sentence, plan.language), plan.language, action, digits)


def _tries() -> int:
    text = request.args.get("tries", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else MOST_TRIES
