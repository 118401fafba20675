"""Where the network goes on after a reply to a caller: our own webhook addresses, for `ivr/twiml.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ivr.reply import Callback, Enqueue, Place, Survey, Voicemail
from queues import addresses
from queues.plan import canonical
from queues.records import Call


@dataclass(frozen=True)
class CallerLinks:
    """The addresses of one caller's next steps. `call` is the call as saved; its place in line travels in the URL.

    `again` counts how often the line has let this caller fall, so that a fault of the network ends.
    """

    base: str
    call: Call = field(default_factory=Call)
    again: int = 0

    def step(self, place: Place) -> str:
        """For keys or words at a place of the menu."""
        return addresses.menu(self.base, self._place(place))

    def nothing(self, place: Place) -> str:
        """For silence at a place of the menu."""
        return addresses.menu(self.base, {**self._place(place), "silent": "1"})

    def wait(self, enqueue: Enqueue) -> str:
        """The wait document."""
        return addresses.waiting(self.base, "wait", addresses.memory(self.call))

    def left(self, enqueue: Enqueue) -> str:
        """Out of the line, for whatever reason."""
        query = addresses.memory(self.call) | ({"again": str(self.again)} if self.again else {})
        return addresses.waiting(self.base, "left", query)

    def key(self, asked: str = "") -> str:
        """A key pressed while waiting; `asked` is the question that it answers."""
        return addresses.waiting(self.base, "key", addresses.memory(self.call) | ({"m": asked} if asked else {}))

    def callback(self, callback: Callback) -> str:
        """The door that promises a callback."""
        asked = {"k": canonical(callback.skills), "p": str(callback.priority or ""), "r": callback.reason or ""}
        return self._door(
            "callback", {"q": callback.queue, "l": callback.language, **asked, **self._behind(callback.place)}
        )

    def voicemail(self, voicemail: Voicemail) -> str:
        """The door that takes a message."""
        asked = {"q": voicemail.queue, "l": voicemail.language, "r": voicemail.reason or ""}
        return self._door(
            "voicemail", asked | self._behind(voicemail.place) | ({"c": self.call.call} if self.call.leg else {})
        )

    def survey(self, survey: Survey) -> str:
        """The door that asks how it was."""
        return self._door("survey", {"l": survey.language} | ({"c": self.call.call} if self.call.leg else {}))

    def forwarded(self, place: Place) -> str:
        """The conversation with another number is over, or never began."""
        return self._door("forwarded", self._place(place))

    def forward_answered(self) -> str:
        """Another number answered."""
        return addresses.forward_answered(self.base)

    def looked_up(self, place: Place) -> str:
        """The answer of the company's own service is waited for."""
        return self._door("looked-up", self._place(place))

    def _place(self, place: Place) -> dict[str, str]:
        """A place, in the version of the menu that the caller began with, and whether its short prompts are heard."""
        return (
            place.to_query()
            | ({"v": self.call.flow} if self.call.flow else {})
            | ({"r": "1"} if self.call.recent else {})
        )

    def _behind(self, place: Place | None) -> dict[str, str]:
        """The place in the menu behind a door that asks something itself, so that 0 and * work there too."""
        return {"m": urlencode(self._place(place))} if place else {}

    def _door(self, path: str, query: dict[str, str]) -> str:
        return addresses.waiting(self.base, path, {name: text for name, text in query.items() if text})


def remembered(query: Mapping[str, str], sid: str, caller: str, called: str) -> Call | None:
    """The waiting call that `addresses.memory` wrote into the URL, or None when it is not one."""
    times = [query.get(name, "") for name in ("at", "pos", "got")]
    if not query.get("q") or not all(text.isascii() and text.isdigit() and len(text) < 16 for text in times):
        return None
    at_ms, position_ms, received_ms = (int(text) for text in times)
    return Call(
        call=sid,
        caller=caller,
        called=called,
        queue=query["q"],
        language=query.get("l", ""),
        position_ms=position_ms,
        received_ms=received_ms,
        enqueued_ms=at_ms,
    )
