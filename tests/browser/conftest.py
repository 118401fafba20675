"""A real Chromium for the tests of the pages; where there is none, they are skipped and say so."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Playwright, sync_playwright

from launch.testing import BROWSER_PACKAGES, BROWSERS
from tests.house.running import HOUSE, DevService

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = HOUSE / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver. It keeps an event loop running, so it must not outlive its module: others run their own."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The system's Chromium; Playwright's own download is not needed."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"no Chromium here: apt install {' '.join(BROWSER_PACKAGES)}")
    browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
    yield browser
    browser.close()


class Windows:
    """Browser windows that know nothing of each other, as if on different desks; what goes wrong in them is kept."""

    def __init__(self, browser: Browser, service: DevService) -> None:
        self._browser = browser
        self.service = service
        self.complaints: list[str] = []

    def open(self, path: str, **context: Any) -> Page:
        """A window of its own at a page of the service; `context` is Playwright's, as in viewport or color_scheme."""
        page = self._browser.new_context(base_url=self.service.web, **context).new_page()

        def heard(said: ConsoleMessage) -> None:
            if said.type == "error":
                self.complaints.append(f"{path}: {said.text}")

        def failed(error: Error) -> None:
            self.complaints.append(f"{path}: {error}")

        page.on("console", heard)
        page.on("pageerror", failed)
        page.goto(path)
        return page

    def sign_in(self, name: str, path: str, **context: Any) -> Page:
        """A window in which one of the example center's people is signed in, at a page."""
        page = self.open(path, **context)
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", self.service.password(name))
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"**{path}")
        return page


@pytest.fixture
def windows(chromium: Browser, dev_service: DevService) -> Iterator[Windows]:
    """Windows on the running service; a console error in any of them fails the test."""
    windows = Windows(chromium, dev_service)
    yield windows
    for context in chromium.contexts:
        context.close()
    assert windows.complaints == []


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds wrong with a page (WCAG 2 A and AA), one line each.

    Evaluated by the driver, because the page's own policy lets no script in but ours. A colour on its way to another
    one is nobody's colour, so what moves is waited for, and what arrives meanwhile arrives without motion.
    """
    page.emulate_media(reduced_motion="reduce")
    page.evaluate("() => Promise.allSettled(document.getAnimations().map((moving) => moving.finished))")
    page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run({runOnly: ['wcag2a', 'wcag2aa']})")
    page.emulate_media(reduced_motion="no-preference")
    return [f"{row['id']}: {row['help']}: {node['html'][:120]}" for row in found["violations"] for node in row["nodes"]]
