"""An invoice's whole life without a mouse: added, completed, sent, suspended, answered, paid."""

from __future__ import annotations

import datetime as dt
import random
import time
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from include.demo.generator import cast, render
from include.demo.generator.layouts import LAYOUTS
from include.domain.lifecycle import State
from tests.browser.conftest import Sit
from tests.browser.office import RULE, Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

NUMBER = "W-1"


def invoice(folder: Path) -> Path:
    """A PDF to be added: the hospital's service is missing on it."""
    rng = random.Random(NUMBER)
    drawn = cast.draw_invoice(rng, number=NUMBER, body=cast.HOSPITAL, today=dt.datetime.now(dt.UTC).date())
    path = folder / f"{NUMBER}.pdf"
    path.write_bytes(render.digital(replace(drawn, service_code=None), LAYOUTS["classic"], rng))
    return path


def walk_to(page: Page, target: str) -> None:
    """Tab until it has the focus, as somebody without a mouse does."""
    for _ in range(80):
        if page.locator(target).evaluate("(one) => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{target} is not reached by Tab")


def test_from_the_portal_to_the_payment_by_keys(sit: Sit, office: Office, tmp_path: Path) -> None:
    sitting = sit("anna")
    page = sitting.open("/add")
    page.locator("#file").set_input_files(invoice(tmp_path))  # the window that chooses a file is the browser's own
    page.locator("#classification_rule").focus()
    page.keyboard.type(RULE)
    walk_to(page, "[data-add]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-said]")).to_contain_text("1")
    office.passes()

    page = sitting.open(f"/documents?q={NUMBER}")
    began = time.monotonic()
    keys = ("g", "ArrowDown", "Enter", "Control+Enter")
    page.keyboard.press("g")
    expect(page.locator("#service_code")).to_be_focused()
    expect(page.locator("#service_code-options")).to_be_visible()
    for key in keys[1:]:
        page.keyboard.press(key)
    expect(page.get_by_role("status").first).to_contain_text(NUMBER)
    print(f"one missing service: {len(keys)} keys, {time.monotonic() - began:.1f} s")
    assert office.documents()[NUMBER].state == State.SUBMITTED
    assert len(office.held(NUMBER)) == 1

    office.platform("clock", advance_seconds=60)
    office.platform("status", number=NUMBER, status="SUSPENDUE", comment="Bon de livraison absent")
    office.night()
    page = sitting.open("/returned?tab=suspended&sort=-deadline")
    page.keyboard.press("g")
    expect(page.locator("main")).to_contain_text("Bon de livraison absent")
    walk_to(page, "#comment")
    page.keyboard.type("Le voici")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text(NUMBER)
    assert office.held(NUMBER)[0]["status"] == "COMPLETEE"

    office.platform("clock", advance_seconds=60)
    office.platform("status", number=NUMBER, status="MISE_EN_PAIEMENT")
    office.night()
    page = sitting.open(f"/invoices?q={NUMBER}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".pill").first).to_have_text("Mise en paiement")
