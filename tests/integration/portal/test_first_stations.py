"""From the portal to `matched`, on the real store: nothing is lost, and the bytes stored are those that were judged."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.database import Database
from include.adapters.storage.documents import SqlDocuments
from include.adapters.storage.files import FsspecFiles
from include.adapters.storage.tables import documents as documents_table
from include.adapters.storage.tables import invoices
from include.application import match_criteria
from include.application.collect_documents import Collected, collect_documents
from include.application.match_criteria import MatchCriteria, Matched
from include.domain.configuration import Configuration
from include.domain.errors import ContentMissingError, PortalUnavailableError
from include.domain.lifecycle import State
from tests.fakes.clock import FakeClock
from tests.fakes.portal import FakePortal

CONFIGURATION = Configuration.model_validate(
    {
        "version": 1,
        "criteria": [
            {"name": "by rule", "classification_rule": "Facture client", "since": "always"},
            {"name": "by folder", "folder": "/Factures", "since": "always", "providers": ["Imprimerie Durand"]},
        ],
        "providers": [
            {
                "name": "Imprimerie Durand",
                "siret": "33254021516357",
                "environment": "simulator",
                "connection": "chorus_demo",
            }
        ],
    }
)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Stations:
    """The first two stations, and a look at the rows they leave."""

    def __init__(self, home: Path, clock: FakeClock) -> None:
        self.portal = FakePortal()
        self.database = Database(f"sqlite:///{home}/chorus.db")
        self.database.migrate()
        self.files = FsspecFiles(f"file://{home}/files")
        self.clock = clock
        self.documents = SqlDocuments(self.database)

    def collect(self) -> Collected:
        return collect_documents(self.portal, self.documents, self.clock)

    def match(self, revision: int = 1, **rest: Any) -> Matched:
        return MatchCriteria(self.portal, self.documents, self.files, self.clock)(CONFIGURATION, revision, **rest)

    def row(self, portal_id: str) -> Any:
        query = (
            sa.select(invoices, documents_table.c.id.label("document"))
            .join(documents_table, documents_table.c.id == invoices.c.document_id)
            .where(documents_table.c.portal_id == portal_id)
        )
        with self.database.read() as connection:
            return connection.execute(query).one()

    def state(self, portal_id: str) -> str:
        return str(self.row(portal_id).state)


@pytest.fixture
def stations(tmp_path: Path, clock: FakeClock) -> Iterator[Stations]:
    made = Stations(tmp_path, clock)
    yield made
    made.database.close()


class TestMatching:
    def test_a_match_copies_the_bytes_and_keeps_criteria_and_providers(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        assert stations.match() == Matched(matched=1)
        row = stations.row("Factures/f.pdf")
        assert row.state == State.MATCHED
        assert list(row.criteria) == ["by folder"]
        assert list(row.provider_scope) == ["Imprimerie Durand"]
        assert stations.files.get(row.content_sha256) == b"one"

    def test_no_match_is_ignored_with_its_reasons_and_never_opened(self, stations: Stations) -> None:
        stations.portal.put("Autre/f.pdf", b"one")
        stations.portal.put("Factures/f.docx", b"PK")
        stations.collect()
        assert stations.match() == Matched(ignored=2)
        assert stations.state("Autre/f.pdf") == State.IGNORED
        assert "criterion_other_folder" in str(stations.row("Autre/f.pdf").reasons)
        assert "not_pdf" in str(stations.row("Factures/f.docx").reasons)
        assert stations.portal.reads == []

    def test_a_second_pass_does_nothing(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        stations.match()
        assert stations.match() == Matched()
        assert stations.portal.reads == ["Factures/f.pdf"]

    def test_a_new_revision_judges_again_and_copies_nothing_twice(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        stations.match(revision=1)
        stations.match(revision=2)
        assert stations.portal.reads == ["Factures/f.pdf"]
        assert stations.state("Factures/f.pdf") == State.MATCHED

    def test_only_the_documents_asked_for(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.portal.put("Factures/g.pdf", b"two")
        stations.collect()
        stations.match(document_ids=[stations.row("Factures/g.pdf").document])
        assert stations.state("Factures/f.pdf") == State.DETECTED
        assert stations.state("Factures/g.pdf") == State.MATCHED

    def test_bytes_that_changed_after_the_scan_wait_for_the_next_pass(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        stations.portal.content_changes_after_the_scan("Factures/f.pdf", b"half")
        assert stations.match() == Matched(postponed=("Factures/f.pdf",))
        assert stations.state("Factures/f.pdf") == State.DETECTED
        with pytest.raises(ContentMissingError):
            stations.files.get(digest(b"half"))
        stations.portal.put("Factures/f.pdf", b"whole")
        stations.collect()
        stations.match()
        assert stations.row("Factures/f.pdf").content_sha256 == digest(b"whole")

    def test_a_document_that_cannot_be_read_never_costs_the_others(
        self, stations: Stations, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even where more of them than a batch holds stand before it."""
        monkeypatch.setattr(match_criteria, "BATCH", 2)
        for number in range(5):
            stations.portal.put(f"Factures/a{number}.pdf", f"a{number}".encode())
        stations.portal.put("Factures/z.pdf", b"z")
        stations.collect()
        for number in range(5):
            stations.portal.remove(f"Factures/a{number}.pdf")
        result = stations.match()
        assert len(result.postponed) == 5
        assert result.matched == 1
        assert stations.state("Factures/z.pdf") == State.MATCHED

    def test_linked_documents_are_copied_with_the_match(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one", links=["Factures/bl.txt"])
        stations.portal.put("Factures/bl.txt", b"note")
        stations.collect()
        stations.match()
        assert stations.files.get(digest(b"note")) == b"note"

    def test_a_linked_document_that_cannot_be_read_holds_its_invoice_back(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one", links=["Factures/bl.txt"])
        stations.portal.put("Factures/bl.txt", b"note")
        stations.collect()
        stations.portal.content_changes_after_the_scan("Factures/bl.txt", b"half")
        assert stations.match().postponed == ("Factures/f.pdf",)
        assert stations.state("Factures/f.pdf") == State.DETECTED

    def test_a_file_larger_than_any_invoice_is_never_loaded(self, stations: Stations) -> None:
        huge = stations.portal.put("Factures/f.pdf", b"one")
        stations.portal.replace(dataclasses.replace(huge, size=match_criteria.MAX_BYTES + 1))
        stations.collect()
        assert stations.match() == Matched(ignored=1)
        assert stations.portal.reads == []
        assert "too_large" in str(stations.row("Factures/f.pdf").reasons)


class TestCollecting:
    def test_counts_tell_what_the_look_changed(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.portal.put("Factures/g.pdf", b"two")
        first = stations.collect().scan
        assert (first.seen, first.new) == (2, 2)
        stations.portal.put("Factures/f.pdf", b"other")
        second = stations.collect().scan
        assert (second.seen, second.new, second.changed) == (2, 0, 1)

    def test_a_postponed_document_is_told_with_its_reason_and_taken_later(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.portal.postpones("Factures/f.pdf", "side_car_not_json")
        assert stations.collect().postponed == {"Factures/f.pdf": "side_car_not_json"}
        stations.portal.takes_again("Factures/f.pdf")
        assert stations.collect().scan.new == 1

    def test_a_moved_document_is_the_same_document(self, stations: Stations) -> None:
        stations.portal.put("Autre/f.pdf", b"one")
        stations.collect()
        stations.match()
        before = stations.row("Autre/f.pdf").document
        stations.portal.move("Autre/f.pdf", "Factures/f.pdf")
        assert stations.collect().scan.moved == 1
        stations.match()
        row = stations.row("Factures/f.pdf")
        assert row.document == before
        assert row.state == State.MATCHED

    def test_vanished_twice_is_held_and_released_when_it_returns(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.portal.put("Factures/g.pdf", b"two")
        stations.collect()
        stations.match()
        stations.portal.remove("Factures/f.pdf")
        stations.collect()
        assert stations.state("Factures/f.pdf") == State.MATCHED
        stations.collect()
        assert stations.state("Factures/f.pdf") == State.HELD
        stations.portal.put("Factures/f.pdf", b"one")
        assert stations.collect().scan.returned == 1
        assert stations.state("Factures/f.pdf") == State.MATCHED

    def test_everything_gone_at_once_is_a_fault_of_the_portal(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        stations.portal.remove("Factures/f.pdf")
        for _ in range(3):
            with pytest.raises(PortalUnavailableError):
                stations.collect()
        assert stations.state("Factures/f.pdf") == State.DETECTED

    def test_a_portal_that_does_not_answer_marks_nothing(self, stations: Stations) -> None:
        stations.portal.put("Factures/f.pdf", b"one")
        stations.collect()
        stations.portal.goes_away()
        for _ in range(3):
            with pytest.raises(PortalUnavailableError):
                stations.collect()
        stations.portal.comes_back()
        assert stations.collect().scan.returned == 0
        assert stations.state("Factures/f.pdf") == State.DETECTED
