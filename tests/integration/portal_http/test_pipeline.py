"""The whole pipeline over an HTTP portal: an invoice is sent, and its document tells the Chorus Pro number."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from include.application.pipeline import PassReport, Scope
from include.application.ports.document_views import DocumentFilter
from include.demo.portal_server.app import Manner
from include.demo.portal_server.server import RunningPortal
from include.domain.rights import OWNER
from include.simulator.server import RunningSimulator
from tests.orchestration.world import World, fault

NAMES = ("etat_chorus", "numero_chorus")
WRITE_BACK = {"state": "etat_chorus", "chorus_id": "numero_chorus"}

pytestmark = pytest.mark.slow


class HttpWorld(World):
    """A world whose portal is reached over HTTP."""

    server: RunningPortal

    def over(self, server: RunningPortal, **extra: Any) -> None:
        """Points the connector at a portal, as an operator does."""
        self.server = server
        connection = {**server.connection, "extra": {**server.connection["extra"], **extra}}
        self.monkeypatch.setenv("AIRFLOW_CONN_CHORUS_PORTAL", json.dumps(connection))
        self.configure(portal={"kind": "http", "connection": "chorus_portal", "write_back": WRITE_BACK})

    def run(self) -> PassReport:
        services = self.services
        try:
            return services.pipeline().run()
        finally:
            services.close()

    def shown(self, number: str) -> dict[str, Any]:
        """Metadata that the portal holds of a document."""
        side_car = self.portal / "Factures" / f"{number}.pdf.json"
        metadata: dict[str, Any] = json.loads(side_car.read_text()).get("metadata", {})
        return metadata


@pytest.fixture
def world(own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpWorld]:
    with RunningSimulator() as simulator:
        made = HttpWorld(folder=tmp_path, simulator=simulator, monkeypatch=monkeypatch)
        made.prepare()
        with RunningPortal(made.portal, manner=Manner(), metadata_names=NAMES) as server:
            made.over(server)
            yield made


@pytest.mark.parametrize("authentication", ["basic", "apikey"])
def test_an_invoice_is_sent_and_its_document_tells_the_number(world: HttpWorld, authentication: str) -> None:
    world.over(world.server, authentication=authentication)
    world.file("2026-HTTP-1")
    report = world.run()
    assert report.failures == []
    assert world.on_platform() == ["2026-HTTP-1"]
    number = world.documents()["2026-HTTP-1"].chorus_id
    assert world.shown("2026-HTTP-1") == {"etat_chorus": "Déposée", "numero_chorus": str(number)}


def test_what_was_written_is_no_change_of_the_document(world: HttpWorld) -> None:
    world.file("2026-HTTP-1")
    world.run()
    before = world.everything()
    world.server.manner.calls.clear()
    for _ in range(2):
        report = world.run()
        assert report.failures == []
        assert report.counts["submitted"] == report.counts["matched"] == 0
    assert world.everything() == before
    assert [method for method, _ in world.server.manner.calls if method == "PUT"] == []
    listed = world.services.store.document_views.rows(OWNER, DocumentFilter())
    assert [row.flag for row in listed] == [None]


def test_metadata_of_the_portal_decide_over_what_the_page_says(world: HttpWorld) -> None:
    world.configure(
        metadata_association=[{"classification_rule": "Facture client", "fields": {"invoice_number": "numero"}}]
    )
    world.file("2026-HTTP-1")
    side_car = world.portal / "Factures" / "2026-HTTP-1.pdf.json"
    told = {"classification_rule": "Facture client", "metadata": {"numero": "2026-META-1"}}
    side_car.write_text(json.dumps(told))
    world.run()
    assert world.on_platform() == ["2026-META-1"]
    assert world.shown("2026-HTTP-1")["numero"] == "2026-META-1"


def test_a_portal_that_cannot_be_written_keeps_no_invoice_from_going(world: HttpWorld) -> None:
    world.server.manner.fault = lambda request: Response(status_code=503) if request.method == "PUT" else None
    for number in range(4):
        world.file(f"2026-HTTP-{number}")
    report = world.run()
    assert len(world.on_platform()) == 4
    assert [failure.code for failure in report.failures] == ["portal_unavailable"]
    world.server.manner.fault = lambda _request: None
    assert world.run().failures == []
    assert {world.shown(f"2026-HTTP-{number}")["etat_chorus"] for number in range(4)} == {"Déposée"}


def test_a_portal_that_is_down_keeps_no_ready_invoice_from_going(world: HttpWorld) -> None:
    world.file("2026-HTTP-1")
    fault(world.simulator, operation="factures/soumettre", kind="rate_limited", times=1)
    world.run()
    assert world.states() == {"2026-HTTP-1": "ready"}
    world.server.manner.fault = lambda _request: Response(status_code=503)
    assert {failure.code for failure in world.run().failures} >= {"portal_unavailable"}
    assert world.on_platform() == ["2026-HTTP-1"]
    assert world.states() == {"2026-HTTP-1": "submitted"}


def test_a_dry_run_writes_nothing_into_the_portal(world: HttpWorld) -> None:
    world.file("2026-HTTP-1")
    services = world.services
    services.pipeline().run(Scope(dry_run=True))
    services.close()
    assert world.shown("2026-HTTP-1") == {}
    assert [method for method, _ in world.server.manner.calls if method == "PUT"] == []


def test_nothing_to_do_means_that_nothing_is_to_be_written_either(world: HttpWorld) -> None:
    world.server.manner.fault = lambda request: Response(status_code=403) if request.method == "PUT" else None
    world.file("2026-HTTP-1")
    world.run()
    world.run()
    assert not world.services.pipeline().nothing_to_do()
    world.server.manner.fault = lambda _request: None
    world.run()
    assert world.services.pipeline().nothing_to_do()


def test_no_secret_of_the_portal_stands_in_our_database(world: HttpWorld) -> None:
    world.over(world.server, authentication="apikey")
    world.file("2026-HTTP-1")
    world.run()
    database = b"".join(path.read_bytes() for path in world.services.settings.home.glob("chorus.db*"))
    assert b"2026-HTTP-1" in database
    assert world.server.password.encode() not in database
