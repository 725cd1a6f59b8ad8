"""An invoice's whole life through the screens, and what they say while Chorus Pro is down."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from include.demo.generator import cast
from include.domain.lifecycle import State
from tests.browser.conftest import Sit
from tests.browser.office import Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]


def test_from_the_portal_to_the_payment(sit: Sit, office: Office, tmp_path: Path) -> None:
    office.file("L-1", cast.HOSPITAL, service_code=None)
    office.passes()
    sitting = sit("anna")
    page = sitting.open("/documents?q=L-1")
    row = page.locator("tr[data-document]")
    expect(row).to_contain_text("service")  # the reason, in words
    row.locator("a.title").click()
    page.locator("#service_code").fill(cast.SERVICES[cast.HOSPITAL.siret])
    page.get_by_role("button", name="Valider et suivante").click()
    expect(page.get_by_role("status").first).to_contain_text("L-1")
    [held] = office.held("L-1")
    assert held["payload"]

    office.platform("clock", advance_seconds=60)
    office.platform("status", number="L-1", status="SUSPENDUE", comment="Bon de livraison absent")
    office.night()
    page = sitting.open("/returned")
    page.get_by_role("link", name="L-1").click()
    expect(page.locator("main")).to_contain_text("Bon de livraison absent")
    paper = tmp_path / "bon de livraison.pdf"
    paper.write_bytes(b"%PDF-1.7 bon de livraison")
    page.locator("#attachments").set_input_files(paper)
    page.locator("#comment").fill("Le voici")
    page.get_by_role("button", name="Vérifier sans envoyer").click()
    expect(page.get_by_role("status")).to_contain_text("Le voici")
    page.get_by_role("button", name="Compléter").click()
    assert office.held("L-1")[0]["status"] == "SUSPENDUE", "a try sends nothing, and nothing goes without its file"
    page.locator("#attachments").set_input_files(paper)
    page.get_by_role("button", name="Compléter").click()
    expect(page.get_by_role("status")).to_contain_text("L-1")
    [held] = office.held("L-1")
    assert (held["status"], [one["name"] for one in held["attachments"]]) == ("COMPLETEE", [paper.name])

    office.platform("clock", advance_seconds=60)
    office.platform("status", number="L-1", status="MISE_EN_PAIEMENT")
    office.night()
    page = sitting.open("/invoices?q=L-1")
    expect(page.locator("tr[data-invoice]")).to_have_count(1)
    page.get_by_role("link", name="L-1").click()
    expect(page.locator("main")).to_contain_text("Bon de livraison absent")
    expect(page.locator(".pill").first).to_have_text("Mise en paiement")
    sitting.open("/")
    expect(page.locator("main")).to_contain_text("L-1")  # Anna was told


def test_while_the_platform_is_down_nothing_is_lost_and_nothing_sent_twice(sit: Sit, office: Office) -> None:
    sitting = sit("anna")
    page = sitting.open("/documents/{R-2}?tab=ready")
    office.platform("faults", operation="factures/soumettre", kind="drop_after_accept", times=1)
    office.platform("faults", operation="factures/rechercher/fournisseur", kind="server_error", times=50)
    try:
        page.get_by_role("button", name="Valider et suivante").click()
        expect(page.get_by_role("status").filter(has_text="R-2")).to_be_visible()
        assert office.documents()["R-2"].state == State.UNKNOWN
        assert not page.url.endswith("/submit"), "the clerk goes on"
        expect(sitting.open("/documents?tab=moving").locator("main")).to_contain_text("R-2")
        expect(sitting.open("/invoices").locator("tr[data-invoice]").first).to_be_visible()
    finally:
        office.heal()
    office.passes()
    assert office.documents()["R-2"].state == State.SUBMITTED
    assert len(office.held("R-2")) == 1
