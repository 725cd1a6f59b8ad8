"""Documents are told how they stand: once per change, whatever happens to the others."""

from __future__ import annotations

import pytest

from include.application.notification.write_back import LONGEST_PASS_SECONDS, UNANSWERED, WriteBack, WriteBackReport
from include.application.ports.portal import DocumentPortal
from include.application.progress import Reached, Step, Watch, unwatched
from include.domain.configuration import Configuration
from include.domain.errors import ConfigurationError, PortalUnavailableError
from include.domain.lifecycle import RowVersion, State
from tests.factories import configuration, portal_document
from tests.fakes.clock import FakeClock
from tests.fakes.internal_errors import FakeInternalErrors
from tests.fakes.portal import FakePortal
from tests.fakes.store import MemoryInvoice, MemoryStore
from tests.fakes.write_backs import FakeWriteBacks

BOTH = {"state": "etat_chorus", "chorus_id": "numero_chorus"}


class Situation:
    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.portal = FakePortal()
        self.rows = MemoryStore()
        self.write_backs = FakeWriteBacks(self.rows)
        self.internal_errors = FakeInternalErrors(self.rows)
        self.opened = 0
        self.configuration: Configuration = self.named(**BOTH)

    def named(self, **names: str) -> Configuration:
        self.configuration = configuration(portal={"kind": "folder", "url": "memory://portal", "write_back": names})
        return self.configuration

    def invoice(self, portal_id: str, state: str = "submitted", chorus_id: int | None = None) -> None:
        self.portal.put(portal_id, b"%PDF")
        document = portal_document(portal_id)
        known = [number for number, row in self.rows.invoices.items() if row.document == document]
        number = known[0] if known else len(self.rows.invoices) + 1
        held = RowVersion(invoice_id=number, state=State(state), version=1)
        before = self.rows.invoices[number].values if known else {}
        self.rows.invoices[number] = MemoryInvoice(held, document, values={**before, "chorus_id": chorus_id})

    def open(self) -> DocumentPortal:
        self.opened += 1
        return self.portal

    def run(self, watch: Watch = unwatched) -> WriteBackReport:
        use_case = WriteBack(
            open_portal=self.open,
            write_backs=self.write_backs,
            internal_errors=self.internal_errors,
            configuration=self.configuration,
            clock=self.clock,
        )
        return use_case(watch=watch)


@pytest.fixture
def at(clock: FakeClock) -> Situation:
    return Situation(clock)


def test_state_and_number_are_written_under_the_names_of_the_configuration(at: Situation) -> None:
    at.invoice("f1.pdf", "submitted", 25012)
    at.invoice("f2.pdf", "to_complete")
    assert at.run() == WriteBackReport(written=2)
    assert at.portal.written == {
        "f1.pdf": {"etat_chorus": "Déposée", "numero_chorus": "25012"},
        "f2.pdf": {"etat_chorus": "À compléter"},
    }


@pytest.mark.parametrize(
    ("names", "written"),
    [({"state": "etat"}, {"etat": "Déposée"}), ({"chorus_id": "numero"}, {"numero": "25012"})],
)
def test_one_name_alone_is_enough(at: Situation, names: dict[str, str], written: dict[str, str]) -> None:
    at.named(**names)
    at.invoice("f1.pdf", "submitted", 25012)
    at.run()
    assert at.portal.written == {"f1.pdf": written}


def test_without_a_name_the_portal_is_not_even_opened(at: Situation) -> None:
    at.named()
    at.invoice("f1.pdf")
    assert at.run() == WriteBackReport()
    assert at.opened == 0


def test_without_a_change_the_portal_is_not_even_opened(at: Situation) -> None:
    at.invoice("f1.pdf")
    at.run()
    assert at.run() == WriteBackReport()
    assert at.opened == 1


def test_a_number_that_is_lost_is_taken_back(at: Situation) -> None:
    at.invoice("f1.pdf", "submitted", 25012)
    at.run()
    at.invoice("f1.pdf", "unknown", None)
    at.run()
    assert at.portal.written["f1.pdf"] == {"etat_chorus": "Dépôt à vérifier"}


def test_who_watches_hears_how_many_documents_were_told(at: Situation) -> None:
    for name in ("f1.pdf", "f2.pdf"):
        at.invoice(name)
    heard: list[Reached] = []
    at.run(heard.append)
    assert heard == [Reached(step=Step.WRITE_BACK, done=done, total=2) for done in range(3)]


def test_one_that_is_refused_costs_no_other_and_is_tried_in_the_next_pass(at: Situation) -> None:
    for name in ("f1.pdf", "f2.pdf", "f3.pdf"):
        at.invoice(name)
    at.portal.refuses_to_write.add("f2.pdf")
    assert at.run() == WriteBackReport(written=2, failed=1)
    at.portal.refuses_to_write.clear()
    assert at.run() == WriteBackReport(written=1)


def test_a_portal_that_does_not_answer_is_left_in_peace_and_tried_in_the_next_pass(at: Situation) -> None:
    for number in range(9):
        at.invoice(f"f{number}.pdf")
    at.portal.goes_away()
    report = at.run()
    assert (report.written, report.failed) == (0, UNANSWERED)
    assert isinstance(report.failure, PortalUnavailableError)
    at.portal.comes_back()
    assert at.run() == WriteBackReport(written=9)


def test_a_fault_of_the_configuration_ends_the_pass_at_once(at: Situation, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        at.invoice(f"f{number}.pdf")
    tried: list[str] = []

    def loses(portal_id: str, _values: object) -> None:
        tried.append(portal_id)
        raise ConfigurationError("It changes what is not ours.")

    monkeypatch.setattr(at.portal, "write_back", loses)
    assert isinstance(at.run().failure, ConfigurationError)
    assert len(tried) == 1


def test_a_portal_that_cannot_be_opened_is_told_and_stops_nothing(at: Situation) -> None:
    def broken() -> DocumentPortal:
        raise ConfigurationError("No connection of this name.")

    at.invoice("f1.pdf")
    use_case = WriteBack(
        open_portal=broken,
        write_backs=at.write_backs,
        internal_errors=at.internal_errors,
        configuration=at.configuration,
        clock=at.clock,
    )
    assert isinstance(use_case().failure, ConfigurationError)


def test_a_slow_portal_gets_the_rest_in_the_next_pass(at: Situation, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        at.invoice(f"f{number}.pdf")
    real = at.portal.write_back

    def slow(portal_id: str, values: dict[str, str]) -> None:
        at.clock.advance(LONGEST_PASS_SECONDS / 3)
        real(portal_id, values)

    monkeypatch.setattr(at.portal, "write_back", slow)
    assert [at.run().written for _ in range(4)] == [3, 3, 3, 0]
