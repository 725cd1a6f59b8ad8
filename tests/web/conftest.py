"""The screens over a real store, without Airflow: who is signed in stands in a header of the test's client."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.testclient import TestClient

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import invoices
from include.bootstrap import Services, services
from include.domain.configuration import Configuration
from include.domain.directory import DirectoryService
from include.domain.lifecycle import State
from include.domain.text import Line, Page, TextSource, Word
from include.web.app import create_app
from include.web.guards.forgery import HEADER, token
from include.web.host import Host, KnownUser, SignedIn
from tests.factories import BODY, SUPPLIER, configuration
from tests.fakes.chorus import FakeChorus, FakePlatform
from tests.fakes.clock import START, FakeClock
from tests.fakes.connections import FakeConnections
from tests.fakes.dag_runs import FakeDagRuns
from tests.fakes.sending_flow import FakeSendingFlow
from tests.integration.storage import conftest as storage
from tests.integration.storage.conftest import ready_invoice
from tests.integration.storage.seeded import seed
from tests.unit.application.map_world import complete_reading

PEOPLE = ("anna", "bob", "boss", "nobody")
"""Anna uses the provider; Bob too, with a label right; the boss administers; nobody does nothing."""

WHO = "x-test-user"
TOKEN = "x-test-bearer"


def settings_of_the_site() -> Configuration:
    """One provider, and people with every kind of right."""
    provider = {"name": "Durand", "siret": SUPPLIER, "environment": "simulator", "connection": "c", "loading": "local"}
    return configuration(
        people={"users": [{"name": name} for name in PEOPLE]},
        administer={"users": ["boss"]},
        providers=[{**provider, "use": {"users": ["anna", "bob"]}}],
        criteria=[{"name": "customer invoices", "folder": "/Factures", "since": "always"}],
        label_rights=[{"user": "bob", "label": "Nord"}],
    )


async def _authenticate(request: Request) -> SignedIn | None:
    name = request.headers.get(WHO)
    if name is None:
        return None
    return SignedIn(
        name=name, greeting=name, administers_airflow=name == "airflow_admin", by_token=TOKEN in request.headers
    )


@dataclass(frozen=True)
class Site:
    """The application, its services, and a client for each person."""

    app: FastAPI
    host: Host
    services: Services
    flow: FakeSendingFlow
    dag_runs: FakeDagRuns
    connections: FakeConnections

    def client(self, user: str | None, *, bearer: bool = False, **headers: str) -> TestClient:
        """Requests of this person's browser, or of a program with that person's token."""
        sent = {**({} if user is None else {WHO: user}), **({TOKEN: "yes"} if bearer else {}), **headers}
        return TestClient(
            self.app,
            base_url="http://airflow.test",
            root_path="/chorus",
            headers=sent,
            follow_redirects=False,
            raise_server_exceptions=False,
        )

    def form_headers(self, user: str) -> dict[str, str]:
        """What our own script sends with a change."""
        given = token(self.host, SignedIn(name=user, greeting=user))
        return {HEADER: given, "origin": "http://airflow.test", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tables and nothing in them; migrating takes as long as ten requests."""
    path = tmp_path_factory.mktemp("migrated") / "chorus.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def site(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two documents of the provider, one with Bob's label, one of nobody's provider, a returned invoice."""
    shutil.copy(migrated, tmp_path / "chorus.db")
    monkeypatch.setenv("CHORUS_DATABASE_URL", f"sqlite:///{tmp_path / 'chorus.db'}")
    made = services()
    made.store.configuration.save(
        settings_of_the_site(), expected_revision=0, actor="test", source="test", at=START, changes=()
    )
    with made.store.database.write() as connection:
        seed(
            connection,
            1,
            invoice_number="FA-001",
            recipient_name="Mairie d'Évry",
            recipient_siret="12345678200051",
            reasons=("two_invoices",),
            total_incl_tax="1800.00",
        )
        seed(connection, 2, state=State.READY, labels=("Nord",), total_incl_tax="12.50", invoice_number="FA-002")
        seed(connection, 3, provider_key=None, arrived_at=START - dt.timedelta(days=2))
        seed(connection, 4, state=State.TO_PROCESS, status="SUSPENDUE", total_incl_tax="7.00", invoice_number="S-4")
    flow = FakeSendingFlow()
    dag_runs = FakeDagRuns()
    connections = FakeConnections()
    host = Host(
        services=made,
        authenticate=_authenticate,
        login_address=lambda: "/auth/login",
        signing_key="only for tests",
        flow=flow,
        dag_runs=dag_runs,
        connections=connections,
        known_users=lambda: [KnownUser(name="anna"), KnownUser(name="zoe", mail="zoe@example.org")],
    )
    yield Site(app=create_app(host), host=host, services=made, flow=flow, dag_runs=dag_runs, connections=connections)
    made.close()


def json_of(answer: Any) -> Any:
    """The body of an answer for programs."""
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@pytest.fixture
def platform(site: Site, clock: FakeClock) -> FakePlatform:
    """A platform that answers, for whatever the site asks it."""
    held = FakePlatform(clock)
    site.services.__dict__["chorus"] = FakeChorus(held)
    return held


@pytest.fixture
def opened(site: Site, platform: FakePlatform, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> int:
    """Document 5: read in full, but for the service code that its recipient demands; its service is on the page."""
    line = Line(words=tuple(Word(text=text, box=(0.0, 0.0, 9.0, 9.0)) for text in ("Service", "technique")))
    page = Page(number=1, width=595.0, height=842.0, lines=(line,), source=TextSource.TEXT)
    found = complete_reading(invoicing_framework="A1_FACTURE_FOURNISSEUR", vat_type="TVA_SUR_DEBIT")
    found = dataclasses.replace(found, pages=(page,))
    monkeypatch.setattr(storage, "reading", lambda: found)
    platform.add_body(
        BODY,
        DirectoryService(code="FIN", name="Direction des finances", active=True, engagement_required=True),
        DirectoryService(code="FACTURES_PUBLIQUES", name="Entre structures publiques", active=True),
        DirectoryService(code="ST01", name="Service technique", active=True),
        DirectoryService(code="OLD", name="Ancien service", active=False),
        name="Mairie d'Évry",
        town="Évry",
        service_required=True,
    )
    for content in (b"content", b"attached"):
        site.services.files.put(content)
    ready_invoice(site.services.store, "2026-FA-1", b"content", clock.now())
    with site.services.store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == 5).values(judged_revision=None))
    assert site.services.pipeline().map([5]).failures == []
    return 5
