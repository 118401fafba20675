"""The studio in the browser: a Hindi prompt is changed in the form, by a person who closes the window half way."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows, accessibility_faults

PHONE = {"width": 390, "height": 844}
LESS = "मुख्य सूची 1"


def fits(page: Page) -> bool:
    """Whether nothing sticks out at the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_prompt_is_changed_in_the_form_while_text_and_draft_keep_up(windows: Windows) -> None:
    page = windows.sign_in("leela", "/studio", color_scheme="dark")
    text, verdict, kept = page.get_by_label("As a text"), page.locator("#verdict"), page.locator("#kept")
    before = text.input_value()
    expect(kept).to_have_text("Not changed yet")
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()

    page.locator("a.node[data-node=main]").press("Enter")
    expect(page.locator("#form")).to_be_focused()
    expect(page.locator("#node")).to_have_value("main")
    short = page.locator("#f-prompts-main_menu-hi-short")
    short.fill("")
    short.press_sequentially(f"{LESS} ")  # and a pause, before the next word
    expect(verdict).to_have_text("2 to put right")
    expect(page.locator(".ways .wrong")).to_have_text(["key 2 is not told in `hi`", "key 3 is not told in `hi`"])
    short.press_sequentially("2 3")
    expect(verdict).to_have_text("No problem found")
    expect(short).to_be_focused()
    expect(short).to_have_value(f"{LESS} 2 3")
    assert text.input_value() == before.replace("ख़रीदारी 1, सहायता 2, बिल 3, प्रतिनिधि 0।", f"{LESS} 2 3")
    expect(page.locator("#changes .more")).to_have_text(f"+      short: {LESS} 2 3")
    expect(page.get_by_role("button", name="Publish")).to_be_enabled()

    text.fill(text.input_value().replace("timeout_s: 4\n    options:\n", "timeout_s: 44\n    options:\n"))
    wait = page.locator("#f-nodes-main-timeout_s")
    expect(wait).to_have_value("44")
    expect(wait).to_have_attribute("aria-invalid", "true")
    assert accessibility_faults(page) == []
    page.context.close()

    page = windows.sign_in("leela", "/studio", viewport=PHONE)
    expect(page.locator("#kept")).to_contain_text("Draft kept at")
    expect(page.locator("#node")).to_have_value("main")
    assert LESS in page.get_by_label("As a text").input_value()
    assert fits(page)
    page.locator("#node").select_option("goodbye")
    expect(page.get_by_role("link", name="hangup, line")).to_be_visible()
    assert page.get_by_label("As a text").evaluate("text => text.scrollTop") > 0
    page.locator("#node").select_option("main")
    page.get_by_label("What is new").press("Enter")  # does what Publish would, and that is disabled
    page.locator("#f-nodes-main-timeout_s").fill("4")
    expect(page.locator("#verdict")).to_have_text("No problem found")
    assert accessibility_faults(page) == []
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Discard my draft").click()
    expect(page.locator("#kept")).to_have_text("Not changed yet")
    assert page.get_by_label("As a text").input_value() == before
