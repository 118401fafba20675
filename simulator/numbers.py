"""The account's phone numbers and TwiML applications: which document an incoming call is given."""

from dataclasses import dataclass, field

from simulator.callbacks import Sink
from simulator.legs import Leg, Target


@dataclass
class Endpoint:
    """A number (PN) or an application (AP): its URLs and methods under Twilio's REST names (`voice_url`, ...)."""

    sid: str
    name: str
    created_ms: int
    updated_ms: int
    urls: dict[str, str] = field(default_factory=dict)

    def voice(self) -> Target | None:
        """The document for a call; None when no URL is set."""
        return self._target("voice_url", "voice_method")

    def attach(self, leg: Leg) -> None:
        """Give an incoming leg the fallback and the status webhook (its end only) of this endpoint."""
        leg.fallback = self._target("voice_fallback_url", "voice_fallback_method")
        if url := self.urls.get("status_callback", ""):
            leg.sink = Sink(url, self.urls.get("status_callback_method") or "POST", frozenset({"completed"}))

    def _target(self, url_name: str, method_name: str) -> Target | None:
        url = self.urls.get(url_name, "")
        return Target(url, self.urls.get(method_name) or "POST") if url else None


@dataclass
class Directory:
    """Numbers by E.164, applications by SID."""

    numbers: dict[str, Endpoint] = field(default_factory=dict)
    applications: dict[str, Endpoint] = field(default_factory=dict)

    def number(self, sid: str) -> Endpoint | None:
        """The number of that SID, or None."""
        return next((number for number in self.numbers.values() if number.sid == sid), None)

    def endpoint_of(self, called: str) -> Endpoint | None:
        """What answers for a called number: its application, if it names one, or the number itself."""
        number = self.numbers.get(called)
        application = self.applications.get(number.urls.get("voice_application_sid", "")) if number else None
        return application or number
