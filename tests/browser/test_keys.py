"""Keys: rows are walked and opened, the focused field's place is lit, an invoice is sent without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from include.demo.generator import cast
from tests.browser.conftest import Sit
from tests.browser.office import Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

LIST, SCREEN = "/documents?tab=all&sort=number", "/documents/{H-6}"


def test_rows_are_walked_and_opened_and_the_first_one_is_one_key_away(sit: Sit, office: Office) -> None:
    sitting = sit()
    page = sitting.open(LIST)
    rows = page.locator("tr[data-document]")
    second = rows.nth(1).get_attribute("data-document")
    for key in "jjjk":
        page.keyboard.press(key)
    expect(page.locator("tr.cur")).to_have_attribute("data-document", str(second))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/documents/{second}?**")
    page = sitting.open("/documents?q=H-5")
    page.keyboard.press("g")
    page.wait_for_url(f"**/documents/{office.documents()['H-5'].id}?**")
    page = sitting.open(LIST)
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jjj?")
    expect(page.locator("#q")).to_have_value("jjj?")
    expect(page.locator("#keys")).to_be_hidden()


def test_keys_can_be_switched_off_and_stay_so(sit: Sit) -> None:
    page = sit().open(LIST)
    page.keyboard.press("?")
    page.locator("[data-keys-off]").click()
    expect(page.locator("[data-keys-off]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("tr.cur")).to_have_count(0)


def test_the_place_of_the_focused_field_is_lit_and_alone(sit: Sit) -> None:
    page = sit().open(SCREEN)
    for name in ("invoice_number", "total_incl_tax"):
        page.locator(f"#{name}").focus()
        expect(page.locator("[data-lit]")).to_have_count(1)
        expect(page.locator("[data-lit]")).to_have_attribute("data-field", name)
    lit = page.locator("[data-lit]").bounding_box()
    sheet = page.locator(".sheet").bounding_box()
    assert lit and sheet and sheet["y"] <= lit["y"] <= sheet["y"] + sheet["height"], "it is in sight"
    picture = page.locator(".paper img").first
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("(one) => one.naturalWidth") == 1240


def test_one_missing_service_is_settled_by_keys_alone(sit: Sit, office: Office) -> None:
    """Open the first of the list, type, send: as a clerk does all day."""
    page = sit().open("/documents?q=H-1")
    page.keyboard.press("g")
    expect(page.locator("#service_code")).to_be_focused()
    page.keyboard.type(cast.SERVICES[cast.HOSPITAL.siret])
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text("H-1")
    assert [one["number"] for one in office.held("H-1")] == ["H-1"]
