"""Who sees what, two people on one invoice, signing in and out, theme and language as people chose them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from include.domain.rights import OWNER
from tests.browser.conftest import Sit
from tests.browser.office import Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


def test_each_sees_what_is_theirs(sit: Sit, office: Office) -> None:
    """Nora has a label right, the boss administers only, nobody does nothing."""
    rows = "tr[data-document] a.title"
    assert sit("nora").open("/documents?tab=all").locator(rows).all_inner_texts() == ["N-1"]
    boss = sit("boss")
    assert boss.open("/documents?tab=all").locator(rows).all_inner_texts() == ["O-1"]
    boss.expected = {403, 404}
    tabs = boss.page.locator("nav.tabs a")
    assert not any("/invoices" in str(tab.get_attribute("href")) for tab in tabs.all())
    expect(boss.open("/invoices").locator("h1")).to_be_visible()
    assert boss.page.locator("tr[data-invoice]").count() == 0
    assert boss.open("/documents/{H-6}").title() == boss.open("/documents/999999").title(), "as if it were not there"


def test_who_is_not_signed_in_comes_back_to_the_same_page(sit: Sit, office: Office) -> None:
    sitting = sit(None)
    page = sitting.open("/documents?tab=ready&sort=number")
    assert page.url.startswith(f"{office.url}/login?next=")
    page.get_by_role("link", name="anna").click()
    assert sitting.path() == "/documents?tab=ready&sort=number"
    expect(page.locator("tr[data-document]").first).to_be_visible()


def test_the_second_of_two_people_chooses_between_both_values(sit: Sit, office: Office) -> None:
    anna, jane = sit("anna"), sit("jane")
    anna.open("/documents/{H-3}").locator("#comment").fill("Livré le 3")
    jane.open("/documents/{H-3}").locator("#comment").fill("Delivered on the 4th")
    anna.page.keyboard.press("Control+s")
    expect(anna.page.locator("#comment")).to_have_value("Livré le 3")
    expect(anna.page.locator(".src.person", has_text="anna")).to_be_visible()
    jane.expected = {409}
    jane.page.keyboard.press("Control+s")
    alert = jane.page.get_by_role("alert")
    expect(alert).to_contain_text("Livré le 3")
    expect(alert).to_contain_text("Delivered on the 4th")
    expect(alert).to_contain_text("anna")
    expect(alert).to_be_focused()
    assert jane.violations() == []
    jane.page.get_by_role("button", name="Keep mine").click()
    expect(jane.page.locator(".src.person", has_text="jane")).to_be_visible()
    expect(jane.page.locator("#comment")).to_have_value("Delivered on the 4th")
    detail = office.services.store.document_views.detail(OWNER, office.documents()["H-3"].id)
    assert detail is not None and detail.edits["comment"].actor == "jane"


def test_a_theme_chosen_in_another_window_is_taken_at_once(sit: Sit) -> None:
    sitting = sit()
    page = sitting.open("/")
    ground = "() => getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    other = sitting.context.new_page()
    other.goto(page.url)
    other.evaluate("() => localStorage.setItem('theme', 'dark')")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(ground) != light
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_language_chosen_in_airflow_counts_where_nobody_chose_another(sit: Sit) -> None:
    choose = "() => localStorage.setItem('i18nextLng', 'en')"
    for user, language in (("boss", "en"), ("anna", "fr")):  # Anna's is in the configuration
        sitting = sit(user)
        page = sitting.open("/documents")
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        page.evaluate(choose)
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", language)
    page.locator("a[hreflang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
