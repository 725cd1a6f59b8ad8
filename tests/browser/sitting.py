"""One person's browser: pages opened, complaints noted, questions about what is seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect, sync_playwright

from tests.browser.office import COOKIE, Office
from tests.services.programs import program

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDTHS = (320, 390, 768, 1280)
HEIGHT = 800
PATIENCE = 60_000
"""Milliseconds: nobody waits that long but on a machine that does ten other things."""

expect.set_options(timeout=PATIENCE)

_WIDER = """() => {
  const inner = document.documentElement.clientWidth;
  const over = [...document.querySelectorAll('body *')].filter((one) => {
    if (one.closest('svg') && one.tagName !== 'svg') return false;
    for (let up = one.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== 'visible') return false;
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > inner + 1 && getComputedStyle(one).position !== 'fixed';
  });
  return {inner, whole: document.documentElement.scrollWidth,
          over: over.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))};
}"""
"""What sticks out of the window, unless something around it scrolls."""

_AXE = """(rules) => axe.run(document, {resultTypes: ['violations'], ...(rules && {runOnly: rules})}).then((found) =>
  found.violations.map((one) => ({id: one.id, nodes: one.nodes.slice(0, 4).map((node) =>
    node.html.slice(0, 160) + ' ' + node.failureSummary)})))"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium", "chromium"), args=list(ARGUMENTS))
        yield browser
        browser.close()


@dataclass(kw_only=True)
class Sitting:
    """A signed-in browser with one open page; `expected`: statuses that this test wants to meet."""

    office: Office
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)

    @classmethod
    def begin(cls, browser: Browser, office: Office, user: str | None, **how: Any) -> Sitting:
        """A fresh profile; `how` is what the browser's context takes (`color_scheme`, `viewport`, `locale`)."""
        context = browser.new_context(
            **{"reduced_motion": "reduce", "viewport": {"width": 1280, "height": HEIGHT}, "locale": "fr-FR", **how}
        )
        context.set_default_timeout(PATIENCE)
        sitting = cls(office=office, context=context, page=context.new_page())
        if user is not None:
            sitting.sign_in(user)
        sitting._listen()
        return sitting

    def _listen(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def sign_in(self, user: str) -> None:
        """As somebody else does in another tab."""
        self.context.add_cookies([{"name": COOKIE, "value": user, "url": self.office.url}])

    def sign_out(self) -> None:
        """The session ended."""
        self.context.clear_cookies(name=COOKIE)

    def open(self, path: str) -> Page:
        """The page of a path below `/chorus`; see `Office.address`."""
        self.page.goto(self.office.address(path), wait_until="load")
        return self.page

    def speak(self, language: str) -> None:
        """The switch of the pages was used."""
        self.context.add_cookies([{"name": "chorus_lang", "value": language, "url": f"{self.office.url}/chorus"}])

    def resize(self, width: int) -> None:
        """The window."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    def path(self) -> str:
        """Where one stands, below `/chorus`."""
        return self.page.url.removeprefix(self.office.url).removeprefix("/chorus")

    def end(self) -> None:
        """Closes it."""
        self.context.close()

    def sticks_out(self, width: int) -> list[str]:
        """What is wider than a window of this width."""
        self.resize(width)
        found = self.page.evaluate(_WIDER)
        wide = [f"the page: {found['whole']} of {found['inner']}"] if found["whole"] > found["inner"] else []
        return [*wide, *found["over"]]

    def violations(self, *rules: str) -> list[str]:
        """What axe finds on the page as it is shown now, by all of its rules or by these."""
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate(_AXE, list(rules) or None)
        return [f"{one['id']}: {node}" for one in found for node in one["nodes"]]

    def _said(self, message: ConsoleMessage) -> None:
        # an answer that is no 200 is told by `_answered`, which knows what the test wants
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} of {response.url}")
