"""Random and hostile input to every webhook: TwiML or 403, never a failure of ours, never a loop.

Everything here is signed as Twilio would sign it, because whatever a caller keys, says or is called by is.
"""

import random
import xml.etree.ElementTree as ET
from urllib.parse import urlencode, urlsplit

import pytest
from prometheus_client import REGISTRY
from twilio.request_validator import RequestValidator
from werkzeug.test import Client

from tests.sizes import sized
from tests.stories.world import ACCOUNT, BASE, World

INPUTS, LONG_INPUTS = 2_000, 10_000
MOST_REDIRECTS = 12
TEXTS = (
    "",
    " ",
    "0",
    "1",
    "*",
    "#",
    "99999999999999999999999999",
    "-1",
    "1e9",
    "NaN",
    "٣",
    "१२३",
    "\x00",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "<Hangup/>",
    "</Say><Dial>+19005550123</Dial>",
    "&amp;&lt;",
    "'; DROP TABLE calls; --",
    "%s%n{0}${7*7}",
    "../../etc/passwd",
    "call:CA1",
    "a" * 5_000,
    "हिन्दी में बात",
    "\u202e\u2066",
    "true",
    "[]",
    '{"a": 1}',
)
NAMES = (
    *("Digits", "SpeechResult", "Confidence", "CallStatus", "QueueResult", "QueueTime", "DialCallStatus", "From", "To"),
    *("Direction", "StatusCallbackEvent", "Timestamp", "ErrorUrl", "FriendlyName", "ParticipantLabel", "CallSid"),
    *("RecordingUrl", "RecordingSid", "RecordingDuration", "TranscriptionText", "QueueSid", "SequenceNumber"),
)
STATUSES = ("queued", "initiated", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")
ODD = (
    "n",
    "a",
    "t",
    "l",
    "b",
    "s",
    "q",
    "at",
    "pos",
    "got",
    "c",
    "m",
    "offer",
    "again",
    "retry",
    "agent",
    "tries",
    "k",
    "p",
)


@pytest.fixture
def live_sids(world: World) -> list[str]:
    """Calls in every state that a strange webhook may hit."""
    world.agent("asha", "answer@1ring, press 1 on gather")
    legs = [world.call("wait"), *(world.call(from_=f"+91989800{number:04d}") for number in range(3))]
    world.run(20)
    return [leg.sid for leg in legs]


def test_whatever_comes_in_is_answered_and_ends(world: World, live_sids: list[str]) -> None:
    luck = random.Random(20261122)
    paths = sorted(
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.rule.startswith("/voice") and "POST" in (rule.methods or ())
    )
    assert len(paths) > 20
    before, client, refused = _failures(), Client(world.app), 0
    for _ in range(sized(INPUTS, LONG_INPUTS)):
        path, form = _request(luck, paths, live_sids)
        answer = _post(client, path, form)
        assert answer[0] in (200, 204, 403), (path, form, answer)
        refused += answer[0] == 403
        _follow(client, answer, form)
        assert _failures() == before, (path, form)
    assert refused > 10


def _request(luck: random.Random, paths: list[str], sids: list[str]) -> tuple[str, dict[str, str]]:
    query = {name: _text(luck) for name in luck.sample(ODD, luck.randint(0, 5))}
    if luck.random() < 0.5:
        query |= {
            "n": luck.choice(["main", "language", "support_menu", "visits_closed"]),
            "l": luck.choice(["en", "hi", "xx"]),
        }
    form = {name: _text(luck) for name in luck.sample(NAMES, luck.randint(0, 8))}
    form |= {"AccountSid": ACCOUNT if luck.random() < 0.98 else _text(luck)}
    if luck.random() < 0.9:
        form["CallSid"] = luck.choice([*sids, "CA" + "f" * 32])
    if luck.random() < 0.4:
        form["CallStatus"] = luck.choice(STATUSES)
    return f"{luck.choice(paths)}?{urlencode(query)}", form


def _text(luck: random.Random) -> str:
    if luck.random() < 0.7:
        return luck.choice(TEXTS)
    return "".join(
        chr(luck.choice([luck.randrange(1, 128), luck.randrange(0x900, 0xD00)])) for _ in range(luck.randint(1, 40))
    )


def _post(client: Client, path: str, form: dict[str, str]) -> tuple[int, str]:
    signature = RequestValidator("secret").compute_signature(f"{BASE}{path}", form)
    answer = client.post(path, data=form, headers={"X-Twilio-Signature": signature})
    return answer.status_code, answer.get_data(as_text=True)


def _follow(client: Client, answer: tuple[int, str], form: dict[str, str]) -> None:
    """Where a caller who does nothing is led: to a question, a wait or an end within a few documents."""
    for _ in range(MOST_REDIRECTS):
        status, text = answer
        if status != 200 or not text:
            return
        root = ET.fromstring(text)
        assert root.tag == "Response"
        verbs = [verb.tag for verb in root]
        if "Redirect" not in verbs or {"Gather", "Enqueue", "Dial", "Pause", "Record"} & set(verbs):
            return
        target = urlsplit(next(verb.text or "" for verb in root if verb.tag == "Redirect"))
        silent = {name: text for name, text in form.items() if name in ("CallSid", "AccountSid")}
        answer = _post(client, f"{target.path}?{target.query}", silent)
    raise AssertionError(f"a caller who does nothing is led round and round: {answer}")


def _failures() -> float:
    return sum(
        sample.value
        for metric in REGISTRY.collect()
        if metric.name == "webhooks_failed"
        for sample in metric.samples
        if sample.name.endswith("_total")
    )
