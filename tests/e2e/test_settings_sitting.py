"""A product configured wholly on its screens inside a real Airflow, by a browser; what it exports and sends then."""

from __future__ import annotations

import datetime as dt
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from playwright.sync_api import Browser, Page, expect

from include.bootstrap import services
from include.demo.generator import cast
from include.demo.generator.publish import publish
from include.domain.configuration import Configuration
from include.settings import settings
from include.simulator.server import RunningSimulator
from tests.browser.airflow_story import AirflowVisit
from tests.browser.sitting import chromium
from tests.e2e.fab_server import Served, served_by_fab
from tests.orchestration.world import deposited, pdf

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

ROLES = {"ada": "Admin", "bea": "Admin", "clara": "Viewer"}
"""Ada and Bea administer, as Airflow's administrators; Clara will use the provider."""

RULE, WORDING, NOTE = "Facture client", "Mairie du lac", "Bon pour accord"
WRONG = secrets.token_hex(8)
"""A password that is typed, and refused."""

SETTINGS = ("providers", "criteria", "association", "recipients", "label-rights", "bank-details", "people", "history",
            "file")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Office:
    """The web server, the platform, and the portal, in which one invoice lies."""

    served: Served
    simulator: RunningSimulator
    portal: Path

    def one_pass(self) -> dict[str, int]:
        """One pass of the ten-minute flow in a process of its own, with Airflow's connections."""
        environment = {**self.served.environment, "CHORUS_SECRETS": "airflow"}
        command = [sys.executable, "-c", "from include.cli import app; app()", "run", "submission", "--json"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        counts: dict[str, int] = json.loads(done.stdout)["counts"]
        return counts

    def exported(self) -> dict[str, Any]:
        """The configuration as a file."""
        answer = self.served.ask("ada", "config")
        assert answer.is_success, answer.text
        found: dict[str, Any] = yaml.safe_load(answer.json()["yaml"])
        return found

    @property
    def secrets(self) -> list[str]:
        """Everything that nobody may ever read again."""
        return [self.simulator.password, self.simulator.client_secret, WRONG]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    home = tmp_path_factory.mktemp("settings")
    portal = home / "portal"
    metadata = {"client": [WORDING], "note": [NOTE]}
    publish(portal, "Factures/E-1.pdf", pdf("E-1"), {"classification_rule": RULE, "metadata": metadata})

    def prepare(environment: Mapping[str, str]) -> None:
        """A portal, and nothing else."""
        made = services(given=settings(environment))
        made.store.database.migrate()
        where = {"kind": "folder", "url": portal.as_uri(), "settle_seconds": 0}
        begun = Configuration.model_validate({"version": 1, "portal": where})
        at = dt.datetime.now(dt.UTC)
        made.store.configuration.save(begun, expected_revision=0, actor="t", source="t", at=at, changes=())
        made.close()

    with RunningSimulator() as simulator, served_by_fab(home / "airflow", ROLES, prepare) as served:
        yield Office(served=served, simulator=simulator, portal=portal)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def visit(office: Office, browser: Browser, user: str, section: str) -> AirflowVisit:
    """This person signed in, before a page of the settings."""
    made = AirflowVisit.begin(browser, office.served.url)
    made.sign_in(user, office.served.password, wanted=f"/chorus/settings/{section}")
    return made


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        page.locator(f'[name="{name}"]').fill(value)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def stored(page: Page) -> None:
    """Waits for the line that says that it is in force."""
    expect(page.get_by_role("status").filter(has_text="est en vigueur")).to_be_visible()


def add_person(page: Page, office: Office) -> None:
    """Clara, whom Airflow's own list of users offers."""
    page.goto(f"{office.served.url}/chorus/settings/people")
    page.locator("#airflow li").filter(has_text="clara").get_by_role("link").click()
    expect(page.locator("#mail")).to_have_value("clara@example.org")
    page.locator("#language").select_option("fr")
    press(page, "Enregistrer")
    stored(page)


def add_provider(page: Page, office: Office) -> None:
    """With a wrong password first, which says which half failed, then with the right one."""
    page.goto(f"{office.served.url}/chorus/settings/providers")
    page.get_by_role("link", name="Configurer ce fournisseur").click()
    page.locator("#environment").select_option("simulator")
    page.locator("#loading").select_option("local")
    fill(page, name=cast.DURAND.name, siret=cast.DURAND.siret, host=office.simulator.url, use="clara", notify="clara",
         login=office.simulator.login, password=WRONG, piste_client_id=office.simulator.client_id,
         piste_client_secret=office.simulator.client_secret)  # fmt: skip
    page.locator("#automatic_submission").check()
    press(page, "Enregistrer et vérifier la connexion")
    alert = page.get_by_role("alert").filter(has_text="compte technique")
    expect(alert).to_contain_text("réinitialisez le mot de passe technique")
    fill(page, password=office.simulator.password)
    press(page, "Enregistrer et vérifier la connexion")
    expect(page.get_by_role("status").filter(has_text="fonctionne")).to_be_visible()


def add_criterion(page: Page, office: Office) -> None:
    """Tried before it is saved."""
    page.goto(f"{office.served.url}/chorus/settings/criteria?new=1")
    page.locator("#kind").select_option("rule")
    fill(page, name="factures clients", classification_rule=RULE, since="toujours")
    press(page, "Essayer")
    expect(page.locator("#trial")).to_contain_text("1 document")
    press(page, "Enregistrer")
    stored(page)


def add_association(page: Page, office: Office) -> None:
    """Among the metadata that the rule's documents have."""
    page.goto(f"{office.served.url}/chorus/settings/association")
    page.locator("select[name=recipient_siret]").select_option("client")
    page.locator("select[name=comment]").select_option("note")
    press(page, "Enregistrer")
    stored(page)


def add_recipient(page: Page, office: Office) -> None:
    """Found in the directory of the platform."""
    page.goto(f"{office.served.url}/chorus/settings/recipients")
    page.locator("#directory-text").fill(cast.ANNECY.siret)
    press(page, "Chercher")
    page.locator("#directory-search li").get_by_role("link").click()
    fill(page, wordings=WORDING)
    press(page, "Enregistrer")
    stored(page)


EXPERT = f"""
people:
  users: [{{name: clara, mail: clara@example.org, language: fr}}]
providers:
  - name: {cast.DURAND.name}
    siret: "{cast.DURAND.siret}"
    environment: simulator
    connection: chorus_{cast.DURAND.siret}
    automatic_submission: true
    loading: local
    notify: {{users: [clara]}}
    use: {{users: [clara]}}
criteria:
  - {{name: factures clients, classification_rule: {RULE}, since: always}}
metadata_association:
  - {{classification_rule: {RULE}, fields: {{recipient_siret: client, comment: note}}}}
recipients:
  - {{siret: "{cast.ANNECY.siret}", wordings: [{WORDING}]}}
"""
"""What somebody who knows the file would have written beside the portal."""


@dataclass(frozen=True, kw_only=True)
class Configured:
    """What the sitting of one administrator made: `before` and `after` it what one pass submitted."""

    before: int
    after: int
    exported: dict[str, Any]


@pytest.fixture(scope="module")
def configured(office: Office) -> Configured:
    """Everything but the portal, on the screens."""
    before = office.one_pass()["submitted"]
    with chromium() as browser:
        made = visit(office, browser, "ada", "people")
        for step in (add_person, add_provider, add_criterion, add_association, add_recipient):
            step(made.page, office)
        assert made.complaints == []
    exported = office.exported()
    return Configured(before=before, after=office.one_pass()["submitted"], exported=exported)


def test_what_the_screens_configured_is_the_file_of_an_expert(office: Office, configured: Configured) -> None:
    written = {"version": 1, "portal": configured.exported["portal"], **yaml.safe_load(EXPERT)}
    assert Configuration.model_validate(configured.exported) == Configuration.model_validate(written)
    history = office.served.ask("ada", "config/history?limit=200").json()["items"]
    screens = {one["source"] for one in history if one["actor"] == "ada"}
    assert screens >= {f"screens/{name}" for name in ("people", "providers", "criteria", "association", "recipients")}


def test_what_the_screens_configured_changes_what_the_next_pass_sends(office: Office, configured: Configured) -> None:
    assert (configured.before, configured.after) == (0, 1)
    [sent] = deposited(office.simulator)
    assert (sent["number"], sent["payload"]["commentaire"]) == ("E-1", NOTE)
    assert cast.ANNECY.siret in json.dumps(sent["payload"])


def test_no_secret_stands_on_a_page_in_a_log_in_a_database_or_in_the_audit(
    office: Office, configured: Configured
) -> None:
    cookies = office.served.cookies("ada")
    shown = [office.served.page(f"/settings/{name}", cookies).text for name in SETTINGS]
    shown.append(office.served.page(f"/settings/providers/{cast.DURAND.siret}", cookies).text)
    shown += [office.served.ask("ada", path).text for path in ("config", "config/history?limit=200", "openapi.json")]
    files = {path: _bytes(path) for path in office.served.home.rglob("*") if path.is_file()}
    assert {path.suffix for path in files} >= {".db", ".log"}
    for secret in office.secrets:
        assert [text for text in shown if secret in text] == []
        assert [path for path, content in files.items() if secret.encode() in content] == []


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def test_the_second_of_two_administrators_sees_what_the_first_stored_and_chooses(
    office: Office, configured: Configured, browser: Browser
) -> None:
    mine, theirs = (visit(office, browser, user, f"providers/{cast.DURAND.siret}").page for user in ("ada", "bea"))
    name = f"Atelier {secrets.token_hex(3)}"
    theirs.locator("#name").fill(name)
    press(theirs, "Enregistrer et vérifier la connexion")
    expect(theirs.get_by_role("status").filter(has_text="fonctionne")).to_be_visible()
    mine.locator("#send_attachments").check()
    press(mine, "Enregistrer et vérifier la connexion")
    expect(mine.get_by_role("alert").filter(has_text="Quelqu'un d'autre a changé")).to_contain_text(name)
    assert office.exported()["providers"][0]["name"] == name, "nothing was laid over it"
    mine.get_by_role("link", name="Prendre les leurs").click()
    expect(mine.locator("#name")).to_have_value(name)


def test_who_uses_a_provider_and_administers_nothing_meets_no_setting(office: Office) -> None:
    cookies = office.served.cookies("clara")
    pages = [office.served.page(f"/settings/{name}", cookies).status_code for name in SETTINGS]
    assert set(pages) == {403}
    twins = ("config", "config/history", "recipients", "people/known", "label-rights/unmapped", "criteria")
    assert {office.served.ask("clara", path).status_code for path in twins} == {403}
