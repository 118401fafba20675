"""Nothing is done for an unsigned request, and whatever is signed is answered in words a leg can hear."""

import pytest
from prometheus_client import REGISTRY
from twilio.request_validator import RequestValidator
from werkzeug.test import Client, TestResponse

from tests.stories.world import ACCOUNT, BASE, World

SID = "CA" + "a" * 32
FORM = {"CallSid": SID, "AccountSid": ACCOUNT, "From": "+14155550123", "To": "+18005550100", "CallStatus": "ringing"}
TWIML_PATHS = [
    *(
        "/voice/incoming",
        "/voice/client",
        "/voice/menu?n=main&l=en",
        "/voice/wait?q=sales&l=en",
        "/voice/key",
        "/voice/left",
        "/voice/forwarded?n=main",
        "/voice/looked-up?n=main",
    ),
    *("/voice/join?offer=7", "/voice/after", "/voice/fallback", "/voice/agent/answered?offer=7"),
    *("/voice/agent/key?offer=7", "/voice/agent/after?offer=7"),
]
STATUS_PATHS = ["/voice/status", "/voice/forward-answered", "/voice/agent/status?offer=7", "/voice/conference?call=CA1"]


def post(world: World, path: str, form: dict[str, str], token: str = "secret", signed: str = "") -> TestResponse:
    """A webhook as Twilio sends it; `signed` is the address that was signed, when it is another."""
    signature = RequestValidator(token).compute_signature(signed or f"{BASE}{path}", form)
    return Client(world.app).post(path, data=form, headers={"X-Twilio-Signature": signature})


def refused(reason: str) -> float:
    return REGISTRY.get_sample_value("webhooks_refused_total", {"reason": reason}) or 0


@pytest.mark.parametrize("path", TWIML_PATHS + STATUS_PATHS)
def test_unsigned_webhook_is_refused_and_counted(world: World, path: str) -> None:
    before, state = refused("signature"), world.client.keys("*")
    answer = Client(world.app).post(path, data=FORM)
    assert (answer.status_code, refused("signature") - before) == (403, 1)
    assert world.client.keys("*") == state


def test_wrong_token_other_address_and_other_account_are_refused(world: World) -> None:
    strange = FORM | {"AccountSid": "AC" + "9" * 32}
    assert [
        post(world, "/voice/incoming", FORM, token="other").status_code,
        post(world, "/voice/incoming", FORM, signed="http://evil.test/voice/incoming").status_code,
        post(world, "/voice/incoming", strange).status_code,
    ] == [403, 403, 403]


def test_query_is_checked_as_it_was_sent(world: World) -> None:
    path = "/voice/wait?q=sales&l=en&note=%E0%A4%B9%2F%7B"
    assert post(world, path, FORM).status_code == 200


@pytest.mark.parametrize("path", TWIML_PATHS)
def test_unknown_leg_gets_a_polite_document(world: World, path: str) -> None:
    answer = post(world, path, FORM | {"CallSid": "CA" + "f" * 32, "CallStatus": "in-progress"})
    assert (answer.status_code, answer.mimetype) == (200, "text/xml")
    assert answer.get_data(as_text=True).startswith('<?xml version="1.0" encoding="UTF-8"?><Response')


@pytest.mark.parametrize("path", STATUS_PATHS)
def test_status_of_an_unknown_leg_is_taken_note_of(world: World, path: str) -> None:
    assert post(world, path, FORM | {"CallStatus": "completed"}).status_code == 204


def test_same_webhook_twice_gets_the_same_document_and_one_call(world: World) -> None:
    first, second = (post(world, "/voice/incoming", FORM).get_data() for _ in range(2))
    assert first == second
    assert world.client.smembers("tr:calls") == {SID}
    assert world.center.live.stream.length() == 3  # received, the leg, greeted


def test_document_without_a_leg_is_refused(world: World) -> None:
    nobody = {name: value for name, value in FORM.items() if name != "CallSid"}
    assert [post(world, path, nobody).status_code for path in TWIML_PATHS] == [403] * len(TWIML_PATHS)


def test_parameters_that_we_do_not_know_are_signed_too(world: World) -> None:
    assert (
        post(world, "/voice/incoming", FORM | {"StirVerstat": "TN-Validation-Passed-A", "Empty": ""}).status_code == 200
    )
