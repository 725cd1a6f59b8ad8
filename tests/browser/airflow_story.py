"""The screens inside a real Airflow: signing in and back, the menu, the frame, links both ways, theme and language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote

from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser.sitting import PATIENCE


@dataclass(kw_only=True)
class AirflowVisit:
    """One person before Airflow's pages; `complaints` of our own pages only, Airflow's are not ours to mend."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, browser: Browser, url: str) -> AirflowVisit:
        """A fresh profile of somebody who reads French."""
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR")
        context.set_default_timeout(PATIENCE)
        visit = cls(page=context.new_page(), url=url)
        visit.page.on("response", visit._answered)
        visit.page.on("console", lambda said: visit._said(said.text))
        return visit

    def sign_in(self, user: str, password: str, *, wanted: str) -> None:
        """A deep link of ours leads to Airflow's login and from there back to itself."""
        self.page.goto(self.url + wanted)
        self.page.locator("input[name=username]").fill(user)
        self.page.locator("input[name=password]").fill(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(self.url + wanted)

    def frame(self) -> FrameLocator:
        """Our page in Airflow's frame."""
        frame = self.page.frame_locator("iframe")
        expect(frame.locator("html")).to_have_attribute("data-frame", "yes")
        return frame

    def bar(self, path: str) -> None:
        """Waits until the address bar shows this path, which may be deep linked."""
        self.page.wait_for_url(re.compile(re.escape(self.url) + path + r"(\?.*)?$"))

    def _answered(self, response: object) -> None:
        status, url = response.status, response.url  # type: ignore[attr-defined]
        if "/chorus" in url.removeprefix(self.url) and status >= 400:
            self.complaints.append(f"{status} of {url}")

    def _said(self, text: str) -> None:
        if "Content Security Policy" in text or "/chorus/static/" in text:
            self.complaints.append(text)


def tell(visit: AirflowVisit, *, user: str, password: str, number: str, dag_id: str, run_id: str) -> None:
    """From the login over the menu to an invoice, to the run that sent it and back from there."""
    page = visit.page
    visit.sign_in(user, password, wanted="/chorus/documents?tab=all&sort=number")
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("html")).to_have_attribute("data-frame", "no")

    # the menu, the frame, and the address bar that follows
    page.goto(visit.url + "/")
    page.locator("a[href$='/plugin/chorus']").first.click()
    visit.frame().locator("nav.tabs a[href$='/invoices']").click()
    visit.bar("/plugin/chorus/chorus/invoices")
    visit.frame().get_by_role("link", name=number).click()
    visit.bar(r"/plugin/chorus/chorus/invoices/\d+")
    page.reload()
    expect(visit.frame().locator("h1")).to_contain_text(number)

    # theme and language as chosen in Airflow, at once
    page.evaluate("() => localStorage.setItem('theme', 'dark')")
    expect(visit.frame().locator("html")).to_have_attribute("data-theme", "dark")
    page.evaluate("() => localStorage.setItem('i18nextLng', 'en')")
    expect(visit.frame().locator("html")).to_have_attribute("lang", "en")

    # to the task that sent it, out of the sandboxed frame
    visit.frame().locator("a[data-airflow]").first.click()
    place = f"/dags/{dag_id}/runs/{re.escape(quote(run_id, safe=':'))}|/dags/{dag_id}/runs/{re.escape(run_id)}"
    page.wait_for_url(re.compile(f"({place}|{re.escape(quote(run_id, safe=''))})"))

    # and from the run's page to its invoices
    page.goto(f"{visit.url}/dags/{dag_id}/runs/{quote(run_id, safe='')}")
    page.locator("a[href*='plugin/chorus-run']").click()
    row = visit.frame().locator("tr[data-invoice]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(number)

    # the whole window for the same page
    page.goto(visit.url + "/plugin/chorus/chorus/invoices")
    visit.frame().locator("a[data-full-page]").click()
    visit.bar("/chorus/invoices")
    expect(page.locator("html")).to_have_attribute("data-frame", "no")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert visit.complaints == []
