"""The screens as Airflow serves them with FAB's users and roles, behind a prefix, by two web server processes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping

import httpx
import pytest
from playwright.sync_api import expect

from include.bootstrap import services
from include.demo.generator import cast
from include.domain.configuration import Configuration
from include.settings import settings
from tests.browser.airflow_story import AirflowVisit
from tests.browser.sitting import chromium
from tests.e2e.fab_server import PREFIX, Served, served_by_fab

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

ROLES = {"clara": "Viewer", "otto": "Op", "ada": "Admin"}
"""Clara uses the provider; Otto and Ada are in no list of the configuration."""


def _configure(environment: Mapping[str, str]) -> None:
    """One provider that Clara uses; nobody is named to administer."""
    made = services(given=settings(environment))
    made.store.database.migrate()
    provider = {"name": cast.DURAND.name, "siret": cast.DURAND.siret, "environment": "simulator", "connection": "c"}
    given = {
        "version": 1,
        "people": {"users": [{"name": "clara"}]},
        "providers": [{**provider, "loading": "local", "use": {"users": ["clara"]}}],
    }
    at = dt.datetime.now(dt.UTC)
    made.store.configuration.save(
        Configuration.model_validate(given), expected_revision=0, actor="t", source="t", at=at, changes=()
    )
    made.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served_by_fab(tmp_path_factory.mktemp("fab"), ROLES, _configure) as made:
        yield made


def test_nobody_signed_in_is_sent_to_the_login_and_back_to_the_same_page(served: Served) -> None:
    answer = served.page("/documents?tab=ready")
    assert answer.status_code == 303
    login, _, wanted = answer.headers["location"].partition("?next=")
    assert login.startswith(f"{served.url}/auth/login")
    assert wanted == "%2Fairflow%2Fchorus%2Fdocuments%3Ftab%3Dready"
    assert served.page("/api/v1/me").status_code == 401
    assert served.page("/", {"_token": "torn"}).status_code == 303


def test_roles_of_airflow_decide_nothing_but_who_administers_while_nobody_is_named(served: Served) -> None:
    mine = {user: served.ask(user, "me") for user in ROLES}
    assert {user: answer.status_code for user, answer in mine.items()} == dict.fromkeys(ROLES, 200)
    told = {user: [answer.json()[key] for key in ("name", "administer", "providers")] for user, answer in mine.items()}
    assert told == {
        "clara": ["clara", False, [cast.DURAND.name]],
        "otto": ["otto", False, []],
        "ada": ["ada", True, []],
    }
    statuses = {
        user: [served.page(path, served.cookies(user)).status_code for path in ("/", "/invoices")] for user in ROLES
    }
    assert statuses == {"clara": [200, 200], "otto": [403, 403], "ada": [200, 403]}


def test_every_process_takes_the_token_of_a_page_that_another_one_made(served: Served) -> None:
    cookies = served.cookies("clara")
    page = served.page("/", cookies).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    address, body, headers = f"{served.url}/chorus/api/v1/notifications/read", {"all": True}, {"X-CSRF-Token": found[1]}
    answers = [httpx.post(address, cookies=cookies, headers=headers, json=body, timeout=60) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    assert httpx.post(address, cookies=cookies, json=body, timeout=60).status_code == 403
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page)
    assert links and all(link.startswith(f"{PREFIX}/") for link in links)


def test_the_menu_leads_a_viewer_into_the_frame_behind_the_prefix(served: Served) -> None:
    with chromium() as browser:
        visit = AirflowVisit.begin(browser, served.url)
        visit.sign_in("clara", served.password, wanted="/chorus/documents?tab=ready")
        visit.page.goto(f"{served.url}/")
        visit.page.locator("a[href$='/plugin/chorus']").first.click()
        visit.frame().locator("nav.tabs a[href$='/invoices']").click()
        expect(visit.frame().locator("nav.tabs a[href$='/invoices']")).to_have_attribute("aria-current", "page")
        visit.page.wait_for_url(re.compile(r".*/airflow/plugin/chorus/airflow/chorus/invoices$"))
        visit.page.reload()
        expect(visit.frame().locator("nav.tabs a[aria-current=page]")).to_have_attribute(
            "href", f"{PREFIX}/chorus/invoices"
        )
        assert visit.complaints == []
