"""The webhook URLs that a leg is sent to later, as text. Pure: the doors answer at these paths.

Ids in them are opaque and carry no authority: what they say is checked against the live state. All are ASCII without
reserved characters, because Twilio signs the raw text of a URL.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from queues.records import Call

# A webhook that fails is tried again by Twilio, which by default it would be only once and only when refused. Every one
# may come twice without harm. The fragment is for Twilio alone: it is neither sent nor signed.
RETRIED = "#rc=3&rp=ct,rt,5xx"


def agent_answered(base: str, offer: int) -> str:
    """The document of an agent's leg."""
    return f"{base}/voice/agent/answered?offer={offer}{RETRIED}"


def agent_key(base: str, offer: int) -> str:
    """Where an agent's pressed key goes."""
    return f"{base}/voice/agent/key?offer={offer}{RETRIED}"


def agent_status(base: str, offer: int) -> str:
    """Where the progress of an agent's leg goes."""
    return f"{base}/voice/agent/status?offer={offer}{RETRIED}"


def agent_after(base: str, offer: int) -> str:
    """Where an agent's leg goes when the conference is over."""
    return f"{base}/voice/agent/after?offer={offer}{RETRIED}"


def conference_status(base: str, call: str) -> str:
    """Where the conference of a call reports; the same for every leg, because the first one's counts."""
    return f"{base}/voice/conference?call={call}{RETRIED}"


def caller_join(base: str, offer: int, call: Call) -> str:
    """The document that takes a waiting caller into the conference, or back to the same place if we forgot it."""
    return f"{base}/voice/join?{urlencode({'offer': offer} | memory(call))}{RETRIED}"


def memory(call: Call) -> dict[str, str]:
    """What the URLs of a waiting caller remember, so that Redis may forget."""
    return {
        "q": call.queue,
        "l": call.language,
        "at": str(call.enqueued_ms),
        "pos": str(call.position_ms),
        "got": str(call.received_ms),
    } | ({"c": call.call} if call.leg else {})


def also(call: Call) -> str:
    """A leg that we dialled is not named like its call, so its addresses say which call it is."""
    return f"&c={call.call}" if call.leg else ""


def callback(base: str, step: str, call: Call) -> str:
    """`answered`, `key` or `status` of the leg on which a caller is called back, for this offer."""
    return f"{base}/voice/callback/{step}?c={call.call}&offer={call.offer}{RETRIED}"


def callback_wish(base: str, step: str, query: Mapping[str, str]) -> str:
    """Where a callback is asked for in the menu: the first question is the empty step."""
    return f"{base}/voice/callback{step}?{urlencode(query)}{RETRIED}"


def caller_after(base: str, call: str = "") -> str:
    """Where the caller's leg goes when the conference is over; `call` where the leg was dialled for one."""
    return f"{base}/voice/after{f'?c={call}' if call else ''}{RETRIED}"


def menu(base: str, query: Mapping[str, str]) -> str:
    """Where the next key or word of the menu goes. A place is told in names, dots and digits: nothing needs quoting."""
    return f"{base}/voice/menu?{'&'.join([f'{name}={text}' for name, text in query.items()])}{RETRIED}"


def waiting(base: str, path: str, query: dict[str, str]) -> str:
    """A door of the caller's leg, such as `wait`, `key` or `left`. The query remembers what Redis may forget."""
    return f"{base}/voice/{path}?{urlencode(query)}{RETRIED}"


def forward_answered(base: str, call: str = "") -> str:
    """Where it is told that another number answered a caller; `call` where the leg was dialled for one."""
    return f"{base}/voice/forward-answered{f'?c={call}' if call else ''}{RETRIED}"


def conference_name(call: str) -> str:
    """The conference of a call: no personal data, one per call."""
    return f"call-{call}"


def call_of_conference(name: str) -> str:
    """The call whose conference this is; empty for any other."""
    return name.removeprefix("call-") if name.startswith("call-CA") else ""


def room_name(agent: str) -> str:
    """The room in which an agent's standing line stands for the shift."""
    return f"room-{agent}"


def agent_of_room(name: str) -> str:
    """The agent whose room this is; empty for any other conference."""
    return name.removeprefix("room-") if name.startswith("room-") else ""


def room_status(base: str, agent: str) -> str:
    """Where an agent's room reports."""
    return f"{base}/voice/room/status?agent={agent}{RETRIED}"


def agent_menu(base: str, step: str, tries: int) -> str:
    """Where an agent's key goes who called in to say their status: `pin` or `choice`."""
    return f"{base}/voice/room/{step}?tries={tries}{RETRIED}"
