"""Behind a prefix, as Airflow's `[api] base_url` may have one: every address of page and script stays behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.browser.office import PREFIX, Office
from tests.browser.sitting import Sitting

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_day_behind_a_prefix(browser: Browser, office: Office) -> None:
    prefixed = office.behind_prefix()
    sitting = Sitting.begin(browser, prefixed, "anna")
    outside: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(f"{office.url}{PREFIX}/"):
            outside.append(request.url)

    sitting.page.on("request", note)
    page = sitting.open("/")
    page.locator("nav.tabs a", has_text="À déposer").click()
    page.wait_for_url("**/documents")
    page.keyboard.press("g")
    expect(page.locator("form.form")).to_be_visible()
    expect(page.locator(".paper img").first).to_have_js_property("complete", True)
    expect(page.locator("[data-sum]")).to_be_visible()  # what is typed was checked
    page.locator(".paper").first.hover()
    expect(page.locator("rect.word").first).to_be_attached()
    page.locator("#comment").fill("Derrière un préfixe")
    page.keyboard.press("Control+s")
    expect(page.locator("#comment")).to_have_attribute("data-stored", "Derrière un préfixe")
    page.locator("a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for place in ("/returned", "/invoices", "/notifications", "/add", "/jobs/{job:restore}"):
        expect(sitting.open(place).locator("h1")).to_be_visible()
    for link in page.locator("a[href^='/']").all():
        assert str(link.get_attribute("href")).startswith(f"{PREFIX}/")
    sitting.end()
    assert (outside, sitting.complaints) == ([], [])
