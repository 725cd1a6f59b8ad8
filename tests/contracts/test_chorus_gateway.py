"""Chorus Pro: what the fake and the real adapter promise alike (ports `Chorus`, `ChorusGateway`, `Directory`)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Protocol

import pytest

from include.adapters.chorus.chorus import RestChorus
from include.application.ports.chorus import Chorus, ChorusGateway
from include.domain.codes import Environment, InvoicingFramework, PaymentMode, VatType
from include.domain.configuration import Provider
from include.domain.directory import DirectoryService
from include.domain.errors import (
    LoginRefusedError,
    OutcomeUnknownError,
    RateLimitedError,
    RemoteError,
    RemoteRefusedError,
    RemoteUnavailableError,
    TurnedAwayError,
)
from include.domain.fields import VatRow
from include.domain.submission import SentAttachment, Submission, same_invoice
from include.simulator.server import RunningSimulator
from tests.fakes.chorus import FakeChorus, FakePlatform, Fault
from tests.fakes.clock import FakeClock
from tests.fakes.secrets import FakeSecrets
from tests.services.control_door import control
from tests.services.simulator import connection_to

SUPPLIER = "33254021516357"
BODY = "12345678200051"
DEADLINE = 20.0
UNTIL_HEALED = -1


class Bench(Protocol):
    """A platform with one supplier and one body without demands, and the adapter on it."""

    def chorus(self) -> Chorus:
        """The adapter under test, without anything cached."""

    def fail(self, operation: str, fault: Fault) -> None:
        """That method of the port fails so until `heal`."""

    def heal(self) -> None: ...

    def deposited(self) -> list[str]:
        """Numbers held by the platform."""

    def delay_searches(self, seconds: float) -> None: ...

    def let_pass(self, seconds: float) -> None: ...

    def set_status(self, number: str, status: str) -> None: ...

    def add_body(self, siret: str, services: list[dict[str, Any]], **demands: Any) -> None: ...

    def add_own_service(self, code: str) -> int: ...

    def end_the_password(self, at: dt.datetime) -> None: ...


class FakeBench:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.platform = FakePlatform(self.clock)
        self.platform.add_body(BODY)

    def chorus(self) -> Chorus:
        return FakeChorus(self.platform)

    def fail(self, operation: str, fault: Fault) -> None:
        self.platform.fail(operation, fault, times=UNTIL_HEALED)

    def heal(self) -> None:
        self.platform.heal()

    def deposited(self) -> list[str]:
        return self.platform.numbers()

    def delay_searches(self, seconds: float) -> None:
        self.platform.search_delay = dt.timedelta(seconds=seconds)

    def let_pass(self, seconds: float) -> None:
        self.clock.advance(seconds)

    def set_status(self, number: str, status: str) -> None:
        self.platform.set_status(number, status)

    def add_body(self, siret: str, services: list[dict[str, Any]], **demands: Any) -> None:
        self.platform.add_body(siret, *(DirectoryService(**service) for service in services), **demands)

    def add_own_service(self, code: str) -> int:
        self.platform.services[code] = self.platform.new_id()
        return self.platform.services[code]

    def end_the_password(self, at: dt.datetime) -> None:
        self.platform.password_ends = at


SIMULATOR_OPERATIONS = {
    "*": "*",
    "check": "transverses/health-check",
    "submit": "factures/soumettre",
    "search": "factures/rechercher/fournisseur",
}
SIMULATOR_KINDS = {
    Fault.PISTE_REFUSED: "token_refused",
    Fault.ACCOUNT_REFUSED: "account_refused",
    Fault.FORBIDDEN: "forbidden",
    Fault.RATE_LIMITED: "rate_limited",
    Fault.BUSINESS_REFUSAL: "business_refusal",
    Fault.TOO_LARGE: "too_large",
    Fault.UNAVAILABLE: "maintenance_page",
    Fault.CUT_BEFORE_TAKEN: "drop_before",
    Fault.CUT_AFTER_TAKEN: "drop_after_accept",
}


class SimulatorBench:
    """The control door in our words."""

    def __init__(self, simulator: RunningSimulator) -> None:
        self._simulator = simulator
        self._clock = FakeClock()
        self.control("POST", "reset")

    def control(self, method: str, name: str, body: object = None) -> dict[str, Any]:
        return control(self._simulator.url, method, name, body)

    def _sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def chorus(self) -> Chorus:
        known = FakeSecrets(connection_to(self._simulator, "chorus_p"))
        return RestChorus(secrets=known, clock=self._clock, sleep=self._sleep)

    def fail(self, operation: str, fault: Fault) -> None:
        name = "token" if fault is Fault.PISTE_REFUSED else SIMULATOR_OPERATIONS[operation]
        self.control("POST", "faults", {"operation": name, "kind": SIMULATOR_KINDS[fault]})

    def heal(self) -> None:
        self.control("DELETE", "faults")

    def deposited(self) -> list[str]:
        return [item["number"] for item in self.control("GET", "invoices")["items"]]

    def delay_searches(self, seconds: float) -> None:
        self.control("POST", "settings", {"search_delay_seconds": seconds})

    def let_pass(self, seconds: float) -> None:
        self.control("POST", "clock", {"advance_seconds": seconds})

    def set_status(self, number: str, status: str) -> None:
        self.control("POST", "status", {"number": number, "status": status})

    def add_body(self, siret: str, services: list[dict[str, Any]], **demands: Any) -> None:
        names = {"service_or_engagement": "either_required"}
        wanted = {names.get(name, name): value for name, value in demands.items()}
        self.control("POST", "seed", {"structures": [{"siret": siret, "services": services, **wanted}]})

    def add_own_service(self, code: str) -> int:
        platform = self._simulator.platform
        with platform.work():
            structure = platform.directory.by_siret(SUPPLIER)
            assert structure is not None
            return platform.directory.put_service(structure["id"], code)

    def end_the_password(self, at: dt.datetime) -> None:
        seed = {"siret": SUPPLIER, "password_expires_at": at.isoformat()}
        self.control("POST", "seed", {"suppliers": [seed]})


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as running:
        yield running


@pytest.fixture(params=["fake", "simulator"])
def bench(request: pytest.FixtureRequest) -> Bench:
    if request.param == "fake":
        return FakeBench()
    return SimulatorBench(request.getfixturevalue("simulator"))


@pytest.fixture
def provider() -> Provider:
    return Provider(name="P", siret=SUPPLIER, environment=Environment.SIMULATOR, connection="chorus_p")


@pytest.fixture
def gateway(bench: Bench, provider: Provider) -> ChorusGateway:
    return bench.chorus().gateway(provider)


def make_submission(gateway: ChorusGateway, **values: Any) -> Submission:
    """A complete invoice without demands, its PDF uploaded."""
    return Submission(
        **{
            "number": f"F-{secrets.token_hex(6)}",
            "issue_date": dt.date(2026, 11, 18),
            "credit_note": False,
            "supplier_siret": SUPPLIER,
            "supplier_id": gateway.supplier().structure_id,
            "recipient_siret": BODY,
            "framework": InvoicingFramework.A1_FACTURE_FOURNISSEUR,
            "vat_type": VatType.TVA_SUR_DEBIT,
            "payment_mode": PaymentMode.VIREMENT,
            "total_excl_tax": Decimal("100.10"),
            "total_tax": Decimal("20.02"),
            "total_incl_tax": Decimal("120.12"),
            "amount_due": Decimal("120.12"),
            "vat": (VatRow(rate=Decimal(20), base=Decimal("100.10"), amount=Decimal("20.02")),),
            "main_upload_id": gateway.upload("facture.pdf", b"%PDF-1.4", "application/pdf"),
            "main_sha256": "0" * 64,
            "main_name": "facture.pdf",
            **values,
        }
    )


def send(gateway: ChorusGateway, sent: Submission) -> Any:
    return gateway.submit(gateway.encode(sent), deadline_seconds=DEADLINE)


class TestSafeCalls:
    def test_a_healthy_platform_passes_the_check(self, gateway: ChorusGateway) -> None:
        gateway.check()

    def test_the_supplier_is_the_one_of_the_provider_with_its_bank_details(self, gateway: ChorusGateway) -> None:
        account = gateway.supplier()
        assert account.siret == SUPPLIER
        assert {bank.name for bank in account.bank_accounts} == {"Compte courant", "Compte CIC"}

    def test_attachment_types_are_codes_with_labels(self, gateway: ChorusGateway) -> None:
        listed = gateway.attachment_types()
        assert listed and all(code and label for code, label in listed)

    def test_each_upload_has_its_own_id(self, gateway: ChorusGateway) -> None:
        first, second = (gateway.upload("a.pdf", b"%PDF-1.4", "application/pdf") for _ in range(2))
        assert first != second

    def test_the_suppliers_own_services_are_ids_by_code(self, bench: Bench, gateway: ChorusGateway) -> None:
        assert gateway.supplier_services() == {}
        wanted = bench.add_own_service("FACTURATION")
        assert gateway.supplier_services() == {"FACTURATION": wanted}

    def test_the_end_of_the_technical_password_is_told(self, bench: Bench, gateway: ChorusGateway) -> None:
        ends = dt.datetime(2031, 3, 4, 22, 30, tzinfo=dt.UTC)
        bench.end_the_password(ends)
        assert gateway.password_expires_at() == ends

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (Fault.UNAVAILABLE, RemoteUnavailableError),
            (Fault.CUT_BEFORE_TAKEN, RemoteUnavailableError),
            (Fault.FORBIDDEN, TurnedAwayError),
            (Fault.RATE_LIMITED, RateLimitedError),
            (Fault.ACCOUNT_REFUSED, LoginRefusedError),
            (Fault.PISTE_REFUSED, LoginRefusedError),
        ],
    )
    def test_a_failing_check_says_how(
        self, bench: Bench, gateway: ChorusGateway, fault: Fault, kind: type[RemoteError]
    ) -> None:
        bench.fail("check", fault)
        with pytest.raises(RemoteError) as caught:
            gateway.check()
        assert type(caught.value) is kind
        bench.heal()
        gateway.check()

    @pytest.mark.parametrize(("fault", "half"), [(Fault.PISTE_REFUSED, "piste"), (Fault.ACCOUNT_REFUSED, "account")])
    def test_a_refused_login_names_its_half(
        self, bench: Bench, gateway: ChorusGateway, fault: Fault, half: str
    ) -> None:
        bench.fail("*", fault)
        with pytest.raises(LoginRefusedError) as caught:
            gateway.check()
        assert caught.value.half == half


class TestSubmission:
    def test_an_invoice_is_taken_once_and_found_as_it_was_sent(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway)
        taken = send(gateway, sent)
        (found,) = gateway.search(sent.number)
        assert taken.status == found.status == "DEPOSEE"
        assert found.chorus_id == taken.chorus_id
        assert str(taken.chorus_id) in taken.raw
        assert same_invoice(found, sent)
        assert bench.deposited() == [sent.number]

    def test_a_credit_note_is_found_as_it_was_sent(self, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway, credit_note=True)
        send(gateway, sent)
        (found,) = gateway.search(sent.number)
        assert same_invoice(found, sent)
        assert not same_invoice(found, dataclasses.replace(sent, credit_note=False))

    def test_everything_optional_may_go_along(self, gateway: ChorusGateway) -> None:
        bank = gateway.supplier().bank_accounts[0]
        code, _ = gateway.attachment_types()[0]
        upload_id = gateway.upload("bon.pdf", b"%PDF-1.4 bon", "application/pdf")
        sent = make_submission(
            gateway,
            bank_details_id=bank.id,
            engagement_number="1300045678",
            contract_number="M-2026",
            comment='Lot 3, "é"',
            attachments=(SentAttachment(upload_id=upload_id, type_code=code, name="bon.pdf", sha256="1" * 64),),
        )
        send(gateway, sent)
        (found,) = gateway.search(sent.number)
        assert found.engagement_number == "1300045678"

    def test_a_pdf_that_the_platform_read_needs_no_second_upload(self, bench: Bench, gateway: ChorusGateway) -> None:
        analysis = gateway.analyse("facture.pdf", b"%PDF-1.4", signed=False)
        sent = make_submission(gateway, main_upload_id=analysis.upload_id)
        send(gateway, sent)
        assert bench.deposited() == [sent.number]

    def test_the_same_submission_is_the_same_body(self, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway)
        assert gateway.encode(sent) == gateway.encode(sent)

    def test_a_used_number_is_refused(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway)
        send(gateway, sent)
        with pytest.raises(RemoteRefusedError) as caught:
            send(gateway, sent)
        assert caught.value.number != 0 and caught.value.label and caught.value.body
        assert bench.deposited() == [sent.number]

    def test_an_upload_that_nobody_made_is_refused(self, bench: Bench, gateway: ChorusGateway) -> None:
        with pytest.raises(RemoteRefusedError):
            send(gateway, make_submission(gateway, main_upload_id=1))
        assert bench.deposited() == []

    def test_a_number_that_is_not_there_is_not_found(self, gateway: ChorusGateway) -> None:
        send(gateway, make_submission(gateway, number="F-10"))
        assert gateway.search("F-1") == []

    def test_the_search_shows_the_present_status(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway)
        send(gateway, sent)
        bench.set_status(sent.number, "INVENTEE")
        (found,) = gateway.search(sent.number)
        assert found.status == "INVENTEE"

    def test_a_late_index_shows_later(self, bench: Bench, gateway: ChorusGateway) -> None:
        bench.delay_searches(600)
        sent = make_submission(gateway)
        send(gateway, sent)
        assert gateway.search(sent.number) == []
        bench.let_pass(601)
        assert len(gateway.search(sent.number)) == 1

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            (Fault.FORBIDDEN, TurnedAwayError),
            (Fault.RATE_LIMITED, RateLimitedError),
            (Fault.BUSINESS_REFUSAL, RemoteRefusedError),
            (Fault.TOO_LARGE, RemoteRefusedError),
            (Fault.UNAVAILABLE, OutcomeUnknownError),
            (Fault.CUT_BEFORE_TAKEN, OutcomeUnknownError),
        ],
    )
    def test_a_submission_that_fails_leaves_nothing_there(
        self, bench: Bench, gateway: ChorusGateway, fault: Fault, kind: type[RemoteError]
    ) -> None:
        sent = make_submission(gateway)
        bench.fail("submit", fault)
        with pytest.raises(RemoteError) as caught:
            send(gateway, sent)
        assert type(caught.value) is kind
        bench.heal()
        assert bench.deposited() == []
        assert gateway.search(sent.number) == []

    def test_an_answer_lost_after_the_platform_took_it_is_unknown_and_the_search_tells(
        self, bench: Bench, gateway: ChorusGateway
    ) -> None:
        sent = make_submission(gateway)
        bench.fail("submit", Fault.CUT_AFTER_TAKEN)
        with pytest.raises(OutcomeUnknownError):
            send(gateway, sent)
        bench.heal()
        (found,) = gateway.search(sent.number)
        assert same_invoice(found, sent)
        assert bench.deposited() == [sent.number]

    def test_a_refused_account_sends_nothing(self, bench: Bench, gateway: ChorusGateway) -> None:
        sent = make_submission(gateway)
        bench.fail("*", Fault.ACCOUNT_REFUSED)
        with pytest.raises(LoginRefusedError) as caught:
            send(gateway, sent)
        assert caught.value.half == "account"
        bench.heal()
        assert bench.deposited() == []


class TestDirectory:
    def test_a_body_without_demands_is_active_and_asks_nothing(self, bench: Bench, provider: Provider) -> None:
        entry = bench.chorus().directory(provider).find(BODY)
        assert entry is not None
        assert (entry.siret, entry.active) == (BODY, True)
        assert not (entry.service_required or entry.engagement_required or entry.service_or_engagement)
        assert entry.fetched_at.tzinfo is not None

    def test_an_unknown_siret_is_nobody(self, bench: Bench, provider: Provider) -> None:
        assert bench.chorus().directory(provider).find("99999999999999") is None

    def test_demands_and_services_are_shown(self, bench: Bench, provider: Provider) -> None:
        services = [
            {"code": "ACHATS", "name": "Achats", "active": True, "engagement_required": True},
            {"code": "FERME", "name": "Service ferme", "active": False},
            {"code": "LIBRE", "name": "Libre", "active": True},
        ]
        bench.add_body("21330063500017", services, service_required=True, reports_payment=False, active=True)
        entry = bench.chorus().directory(provider).find("21330063500017")
        assert entry is not None
        assert (entry.service_required, entry.engagement_required, entry.reports_payment) == (True, False, False)
        shown = {service.code: (service.active, service.engagement_required) for service in entry.services}
        assert shown == {"ACHATS": (True, True), "FERME": (False, False), "LIBRE": (True, False)}

    def test_a_body_that_takes_either_is_told_apart(self, bench: Bench, provider: Provider) -> None:
        bench.add_body("21330063500025", [], service_or_engagement=True, active=True)
        entry = bench.chorus().directory(provider).find("21330063500025")
        assert entry is not None and entry.service_or_engagement

    def test_a_closed_body_is_shown_as_closed(self, bench: Bench, provider: Provider) -> None:
        bench.add_body("21330063500033", [], active=False)
        entry = bench.chorus().directory(provider).find("21330063500033")
        assert entry is not None and not entry.active

    def test_bodies_are_found_by_a_part_of_their_name_their_town_or_the_head_of_their_siret(
        self, bench: Bench, provider: Provider
    ) -> None:
        bench.add_body("21740010600019", [], name="Ville du Lac", town="Thonon", active=True)
        bench.add_body("21740010600027", [], name="Mairie fermee du Lac", town="Thonon", active=False)
        directory = bench.chorus().directory(provider)
        for text in ("lle du la", "thonon", "217400 10600", "21740010600019"):
            [found] = directory.search(text, limit=20)
            assert (found.siret, found.name, found.town, found.active) == (
                "21740010600019",
                "Ville du Lac",
                "Thonon",
                True,
            ), text
        assert list(directory.search("nobody there", limit=20)) == []
        assert len(directory.search("1234567", limit=3)) <= 3
        entry = directory.find("21740010600019")
        assert entry is not None and entry.town == "Thonon"

    def test_all_pages_of_services_are_read(self, bench: Bench, provider: Provider) -> None:
        services = [{"code": f"S{number:04}", "name": "x", "active": False} for number in range(1100)]
        bench.add_body("21330063500041", services, active=True)
        entry = bench.chorus().directory(provider).find("21330063500041")
        assert entry is not None and len(entry.services) == 1100


def test_a_provider_counts_for_the_environment_that_its_address_belongs_to(bench: Bench, provider: Provider) -> None:
    assert bench.chorus().effective_environment(provider) == "simulator"
