"""The settings in a real browser: nothing typed is lost, a fault leads to its place, a form shows what it asks for."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Sit

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_lost_session_keeps_what_was_typed_and_the_same_button_works_afterwards(sit: Sit) -> None:
    sitting = sit("boss")
    sitting.expected = {401}
    page = sitting.open("/settings/criteria?new=1")
    page.fill("#name", "kept over the break")
    page.select_option("#kind", "folder")
    page.fill("#folder", "/Nobody")
    sitting.sign_out()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("session")
    expect(page.locator("#folder")).to_have_value("/Nobody")
    sitting.sign_in("boss")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("main")).to_contain_text("est en vigueur")
    expect(page.locator("main")).to_contain_text("kept over the break")


def test_a_fault_of_the_file_leads_to_its_place(sit: Sit) -> None:
    sitting = sit("boss")
    sitting.expected = {422}
    page = sitting.open("/settings/file")
    page.fill("#yaml", 'version: 1\ncriteria:\n  - {name: a, folder: "no-slash"}\n')
    page.get_by_role("button", name="Comparer").click()
    page.get_by_role("link", name="Ligne 3, colonne 15").click()
    expect(page.locator("#yaml")).to_be_focused()
    marked = page.evaluate(
        "() => { const a = document.getElementById('yaml'); return a.value.slice(a.selectionStart, a.selectionEnd); }"
    )
    assert marked == 'folder: "no-slash"}'


def test_a_text_that_was_changed_after_the_comparison_is_compared_again(sit: Sit) -> None:
    sitting = sit("boss")
    sitting.expected = {422}
    page = sitting.open("/settings/file")
    page.fill("#yaml", "reading: {max_pages: 77}")
    page.get_by_role("button", name="Comparer").click()
    expect(page.locator("main")).to_contain_text("Pages d'un document, au plus\N{NO-BREAK SPACE}: 77")
    page.locator("summary", has_text="Texte du fichier").click()
    page.fill("#yaml", "reading: {max_pages: 78}")
    page.get_by_role("button", name="Appliquer comme").click()
    expect(page.get_by_role("alert")).to_contain_text("le texte a changé")
    expect(page.locator("main")).to_contain_text("Pages d'un document, au plus\N{NO-BREAK SPACE}: 78")


def test_a_form_shows_only_what_the_choice_asks_for(sit: Sit) -> None:
    page = sit("boss").open("/settings/providers/new")
    expect(page.locator("#piste_client_secret")).to_be_visible()
    expect(page.locator("#certificate_file")).to_be_hidden()
    page.select_option("#authentication", "certificate")
    expect(page.locator("#certificate_file")).to_be_visible()
    expect(page.locator("#piste_client_secret")).to_be_hidden()


def test_a_mail_follows_what_is_typed_and_a_fault_stands_beside_its_part(sit: Sit) -> None:
    sitting = sit("boss")
    sitting.expected = {422}
    page = sitting.open("/settings/templates?event=submitted&language=fr")
    page.fill("#subject", "{{ count }} parties")
    expect(page.locator("[data-mail-subject]")).to_have_text("2 parties")
    page.fill("#body", "À faire : {{ first_todo }}")
    expect(page.locator("#body-fault")).to_contain_text("first_todo")
    expect(page.locator("#body")).to_have_attribute("aria-invalid", "true")
    page.fill("#body", "Bonjour {{ provider }}\n{{ table }}")
    expect(page.locator("[data-mail-text]")).to_contain_text("Bonjour")
    expect(page.locator("#body-fault")).to_be_hidden()


def test_another_sample_leaves_the_form_as_it_was_typed(sit: Sit) -> None:
    page = sit("boss").open("/settings/attachments?new=1")
    page.fill("#invoice_rule", "Facture client")
    page.fill("#attachment_rule", "Bon de livraison")
    page.fill("#pair-invoice-1", "commande")
    page.fill("#pair-attachment-1", "commande")
    page.fill("#since", "toujours")
    page.get_by_role("button", name="Essayer").click()
    expect(page.locator("#trial")).to_contain_text("L-17.pdf")
    page.get_by_role("button", name="Un autre").click()
    expect(page.locator("#trial")).not_to_contain_text("L-17.pdf")
    expect(page.locator("#pair-attachment-1")).to_have_value("commande")
