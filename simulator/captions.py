"""What the network tells its listeners, turned into what a person with a phone in hand sees and hears.

Events of a page, all with `leg` and `at_ms`: `ringing`, `answered`, `caption` (words, when they begin: `who` is voice,
you or other), `sound` (play, music, beep, ring), `key`, `listening` (which input counts now), `talk` (a person at the
other end, or no longer), `ended` (with a plain reason).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.endings import ending
from simulator.legs import Leg

if TYPE_CHECKING:
    from simulator.network import Network
    from simulator.sessions import Sessions

News = dict[str, Any]


class Captions:
    """Listens to the network on behalf of the sessions; always called within a turn of the network."""

    def __init__(self, net: "Network", sessions: "Sessions") -> None:
        self._net, self._sessions = net, sessions

    def tell(self, news: News) -> None:
        """Pass on one piece of news to whom it concerns."""
        kind = news["type"]
        if kind == "state":
            self._state(self._net.leg(news["call"]), news)
        elif kind == "heard":
            self._heard(self._net.leg(news["call"]), news)
        elif kind == "listening":
            ear = (leg := self._net.leg(news["call"])).ear
            wants = {
                "keys": bool(ear and ear.keys),
                "speech": bool(ear and ear.speech),
                "record": news["kind"] == "record",
            }
            self._send(leg, "listening", news, wants)
        elif kind == "talk":
            self._send(self._net.leg(news["call"]), "talk", news, {"talking": news["talking"]})

    def _state(self, leg: Leg, news: News) -> None:
        if leg.status == "in-progress":
            self._send(leg, "answered", news, {})
        elif leg.ended:
            for session in self._sessions.holding(leg):
                reason = ending(leg, leg.sid in session.hung_up)
                told = {"leg": leg.sid, "at_ms": news["at_ms"], "status": leg.status, "reason": reason}
                session.wire.tell("ended", told)
                session.legs.discard(leg.sid)
                session.hung_up.discard(leg.sid)

    def _heard(self, leg: Leg, news: News) -> None:
        kind, text = news["kind"], news["text"]
        if kind in ("say", "speech"):
            words = {"text": text, "language": news["language"], "lasts_ms": self._net.speech_ms(text)}
            self._send(leg, "caption", news, {**words, "who": "voice" if kind == "say" else "you"})
            if kind == "speech":
                for listener in self._listeners(leg):
                    self._send(listener, "caption", news, {**words, "who": "other"})
        elif kind == "key":
            self._send(leg, "key", news, {"keys": text})
        elif kind == "ring" and leg.status == "ringing":
            # A call that comes in rings here even if the network keeps `ringing` from the one who placed it.
            if not leg.inbound:
                self._sessions.rings(leg)
        elif kind != "talk":
            self._send(leg, "sound", news, {"kind": kind, "text": text})

    def _listeners(self, leg: Leg) -> Iterator[Leg]:
        """Who hears what is said at a leg, in its conference."""
        for room in self._net.conferences.by_sid.values():
            present = room.present() if room.status == "in-progress" else []
            speaker = next((one for one in present if one.leg is leg), None)
            if speaker:
                yield from (one.leg for one in present if one is not speaker and room.hears(one, speaker))

    def _send(self, leg: Leg, event: str, news: News, facts: News) -> None:
        for session in self._sessions.holding(leg):
            session.wire.tell(event, {"leg": leg.sid, "at_ms": news["at_ms"], **facts})
