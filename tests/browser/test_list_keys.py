"""A list by keyboard: rows are selected, what is done with them is chosen and answered without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from include.demo.generator import cast
from include.domain.lifecycle import State
from tests.browser.conftest import Sit
from tests.browser.office import Office

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

NUMBERS = ("K-1", "K-2", "K-3")


@pytest.fixture(scope="module")
def filed(office: Office) -> Office:
    """Three of their own, which lack a service."""
    for number in NUMBERS:
        office.file(number, cast.HOSPITAL, service_code=None)
    office.passes()
    return office


def test_some_are_held_with_a_reason_and_released_by_keys_alone(sit: Sit, filed: Office) -> None:
    page = sit().open("/documents?q=K-&sort=number")
    press = page.keyboard.press
    for key in ("j", "x", "j", "j", "x", "x"):
        press(key)
    expect(page.locator("tr.sel")).to_have_count(1)
    press("k")
    press("Shift+X")
    expect(page.locator("tr.sel")).to_have_count(3)
    press("k")
    press("x")  # the first one not
    expect(page.locator("tr.sel")).to_have_count(2)
    press("a")
    expect(page.locator(".bulk button[name=action]").first).to_be_focused()
    press("Tab")
    expect(page.locator("[data-asks=ask-hold]")).to_be_focused()
    press("Enter")
    expect(page.locator("#ask-hold-reason")).to_be_focused()
    page.keyboard.type("À demander")
    press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("2")
    held = [number for number in NUMBERS if filed.documents()[number].state == State.HELD]
    assert held == ["K-2", "K-3"]

    page = sit().open("/documents?tab=held&q=K-&sort=number")
    for key in ("j", "x", "j", "x", "a", "Enter"):
        press = page.keyboard.press
        press(key)
    expect(page.get_by_role("status").first).to_contain_text("2")
    states = {number: filed.documents()[number].state for number in NUMBERS}
    assert set(states.values()) == {State.TO_COMPLETE}, "assessed again at once"
