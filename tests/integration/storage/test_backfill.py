"""Criteria on the stored portal: what each takes and why not, and older documents that are taken only when asked."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.store import Store
from include.application.intake.include_older import older_documents, take_older
from include.application.intake.preview_criteria import CriteriaReport, CriterionReport, DocumentReport, try_criteria
from include.application.ports.document_views import DocumentFilter
from include.domain.errors import InputError
from include.domain.lifecycle import State
from include.domain.rights import OWNER
from tests.factories import SUPPLIER
from tests.fakes.clock import START, FakeClock
from tests.portal_bench import INVOICE_RULE, PortalBench

YEARS_AGO = START - dt.timedelta(days=900)
DURAND = {
    "name": "Durand",
    "siret": SUPPLIER,
    "environment": "simulator",
    "connection": "c",
    "automatic_submission": True,
}
OTHER = {"name": "Martin", "siret": "40483304800022", "environment": "simulator", "connection": "d"}


@pytest.fixture
def bench(store: Store, tmp_path: Path, clock: FakeClock) -> PortalBench:
    made = PortalBench.on(store, tmp_path, clock)
    configure(made)
    return made


def criterion(name: str = "new", **changes: Any) -> dict[str, Any]:
    return {"name": name, "classification_rule": INVOICE_RULE, "since": START.isoformat(), **changes}


def configure(bench: PortalBench, *criteria: dict[str, Any]) -> int:
    return bench.configure(providers=[DURAND, OTHER], criteria=list(criteria) or [criterion()])


def older(bench: PortalBench, name: str = "new") -> list[str]:
    configuration = bench.store.configuration.current()[1]
    return [s.document.portal_id for s in older_documents(bench.store.portal_stock, configuration, name)]


def backfill(bench: PortalBench, name: str = "new") -> int:
    configuration = bench.store.configuration.current()[1]
    found = list(older_documents(bench.store.portal_stock, configuration, name))
    return take_older(bench.store.portal_stock, found, name, bench.clock, actor="cli:anna", viewer=OWNER)


def report(bench: PortalBench) -> CriteriaReport:
    return try_criteria(bench.store.portal_stock, bench.store.configuration.current()[1])


def of(found: CriteriaReport, name: str) -> CriterionReport:
    return next(r for r in found.criteria if r.criterion.name == name)


def on(found: CriteriaReport, portal_id: str) -> DocumentReport:
    return next(d for d in found.documents if d.stored.document.portal_id == portal_id)


class TestBackfill:
    def test_a_new_criterion_never_sends_years_of_old_invoices_by_itself(self, bench: PortalBench) -> None:
        configure(bench, criterion("folder", classification_rule=None, folder="/Elsewhere"))
        old = [bench.invoice(f"OLD{n}", arrived_at=YEARS_AGO) for n in range(5)]
        bench.run()
        configure(bench)
        young = bench.invoice("NEW1", arrived_at=START)
        for _ in range(3):
            bench.run()
        assert [bench.state_at(path) for path in old] == [State.IGNORED] * 5
        assert (bench.state_at(young), bench.platform.numbers()) == (State.SUBMITTED, ["NEW1"])

    def test_looking_changes_nothing(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        before = bench.row(bench.at(path))
        assert older(bench) == [path]
        report(bench)
        assert bench.row(bench.at(path)) == before

    def test_an_explicit_back_fill_takes_them_and_raises_no_revision(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        revision = bench.store.configuration.current()[0]
        assert backfill(bench) == 1
        bench.run()
        assert (bench.state_at(path), bench.platform.numbers()) == (State.SUBMITTED, ["OLD"])
        assert bench.store.configuration.current()[0] == revision

    def test_who_asked_for_it_stands_in_the_history(self, bench: PortalBench) -> None:
        bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        backfill(bench)
        [row] = bench.store.document_views.rows(OWNER, DocumentFilter())
        shown = bench.store.document_views.detail(OWNER, row.id)
        assert shown is not None
        assert ("back-fill of criterion new", "cli:anna") in [(m.cause.text("en"), m.actor) for m in shown.moves]

    def test_a_later_revision_does_not_drop_them_again(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        backfill(bench)
        bench.look()
        for since in (START, START + dt.timedelta(days=1)):
            configure(bench, criterion(since=since.isoformat()))
            bench.look()
            assert bench.state_at(path) is State.READY

    def test_new_metadata_do_not_drop_them_either(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        backfill(bench)
        bench.look()
        bench.invoice("OLD", arrived_at=YEARS_AGO, metadata={"note": ["new"]})
        bench.look()
        assert bench.state_at(path) is State.READY

    def test_without_its_criterion_it_is_dropped_and_a_new_one_of_that_name_begins_anew(
        self, bench: PortalBench
    ) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        backfill(bench)
        bench.look()
        configure(bench, criterion("another"))
        bench.look()
        assert bench.state_at(path) is State.IGNORED
        configure(bench)
        bench.look()
        assert bench.state_at(path) is State.IGNORED
        assert older(bench) == [path]

    def test_a_death_before_the_match_loses_nothing(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        backfill(bench)
        configure(bench)
        bench.run()
        assert bench.state_at(path) is State.SUBMITTED

    def test_only_age_is_passed_over(self, bench: PortalBench) -> None:
        bench.invoice("OTHER", rule="Courrier", arrived_at=YEARS_AGO)
        bench.portal.put("Factures/x.docx", b"PK", rule=INVOICE_RULE, arrived_at=YEARS_AGO)
        bench.run()
        assert older(bench) == []

    def test_what_a_person_put_aside_is_left_alone(self, bench: PortalBench) -> None:
        path = bench.invoice("GONE", arrived_at=YEARS_AGO)
        bench.look()
        bench.store.assessments.shelve(bench.at(path), State.DISCARDED, reason="double", actor="anna", now=START)
        assert older(bench) == []

    def test_what_another_criterion_takes_anyway_is_not_shown(self, bench: PortalBench) -> None:
        path = bench.invoice("TAKEN", arrived_at=YEARS_AGO)
        bench.look()
        everything = criterion("all", classification_rule=None, folder="/Factures", since="always")
        configure(bench, criterion(), everything)
        assert older(bench) == [], "the next pass takes it by itself"
        bench.look()
        assert (bench.state_at(path), older(bench)) == (State.READY, [])

    def test_one_that_changed_meanwhile_is_left_out(self, bench: PortalBench) -> None:
        bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.run()
        stock = bench.store.portal_stock
        found = list(older_documents(stock, bench.store.configuration.current()[1], "new"))
        bench.invoice("OLD", rule="Courrier", arrived_at=YEARS_AGO)
        bench.look()
        assert take_older(stock, found, "new", bench.clock, actor="anna", viewer=OWNER) == 0

    def test_an_unknown_criterion_is_named_with_those_that_are(self, bench: PortalBench) -> None:
        with pytest.raises(InputError, match="Configured: new"):
            older(bench, "nwe")


class TestTry:
    def test_each_criterion_says_what_it_takes_and_each_document_why_not(self, bench: PortalBench) -> None:
        configure(
            bench, criterion("rule"), criterion("folder", classification_rule=None, folder="/Compta", since="always")
        )
        young, old = bench.invoice("YOUNG"), bench.invoice("OLD", arrived_at=YEARS_AGO)
        filed = bench.portal.put("Compta/x.pdf", b"%PDF").portal_id
        word = bench.portal.put("Compta/x.docx", b"PK").portal_id
        bench.pipeline().collect()
        found = report(bench)
        assert [s.document.portal_id for s in of(found, "rule").taken] == [young]
        assert [s.document.portal_id for s in of(found, "folder").taken] == [filed]
        assert (of(found, "rule").older, of(found, "folder").older) == (1, 0)
        assert [(w.criterion, w.reason.code) for w in on(found, old).reasons] == [
            ("rule", "criterion_too_old"),
            ("folder", "criterion_other_folder"),
        ]
        assert [(w.criterion, w.reason.code) for w in on(found, young).reasons] == [
            ("folder", "criterion_other_folder")
        ]
        assert [(w.criterion, w.reason.code) for w in on(found, word).reasons] == [(None, "not_pdf")]
        assert [d.stored.document.portal_id for d in found.not_taken] == [old, word]

    def test_a_criterion_with_providers_takes_no_invoice_of_another_supplier(self, bench: PortalBench) -> None:
        configure(bench, criterion("all"))
        path = bench.invoice("F1")
        bench.look()
        configure(bench, criterion("mine", providers=["Durand"]), criterion("theirs", providers=["Martin"]))
        found = report(bench)
        assert [s.document.portal_id for s in of(found, "mine").taken] == [path]
        assert (of(found, "theirs").taken, of(found, "theirs").out_of_scope) == ([], 1)
        assert [(w.criterion, w.reason.code) for w in on(found, path).reasons] == [("theirs", "supplier_out_of_scope")]

    def test_before_the_supplier_was_read_the_scope_is_told(self, bench: PortalBench) -> None:
        configure(bench, criterion("theirs", providers=["Martin"]))
        path = bench.invoice("F1")
        bench.pipeline().collect()
        assert on(report(bench), path).providers == ("Martin",)

    def test_what_was_back_filled_counts_as_taken(self, bench: PortalBench) -> None:
        path = bench.invoice("OLD", arrived_at=YEARS_AGO)
        bench.look()
        backfill(bench)
        assert on(report(bench), path).taken_by == ("new",)

    def test_what_left_the_portal_is_not_looked_at(self, bench: PortalBench) -> None:
        bench.invoice("STAYS")
        gone = bench.invoice("GONE")
        bench.look()
        bench.portal.remove(gone)
        bench.pipeline().collect()
        assert [d.stored.document.name for d in report(bench).documents] == ["STAYS.pdf"]

    def test_more_documents_than_a_page_are_all_seen_once(
        self, bench: PortalBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("include.adapters.storage.intake.portal_documents._PAGE", 3)
        paths = [bench.invoice(f"F{n}") for n in range(7)]
        bench.pipeline().collect()
        assert [d.stored.document.portal_id for d in report(bench).documents] == paths
