"""Adding documents: what a file is called does nothing to the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import Sit

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

TURNS = "\N{RIGHT-TO-LEFT OVERRIDE}"


def test_a_name_that_turns_the_writing_turns_none_of_our_words(sit: Sit) -> None:
    sitting = sit()
    sitting.expected = {422}
    page = sitting.open("/add")
    named = FilePayload(name=f"x{TURNS}fdp.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7 nothing")
    page.locator("#file").set_input_files(named)
    expect(page.locator("main")).to_contain_text("xfdp.pdf")
    page.locator("[data-add]").click()
    expect(page.locator("[data-detail]").first).not_to_be_empty()
    assert TURNS not in page.content()
