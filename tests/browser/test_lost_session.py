"""A session that ends in the middle of a form takes nothing of what was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from include.domain.rights import OWNER
from tests.browser.conftest import Sit
from tests.browser.office import Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

SCREEN = "/documents/{H-2}"


def typed(office: Office) -> str | None:
    detail = office.services.store.document_views.detail(OWNER, office.documents()["H-2"].id)
    assert detail is not None
    edit = detail.edits.get("comment")
    return None if edit is None else str(edit.value)


def test_the_values_stay_and_the_same_button_works_after_signing_in_elsewhere(sit: Sit, office: Office) -> None:
    sitting = sit("anna")
    page = sitting.open(SCREEN)
    page.locator("#comment").fill("Livré le 3")
    sitting.sign_out()
    sitting.expected = {401}
    page.keyboard.press("Control+s")
    alert = page.get_by_role("alert").filter(has=page.locator("[data-log-in]"))
    expect(alert).to_be_visible()
    expect(alert).to_be_focused()
    expect(page.locator("#comment")).to_have_value("Livré le 3")
    assert typed(office) is None
    sitting.sign_in("anna")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".src.person", has_text="anna")).to_be_visible()
    assert typed(office) == "Livré le 3"


def test_a_draft_survives_the_login_and_is_offered_never_laid_over(sit: Sit, office: Office) -> None:
    sitting = sit("anna")
    page = sitting.open(SCREEN)
    before = page.locator("#comment").input_value()
    page.locator("#comment").fill("Pas encore enregistré")
    sitting.sign_out()
    page.reload()
    page.get_by_role("link", name="anna").click()
    expect(page.locator("#comment")).to_have_value(before)
    offer = page.locator("[data-draft]")
    expect(offer).to_contain_text("Pas encore enregistré")
    page.get_by_role("button", name="Reprendre le brouillon").click()
    expect(page.locator("#comment")).to_have_value("Pas encore enregistré")
    page.reload()
    page.get_by_role("button", name="Oublier").click()
    expect(page.locator("#comment")).to_have_value(before)
    page.reload()
    expect(offer).to_be_hidden()


def test_a_draft_is_offered_to_nobody_else(sit: Sit, office: Office) -> None:
    sitting = sit("anna")
    sitting.open(SCREEN).locator("#comment").fill("Pour moi seule")
    sitting.expected = {403}  # what the page of one person asks with the session of another
    sitting.sign_in("jane")
    page = sitting.open(SCREEN)
    expect(page.locator("[data-draft]")).to_be_hidden()
    sitting.sign_in("anna")
    expect(sitting.open(SCREEN).locator("[data-draft]")).to_contain_text("Pour moi seule")
