"""Providers against the simulator on the real store: remote reading, own service, credentials, certificate door."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.chorus.chorus import RestChorus
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.tables import events
from include.adapters.storage.store import Store
from include.application.operations.doctor import Surroundings, doctor
from include.application.ports.checks import Check
from include.application.providers.provider_listing import list_providers
from include.domain.errors import PortalUnavailableError
from include.domain.lifecycle import State
from include.domain.notification import PARIS
from include.domain.reading import DocumentKind, Reading
from include.simulator.server import RunningSimulator, Tls
from tests.factories import PROVIDER_KEY, SUPPLIER, configuration, listing, portal_document
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets
from tests.sending_bench import SendingBench, complete_reading
from tests.services.authority import DAY, SERVER, Authority
from tests.services.control_door import control
from tests.services.simulator import connection_to


class Bench(SendingBench):
    """The sending bench on the real client."""

    def __init__(self, store: Store, files: FsspecFiles, simulator: RunningSimulator, clock: FakeClock) -> None:
        self.simulator = simulator
        self.secrets = FakeSecrets(connection_to(simulator))
        super().__init__(store, files, RestChorus(secrets=self.secrets, clock=clock, sleep=clock.advance), clock)

    def change(self, **parts: Any) -> None:
        """Other parts of the connection."""
        self.secrets.put(dataclasses.replace(self.secrets.get("chorus_test"), **parts))

    def wants(self, **provider: Any) -> None:
        changed = {**configuration().providers[0].model_dump(), **provider}
        self.configure(providers=[changed])

    def control(self, method: str, name: str, body: object = None) -> dict[str, Any]:
        return control(self.simulator.url, method, name, body)

    def calls(self, operation: str) -> int:
        total: int = self.control("GET", f"calls?operation={operation}")["total"]
        return total

    def incomplete(self, content: bytes, *missing: str, number: str = "F-1") -> int:
        """A document of these bytes, read without these fields."""
        store, now = self.store, self.clock.now()
        document = portal_document(f"Factures/{number}.pdf", content)
        store.documents.record_scan(listing(document), now=now)
        [work] = store.documents.to_match(store.configuration.current()[0], limit=9)
        store.documents.record_match(
            work,
            matched=True,
            stored_sha256=self.files.put(content),
            criteria=["customer invoices"],
            provider_scope=[],
            reasons=[],
            revision=store.configuration.current()[0],
            now=now,
        )
        [to_read] = store.documents.to_read(limit=9)
        full = complete_reading(number, now.date())
        kept = {name: found for name, found in full.fields.items() if name not in missing}
        reading = Reading(kind=DocumentKind.DIGITAL, fields=kept)
        assert store.documents.record_reading(to_read, reading, now=now)
        return to_read.row_version.invoice_id

    def alerts(self) -> list[str]:
        with self.store.database.read() as connection:
            return [row.facts["code"] for row in connection.execute(sa.select(events).where(events.c.kind == "alert"))]

    def doctor(self) -> dict[str, Check]:
        def no_portal(_: object) -> Any:
            raise PortalUnavailableError("none here")

        around = Surroundings(
            store=self.store.configuration,
            known_signatures=dict,
            programs=lambda: iter(()),
            files=self.files,
            open_portal=no_portal,
            check_mail=lambda _: "none",
            chorus=self.chorus,
            providers=self.store.providers,
            clock=self.clock,
        )
        return {check.full_name: check for check in doctor(around)}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def simulator(authority: Authority) -> Iterator[RunningSimulator]:
    certificate, key = authority.issue("server", SERVER)
    with RunningSimulator(tls=Tls(port=0, certificate=certificate, key=key, client_ca=authority.path)) as running:
        yield running


@pytest.fixture
def bench(simulator: RunningSimulator, tmp_path: Path) -> Iterator[Bench]:
    database = Database(f"sqlite:///{tmp_path / 'chorus.db'}")
    database.migrate()
    clock = FakeClock(dt.datetime.now(dt.UTC))
    made = Bench(Store(database), FsspecFiles((tmp_path / "files").as_uri()), simulator, clock)
    made.control("POST", "reset")
    made.wants()
    yield made
    database.close()


def native_pdf(*lines: str) -> bytes:
    """A page of native text."""
    from fpdf import FPDF

    page = FPDF()
    page.add_page()
    page.set_font("Helvetica", size=11)
    for line in lines:
        page.cell(text=line, new_x="LMARGIN", new_y="NEXT")
    target = io.BytesIO()
    page.output(target)
    return target.getvalue()


# ---------------------------------------------------------------- the platform's own reading


def test_what_the_platform_read_completes_an_invoice_and_its_file_is_the_one_that_goes(bench: Bench) -> None:
    bench.wants(remote_reading="when_incomplete", trust_remote_reading=True)
    invoice_id = bench.incomplete(native_pdf("Facture numero : REMOTE-7"), "invoice_number")
    bench.pipeline().map()
    assert (bench.state(invoice_id), bench.row(invoice_id).invoice_number) == (State.READY, "REMOTE-7")
    report = bench.pipeline().submit(PROVIDER_KEY)
    assert report.submitted == 1
    [invoice] = bench.control("GET", "invoices")["items"]
    [upload] = bench.control("GET", "uploads")["items"]
    assert (invoice["number"], upload["origin"], upload["uses"]) == ("REMOTE-7", "deposer/pdf", 1)
    assert invoice["payload"]["pieceJointePrincipale"][0]["pieceJointePrincipaleId"] == upload["id"]
    assert (bench.calls("factures/deposer/pdf"), bench.calls("transverses/ajouter/fichier")) == (1, 0)


def test_it_is_asked_once_for_the_same_bytes_whatever_is_assessed_again(bench: Bench) -> None:
    bench.wants(remote_reading="always")
    invoice_id = bench.incomplete(native_pdf("Facture numero : REMOTE-8"), "invoice_number")
    for mode in ("always", "when_incomplete", "always"):
        bench.wants(remote_reading=mode)
        bench.pipeline().map()
    assert bench.calls("factures/deposer/pdf") == 1
    assert bench.reasons(invoice_id) == ["untrusted_invoice_number"]


def test_a_dry_run_leaves_nothing_on_the_platform(bench: Bench) -> None:
    bench.wants(remote_reading="always")
    invoice_id = bench.incomplete(native_pdf("Facture numero : REMOTE-9"), "invoice_number")
    bench.pipeline().map(dry_run=True)
    assert (bench.control("GET", "uploads")["total"], bench.calls("factures/deposer/pdf")) == (0, 0)
    assert bench.reasons(invoice_id) == ["missing_invoice_number"]
    bench.pipeline().map()
    assert bench.reasons(invoice_id) == ["untrusted_invoice_number"]


def test_a_complete_invoice_that_a_dry_run_assessed_is_not_sent_before_it_was_asked(bench: Bench) -> None:
    bench.wants(remote_reading="always")
    invoice_id = bench.incomplete(native_pdf("Facture"))
    bench.pipeline().map(dry_run=True)
    assert bench.state(invoice_id) is State.READY
    assert bench.pipeline().submit(PROVIDER_KEY).submitted == 0
    bench.pipeline().map()
    assert bench.calls("factures/deposer/pdf") == 1
    assert bench.pipeline().submit(PROVIDER_KEY).submitted == 1


def test_an_outage_is_a_warning_and_the_invoice_is_asked_again_when_it_is_over(bench: Bench) -> None:
    bench.wants(remote_reading="when_incomplete")
    invoice_id = bench.incomplete(native_pdf("Facture numero : REMOTE-10"), "invoice_number")
    bench.control("POST", "faults", {"operation": "factures/deposer/pdf", "kind": "maintenance_page"})
    assert bench.pipeline().map().failures == []
    assert bench.state(invoice_id) is State.TO_COMPLETE
    assert [warning["code"] for warning in bench.row(invoice_id).warnings] == ["remote_reading_down"]
    bench.control("DELETE", "faults")
    bench.pipeline().map()
    assert bench.reasons(invoice_id) == ["untrusted_invoice_number"]
    assert not bench.pipeline().map.assessments.to_assess(bench.store.configuration.current()[0], limit=9)


def test_a_file_that_the_platform_cannot_analyse_is_a_warning_asked_once(bench: Bench) -> None:
    bench.wants(remote_reading="when_incomplete")
    bench.control(
        "POST",
        "faults",
        {"operation": "factures/deposer/pdf", "kind": "business_refusal", "code": 20555, "label": "non analysable"},
    )
    invoice_id = bench.incomplete(native_pdf("Facture"), "invoice_number")
    bench.pipeline().map()
    [warning] = bench.row(invoice_id).warnings
    assert (warning["code"], warning["params"]) == (
        "remote_reading_refused",
        {"number": "20555", "label": "non analysable"},
    )
    assert bench.reasons(invoice_id) == ["missing_invoice_number"]


# ---------------------------------------------------------------- the supplier's own service


def own_service(bench: Bench, code: str) -> int:
    directory = bench.simulator.platform.directory
    structure = directory.by_siret(SUPPLIER)
    assert structure is not None
    with bench.simulator.platform.work():
        return directory.put_service(structure["id"], code)


def test_the_suppliers_service_goes_along_by_its_id(bench: Bench) -> None:
    wanted = own_service(bench, "FACTURATION")
    bench.wants(supplier_service=" facturation ")
    bench.add("F-20")
    assert bench.send().submitted == 1
    [invoice] = bench.control("GET", "invoices")["items"]
    assert invoice["payload"]["fournisseur"]["idServiceFournisseur"] == wanted


def test_a_service_that_the_platform_does_not_list_is_a_reason_with_what_it_lists(bench: Bench) -> None:
    own_service(bench, "FACTURATION")
    bench.wants(supplier_service="COMPTA")
    invoice_id = bench.add("F-21")
    assert bench.send().submitted == 0
    [reason] = bench.row(invoice_id).reasons
    assert (reason["code"], reason["params"]) == (
        "supplier_service_unknown",
        {"service": "COMPTA", "listed": "FACTURATION"},
    )


def test_without_one_the_platform_is_not_asked_for_services(bench: Bench) -> None:
    bench.add("F-22")
    bench.pipeline().map()
    before = bench.calls("structures/rechercher/services")
    assert bench.pipeline().submit(PROVIDER_KEY).submitted == 1
    assert bench.calls("structures/rechercher/services") == before


# ---------------------------------------------------------------- credentials


def password_ends_in(bench: Bench, days: int) -> dt.datetime:
    ends = (bench.clock.now() + days * DAY).replace(microsecond=0)
    bench.control("POST", "seed", {"suppliers": [{"siret": SUPPLIER, "password_expires_at": ends.isoformat()}]})
    return ends


def test_the_platforms_word_about_the_password_is_stored_shown_and_warned_of_once(bench: Bench) -> None:
    ends = password_ends_in(bench, 12)
    pipeline = bench.pipeline()
    for _ in range(2):
        pipeline.submit.check_credentials(PROVIDER_KEY)
    assert bench.store.providers.health(PROVIDER_KEY).password_expires_at == ends
    assert bench.alerts() == ["password_expires"]
    _, current = bench.store.configuration.current()
    [row] = list_providers(bench.store.providers, current, now=bench.clock.now())
    assert (row.password_expires_in_days, row.last_success_at) == (12, bench.clock.now())


def test_doctor_tells_piste_account_and_the_end_of_the_password(bench: Bench) -> None:
    ends, now = password_ends_in(bench, 200), bench.clock.now()
    # late in the evening of a winter's day it is one day more: 200 days on, Paris has summer time
    days = (ends.astimezone(PARIS).date() - now.astimezone(PARIS).date()).days
    found = bench.doctor()
    named = {name.removeprefix("Imprimerie Durand: "): check for name, check in found.items() if "Durand" in name}
    assert list(named) == ["PISTE", "technical account", "technical password"]
    assert all(check.ok for check in named.values())
    assert f"({days} days)" in str(named["technical password"].seen)
    password_ends_in(bench, 15)
    soon = bench.doctor()["Imprimerie Durand: technical password"]
    assert (soon.ok, "renew" in str(soon.todo)) == (False, True)


def by_certificate(
    bench: Bench, authority: Authority, folder: Path, *, held: bool = False, **times: dt.datetime
) -> None:
    """`held`: the connection holds the certificate itself, in place of its path."""
    password = secrets.token_hex(8)
    content = authority.client_p12(password, **times)
    path = folder / "client.p12"
    path.write_bytes(content)
    named = {"certificate_base64": base64.b64encode(content).decode()} if held else {"certificate": str(path)}
    bench.change(host=bench.simulator.tls_url, extra={**named, "certificate_password": password})
    bench.wants(authentication="certificate")


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.path))


@pytest.mark.usefixtures("trusted")
def test_an_invoice_goes_through_the_certificate_door_once(bench: Bench, authority: Authority, tmp_path: Path) -> None:
    by_certificate(bench, authority, tmp_path)
    bench.add("F-30")
    assert bench.send().submitted == 1
    assert [item["number"] for item in bench.control("GET", "invoices")["items"]] == ["F-30"]
    assert bench.calls("token") == 0


@pytest.mark.usefixtures("trusted")
def test_an_answer_lost_at_the_certificate_door_is_searched_and_not_sent_again(
    bench: Bench, authority: Authority, tmp_path: Path
) -> None:
    by_certificate(bench, authority, tmp_path)
    invoice_id = bench.add("F-31")
    bench.control("POST", "faults", {"operation": "factures/soumettre", "kind": "drop_after_accept", "times": 1})
    assert bench.send().unknown == 1
    bench.send()
    assert bench.state(invoice_id) is State.SUBMITTED
    assert (bench.control("GET", "invoices")["total"], bench.calls("factures/soumettre")) == (1, 1)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("held", [False, True])
def test_doctor_tells_certificate_and_account_apart_with_the_advice_of_port_5443(
    bench: Bench, authority: Authority, tmp_path: Path, held: bool
) -> None:
    by_certificate(bench, authority, tmp_path, held=held, ends=bench.clock.now() + 40 * DAY)
    found = bench.doctor()
    assert "(40 days)" in str(found["Imprimerie Durand: certificate"].seen)
    assert found["Imprimerie Durand: technical account"].ok
    assert bench.store.providers.health(PROVIDER_KEY).certificate_expires_at is not None
    bench.change(password=secrets.token_hex(4))
    found = bench.doctor()
    account = found["Imprimerie Durand: technical account"]
    assert found["Imprimerie Durand: certificate"].ok
    assert "(40 days)" in str(found["Imprimerie Durand: certificate"].seen), "its end is told all the same"
    assert (account.ok, "5443" in str(account.todo), "reset the technical password" in str(account.todo)) == (
        False,
        True,
        True,
    )
    assert bench.store.providers.health(PROVIDER_KEY).half == "account"


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_the_connection_holds_is_warned_of_before_it_ends(
    bench: Bench, authority: Authority, tmp_path: Path
) -> None:
    by_certificate(bench, authority, tmp_path, held=True, ends=bench.clock.now() + 10 * DAY)
    bench.pipeline().submit.check_credentials(PROVIDER_KEY)
    assert bench.alerts() == ["certificate_expires"]


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(("days", "ok"), [(31, True), (30, False)])
def test_doctor_finds_fault_with_a_certificate_a_month_before_it_ends(
    bench: Bench, authority: Authority, tmp_path: Path, days: int, ok: bool
) -> None:
    by_certificate(bench, authority, tmp_path, ends=bench.clock.now() + days * DAY)
    check = bench.doctor()["Imprimerie Durand: certificate"]
    assert (check.ok, bool(check.todo), f"({days} days)" in str(check.seen)) == (ok, not ok, True)


@pytest.mark.usefixtures("trusted")
def test_an_expired_certificate_stops_its_provider_and_is_told_once(
    bench: Bench, authority: Authority, tmp_path: Path
) -> None:
    by_certificate(bench, authority, tmp_path, begins=bench.clock.now() - 9 * DAY, ends=bench.clock.now() - DAY)
    bench.add("F-32")
    for _ in range(2):
        bench.send()
    assert bench.store.providers.health(PROVIDER_KEY).half == "certificate"
    assert bench.alerts() == ["login_refused"]
    check = bench.doctor()["Imprimerie Durand: certificate"]
    assert (check.ok, "ended on" in str(check.seen)) == (False, True)


def test_doctor_says_that_no_provider_is_configured(bench: Bench) -> None:
    bench.configure(providers=[])
    check = bench.doctor()["providers"]
    assert (check.ok, "chorus config apply" in str(check.todo)) == (False, True)
