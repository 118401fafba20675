"""The phone in the browser: what a caller sees of a call in Hindi, and a phone that is rung."""

import re

import requests
from dotenv import dotenv_values
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, accessibility_faults

PHONE = {"width": 390, "height": 844}
# Nobody else's in the tests: the center remembers a caller's language.
CALLER, AGENT = "+14155550177", "+14155550188"


def be(phone: Locator, line: str) -> None:
    """Let a handset have this number."""
    phone.get_by_label("Call as").select_option("custom")
    phone.get_by_label("The number it calls from").fill(line)
    phone.get_by_label("Number to call").focus()


def state_of(phone: Locator) -> Locator:
    return phone.get_by_role("heading", level=2)


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_caller_dials_chooses_hindi_reads_it_in_its_own_script_and_hangs_up(windows: Windows) -> None:
    page = windows.open("/phone", viewport=PHONE)
    phone = page.locator(".phone")
    expect(page.locator(".notice")).to_contain_text("nobody's real phone rings")
    expect(phone.get_by_label("Number to call")).to_have_value("+1 800 555 0100")
    assert accessibility_faults(page) == []
    be(phone, CALLER)
    page.keyboard.press("Enter")

    heard = phone.get_by_role("log")
    expect(heard).to_contain_text("For English, press 1")
    expect(phone.get_by_role("button", name="Hang up")).to_be_in_viewport(ratio=1)
    page.keyboard.press("2")
    expect(heard.locator(".pressed kbd")).to_have_text("2")
    hindi = heard.locator("[lang|=hi]").filter(has_text="आपका स्वागत है")
    expect(hindi).to_be_visible()
    expect(phone.get_by_role("timer")).to_have_text(re.compile(r"\d:\d\d"))
    expect(phone.locator(".keypad [data-down]")).to_have_count(0)
    assert accessibility_faults(page) == []
    assert fits(page)

    page.keyboard.press("Escape")
    expect(state_of(phone)).to_have_text("Call ended")
    expect(heard.locator(".entry").last).to_contain_text("You hung up.")
    expect(phone.get_by_role("button", name="Call again")).to_be_enabled()


def test_second_phone_is_rung_and_answers(windows: Windows) -> None:
    page = windows.open("/phone")
    page.get_by_role("button", name="Add a phone").click()
    phone = page.locator(".phone").nth(1)
    with page.expect_response("**/phone/lines"):
        be(phone, AGENT)
    call(windows, AGENT, "<Response><Say language='te-IN'>నమస్కారం</Say><Pause length='30'/></Response>")

    expect(state_of(phone)).to_have_text("Somebody calls")
    expect(state_of(page.locator(".phone").nth(0))).to_have_text("Ready")
    expect(phone.get_by_role("button", name="Decline")).to_be_visible()
    page.keyboard.press("Enter")
    expect(phone.get_by_role("log").locator("[lang|=te]")).to_have_text("నమస్కారం")
    phone.get_by_role("button", name="Hang up").click()
    expect(state_of(phone)).to_have_text("Call ended")


def call(windows: Windows, line: str, twiml: str) -> None:
    """The account calls a line, as the service does for a callback or an offer."""
    account = dotenv_values(windows.service.var / "simulated.env")
    sid, token = str(account["TWILIO_ACCOUNT_SID"]), str(account["TWILIO_AUTH_TOKEN"])
    url = f"{windows.service.facts['simulator']}/2010-04-01/Accounts/{sid}/Calls.json"
    form = {"To": line, "From": str(account["TWILIO_CALLER_ID"]), "Twiml": twiml}
    assert requests.post(url, form, auth=(sid, token), timeout=5).status_code == 201
