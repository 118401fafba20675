"""Place, move and end legs at the phone network through Twilio's own SDK. The base URL is Twilio or whatever speaks it.

Every request is typed by the SDK and has a time-out. What can go wrong is told apart by what to do next: see
`queues/answers.py`.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from requests import RequestException, Session
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from queues.answers import CarrierError, Gone, Refused, TooMany, Unavailable

TIMEOUT_S = 10.0
TWILIO = "https://api.twilio.com"
ALL_STATUSES = ["initiated", "ringing", "answered", "completed"]
GONE_CODES = frozenset({20404, 21220})
LIVE = frozenset({"queued", "initiated", "ringing", "in-progress"})


@dataclass(frozen=True)
class LegState:
    """One leg as the carrier sees it. `status` is Twilio's word."""

    leg: str
    status: str
    to: str

    @property
    def alive(self) -> bool:
        """True while somebody may still be on that leg."""
        return self.status in LIVE


class HttpTo(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    """The SDK's HTTP client, aimed at another host: region and edge cannot say `http://localhost:9000`."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT_S, pool_connections=True)
        self.base = urlsplit(base_url) if base_url else None
        if self.session is not None:
            adapter = HTTPAdapter(pool_connections=8, pool_maxsize=64)
            self.session.mount("https://", adapter)
            self.session.mount("http://", adapter)
            _read_environment_once(self.session, base_url or TWILIO)

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        """As the SDK's, with scheme and host swapped."""
        return super().request(method, self._there(url), *args, **options)

    def fetch(self, url: str, auth: tuple[str, str]) -> tuple[int, bytes]:
        """Status and body of a file; the SDK itself reads every answer as text."""
        answer = (self.session or Session()).get(self._there(url), auth=auth, timeout=TIMEOUT_S)
        return answer.status_code, answer.content

    def _there(self, url: str) -> str:
        parts = urlsplit(url)
        return urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, "")) if self.base else url


class Carrier:
    """What the service asks of the phone network."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ring(self, line: str, caller_id: str, url: str, status_url: str, limits: Mapping[str, int]) -> str:
        """Dial a line; its document is at `url`, its progress goes to `status_url`. Returns the new leg's sid.

        `limits`: `timeout_s` ringing at most (Twilio may add 5 s), `time_limit_s` for the whole leg.
        """
        leg = _asked(
            self._client.calls.create,
            to=line,
            from_=caller_id,
            url=url,
            method="POST",
            status_callback=status_url,
            status_callback_event=ALL_STATUSES,
            status_callback_method="POST",
            timeout=limits["timeout_s"],
            time_limit=limits["time_limit_s"],
        )
        return str(leg.sid)

    def move(self, leg: str, url: str) -> None:
        """Give a live leg another document: out of the queue, into the conference. Raises Gone when it has ended."""
        _asked(self._client.calls(leg).update, url=url, method="POST")

    def cancel(self, leg: str) -> None:
        """Stop a leg that rings; if it was answered meanwhile, end it. A leg that has ended is fine."""
        try:
            state = _asked(self._client.calls(leg).update, status="canceled")
            if state.status in LIVE:
                self.end(leg)
        except Gone:
            return

    def end(self, leg: str) -> None:
        """Hang up a leg, whatever it does. A leg that has ended is fine."""
        try:
            _asked(self._client.calls(leg).update, status="completed")
        except Gone:
            return

    def leg(self, leg: str) -> LegState:
        """One leg as it is now; a leg nobody knows is `completed`."""
        try:
            state = _asked(self._client.calls(leg).fetch)
        except Gone:
            return LegState(leg, "completed", "")
        return LegState(leg, str(state.status), str(state.to or ""))

    def live_legs_to(self, line: str, since_ms: int) -> list[LegState]:
        """Legs to `line` that began at or after `since_ms` (Twilio's clock has whole seconds) and have not ended."""
        since = datetime.fromtimestamp(since_ms // 1000, UTC)
        legs: list[LegState] = []
        for status in ("queued", "ringing", "in-progress"):
            rows = _asked(self._client.calls.list, to=line, status=status, limit=20)
            legs += [LegState(str(row.sid), status, line) for row in rows if (row.date_created or since) >= since]
        return legs

    def leg_since(self, number: str, since_ms: int) -> str:
        """The newest leg that we made to this number at or after `since_ms`, whatever became of it; empty when none."""
        since = datetime.fromtimestamp(since_ms // 1000, UTC)
        rows = _asked(self._client.calls.list, to=number, limit=20)
        ours = (row for row in rows if row.direction == "outbound-api" and (row.date_created or since) >= since)
        return next((str(row.sid) for row in ours), "")

    def message(self, to: str, from_: str, text: str) -> None:
        """Send a text message."""
        _asked(self._client.messages.create, to=to, from_=from_, body=text)

    def was_sent(self, to: str, text: str, since_ms: int) -> bool:
        """Whether this text went to that number at or after `since_ms`: an answer to us may have been lost."""
        since = datetime.fromtimestamp(since_ms // 1000, UTC)
        rows = _asked(self._client.messages.list, to=to, limit=20)
        return any(row.body == text and (row.date_created or since) >= since for row in rows)

    def record(self, leg: str, status_url: str) -> str:
        """Record a leg with whoever it talks to. Returns the recording's sid. Raises Gone when the leg has ended."""
        made = _asked(
            self._client.calls(leg).recordings.create,
            recording_status_callback=status_url,
            recording_status_callback_method="POST",
            recording_status_callback_event=["completed", "absent"],
        )
        return str(made.sid)

    def recording_of(self, leg: str) -> str:
        """The recording that runs on a leg; empty when none does."""
        try:
            rows = _asked(self._client.calls(leg).recordings.list, limit=20)
        except Gone:
            return ""
        return next((str(row.sid) for row in rows if row.status in ("in-progress", "paused")), "")

    def stop_recording(self, leg: str) -> None:
        """Stop what is recorded of a leg. Nothing recorded is fine."""
        with suppress(Gone):
            _asked(self._client.calls(leg).recordings("Twilio.CURRENT").update, status="stopped")

    def recording(self, sid: str) -> bytes:
        """A recording's sound, as MP3."""
        url = f"{TWILIO}/2010-04-01/Accounts/{self._client.account_sid}/Recordings/{sid}.mp3"
        try:
            status, sound = self._client.http_client.fetch(url, self._client.auth)
        except RequestException as error:
            raise Unavailable(type(error).__name__) from None
        if status != HTTPStatus.OK:
            raise _told(status, 0, "no recording")
        return bytes(sound)

    def erase(self, sid: str) -> None:
        """Delete a recording, and first what was understood of it, which outlives it. What is gone already is fine."""
        one = self._client.recordings(sid)
        with suppress(Gone):
            for words in _asked(one.transcriptions.list):
                with suppress(Gone):
                    _asked(words.delete)
        with suppress(Gone):
            _asked(one.delete)

    def conferences(self) -> list[tuple[str, str]]:
        """(name, sid) of every conference that somebody is in: two, or one who waits."""
        rooms = self._client.conferences
        rows = [row for status in ("in-progress", "init") for row in _asked(rooms.list, status=status)]
        return [(str(row.friendly_name), str(row.sid)) for row in rows]

    def participants(self, conference: str) -> dict[str, str]:
        """Label → leg of those in a conference."""
        rows = _asked(self._client.conferences(conference).participants.list)
        return {str(row.label): str(row.call_sid) for row in rows if row.label}

    def legs_we_made(self) -> list[tuple[str, str, int]]:
        """(leg, line, began in UTC ms) of every live leg that we created."""
        rows = _asked(self._client.calls.list, status="in-progress")
        ours = (row for row in rows if row.direction == "outbound-api" and row.date_created)
        return [(str(row.sid), str(row.to), int(row.date_created.timestamp() * 1000)) for row in ours]

    def set_webhooks(self, number: str, voice_url: str, fallback_url: str, status_url: str) -> bool:
        """Point one of the account's numbers at this service. False when the account has no such number."""
        found = _asked(self._client.incoming_phone_numbers.list, phone_number=number, limit=1)
        for row in found:
            _asked(
                row.update,
                voice_url=voice_url,
                voice_method="POST",
                voice_fallback_url=fallback_url,
                voice_fallback_method="POST",
                status_callback=status_url,
                status_callback_method="POST",
            )
        return bool(found)

    def check(self) -> None:
        """Ask for one page of calls. Raises a CarrierError when the network cannot be used."""
        _asked(self._client.calls.list, limit=1, page_size=1)


def connect(
    account_sid: str, credentials: tuple[str, str], base_url: str = "", http_client: HttpClient | None = None
) -> Carrier:
    """The carrier of an account. `base_url` empty is Twilio itself; `credentials` are user and password for REST."""
    user, password = credentials
    return Carrier(
        Client(
            user or "AC" + "0" * 32,
            password or "none",
            account_sid or "AC" + "0" * 32,
            http_client=http_client or HttpTo(base_url),
        )
    )


def _read_environment_once(session: Session, url: str) -> None:
    """Proxies and certificates as the environment says now; otherwise all of it is searched again at every request."""
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.cert = found["proxies"], found["verify"], found["cert"]
    session.trust_env = False


def _asked(request: Any, **fields: Any) -> Any:
    try:
        return request(**fields)
    except TwilioRestException as error:
        raise _told(error.status, error.code, error.msg) from None
    except TwilioException as error:  # lists fail with the whole answer as second argument
        answer = error.args[1] if len(error.args) > 1 else None
        raise _told(getattr(answer, "status_code", 503), 0, str(error.args[0])) from None
    except RequestException as error:
        raise Unavailable(type(error).__name__) from None


def _told(status: int, code: int | None, message: str) -> CarrierError:
    said = f"{status}/{code}"
    if status == 404 or code in GONE_CODES:
        return Gone(said)
    if status == 429:
        return TooMany(said)
    return Unavailable(said) if status >= 500 else Refused(f"{said}: {message}")
