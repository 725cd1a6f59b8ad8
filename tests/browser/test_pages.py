"""Every page in a real browser: both languages, both themes, four widths, and what axe says of it."""

from __future__ import annotations

import re

import pytest

from tests.browser.conftest import Sit
from tests.browser.pages import PAGES, Shown
from tests.browser.sitting import WIDTHS, Sitting
from tools.po_files import parts

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]
every_page = pytest.mark.parametrize("shown", [pytest.param(one, id=one.name) for one in PAGES])


CODE = re.compile(rf"\b(?:{'|'.join(parts())})\.[a-z_]+\b")
"""A code of the catalogue, which is shown where its words are missing."""


def _codes(sitting: Sitting) -> list[str]:
    return CODE.findall(sitting.page.locator("body").inner_text())


@every_page
def test_a_page_is_right_for_everybody(sit: Sit, shown: Shown) -> None:
    """In one go, since opening a page costs more than looking at it."""
    sitting = sit(shown.user)
    sitting.expected = {shown.status}
    for language in ("en", "fr"):
        sitting.speak(language)
        sitting.open(shown.path)
        if shown.opens:
            sitting.page.locator(shown.opens).first.click()
        assert sitting.page.locator("html").get_attribute("lang") == language
        assert _codes(sitting) == [], language
        assert {width: found for width in WIDTHS if (found := sitting.sticks_out(width))} == {}, language
    sitting.resize(390)
    assert sitting.violations() == [], "on a telephone"
    sitting.resize(1280)
    assert sitting.violations() == [], "on a desk"
    sitting.page.emulate_media(color_scheme="dark")
    assert sitting.violations("color-contrast") == [], "in the dark"
