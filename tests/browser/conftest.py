"""A real browser before the screens; what it complains about fails the test.

The browser lives as long as one test file: it keeps an event loop in this thread, which tests of other folders need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.office import Office, open_office
from tests.browser.sitting import Sitting, chromium

Sit = Callable[..., Sitting]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Filled once; tests that change something change documents of their own."""
    with open_office(tmp_path_factory.mktemp("office")) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for each file."""
    with chromium() as started:
        yield started


@pytest.fixture
def sit(office: Office, browser: Browser) -> Iterator[Sit]:
    """`sit("anna")`: a browser in which Anna is signed in; at the end it must have nothing to complain about."""
    sittings: list[Sitting] = []

    def sit(user: str | None = "anna", **how: object) -> Sitting:
        sitting = Sitting.begin(browser, office, user, **how)
        sittings.append(sitting)
        return sitting

    yield sit
    complaints = [complaint for sitting in sittings for complaint in sitting.complaints]
    for sitting in sittings:
        sitting.end()
    assert complaints == []
