"""A call as the people see it: the caller's phone, the agent's desk and the supervisor's floor, each in a window."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows, accessibility_faults

PHONE = {"width": 390, "height": 844}


def call_sales(windows: Windows) -> Page:
    """Maria Lopez calls from the simulated phone and asks for sales in English."""
    phone = windows.open("/phone")
    phone.get_by_role("button", name="Call", exact=True).click()
    for menu in ("For English", "sales"):
        expect(phone.get_by_role("log")).to_contain_text(re.compile(menu, re.IGNORECASE), timeout=15_000)
        phone.get_by_role("button", name="1", exact=False).first.click()
    return phone


def at_the_desk(windows: Windows) -> Page:
    """Meera at her desk, ready: her phone is the page."""
    desk = windows.sign_in("meera", "/desk")
    desk.get_by_role("button", name="Available").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("The next call rings here", timeout=10_000)
    return desk


def test_a_call_reaches_the_desk_is_answered_ended_and_wrapped_up_while_the_floor_follows(windows: Windows) -> None:
    desk, floor = at_the_desk(windows), windows.sign_in("leela", "/floor")
    meera = floor.locator("#agents li", has_text="Meera Nair")
    expect(meera).to_contain_text("Ready")
    phone = call_sales(windows)

    expect(desk.locator(".view.ringing h1")).to_have_text("Maria Lopez", timeout=15_000)
    for words in ("English", "Sales", "a person within three rings"):
        expect(desk.locator(".facts")).to_contain_text(words)
    expect(desk.locator(".dial")).to_contain_text("of 3 rings")
    expect(desk).to_have_title(re.compile("Maria Lopez"))
    expect(floor.locator("#callers")).to_contain_text("Maria Lopez")
    expect(meera).to_contain_text("Ringing")
    expect(floor.locator("#first")).to_contain_text("Meera Nair is being rung for Maria Lopez")

    desk.keyboard.press("Enter")
    expect(desk.locator(".view.talking h1")).to_have_text("Maria Lopez", timeout=10_000)
    expect(meera).to_contain_text("Talking")
    expect(floor.locator("#callers-empty")).to_be_visible()

    desk.get_by_role("button", name="Hang up").click()
    expect(desk.locator(".view.wrap_up h1")).to_have_text("Maria Lopez", timeout=10_000)
    expect(meera).to_contain_text("Wrap-up")
    assert accessibility_faults(desk) == []
    wrap_up_by_keyboard(desk)

    expect(desk.locator(".view.ready h1")).to_be_visible(timeout=10_000)
    expect(meera).to_contain_text("Ready")
    expect(desk.locator("#today")).to_contain_text("Maria Lopez", timeout=10_000)
    expect(desk.locator("#today")).to_contain_text("kept")
    expect(phone.get_by_role("heading", level=2).first).to_have_text(
        re.compile("ended|over", re.IGNORECASE), timeout=20_000
    )
    desk.locator("#today a").first.click()
    expect(desk.locator(".told")).to_contain_text("Meera Nair answered after")
    expect(desk.locator(".targets")).to_contain_text("kept")
    expect(desk.locator("main")).to_contain_text("It was easy, thank you.")
    assert accessibility_faults(desk) == []


def wrap_up_by_keyboard(desk: Page) -> None:
    """The four fields without a mouse; the first has the focus already."""
    expect(desk.locator("input[name=reason]").first).to_be_focused()
    for key in ("ArrowRight", "Tab", "Space", "Tab", "Space", "Tab"):
        desk.keyboard.press(key)
    desk.keyboard.type("It was easy, thank you.")
    desk.keyboard.press("Control+Enter")


def test_page_that_loses_its_live_updates_says_so_and_recovers(windows: Windows) -> None:
    floor = windows.open("/sign-in")
    floor.route("**/feed/**", lambda route: route.abort())
    floor.fill("input[name=name]", "leela")
    floor.fill("input[name=password]", windows.service.password("leela"))
    floor.press("input[name=password]", "Enter")
    expect(floor.locator("#stale")).to_contain_text("Live updates stopped", timeout=10_000)
    expect(floor.locator("#live")).to_have_text("Not live")
    floor.unroute("**/feed/**")
    expect(floor.locator("#live")).to_have_text("Live", timeout=15_000)
    expect(floor.locator("#stale")).to_be_hidden()
    # The browser itself reports each stream that was cut.
    assert all("ERR_FAILED" in said for said in windows.complaints)
    windows.complaints.clear()


def test_pages_fit_a_phone_and_the_dark(windows: Windows) -> None:
    desk = windows.sign_in("meera", "/desk", viewport=PHONE, color_scheme="dark")
    floor = windows.sign_in("leela", "/floor", viewport=PHONE, color_scheme="dark")
    for page, path in ((desk, "/desk"), (floor, "/floor"), (floor, "/calls")):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert accessibility_faults(page) == [], path


def test_keys_are_shown_and_reachable(windows: Windows) -> None:
    desk = windows.sign_in("ravi", "/desk")
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog")
    expect(dialog).to_contain_text("Accept the ringing call")
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="To the content")).to_be_focused()
