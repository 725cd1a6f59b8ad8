"""From the portal to `matched`, on the real store: nothing is lost, and the bytes stored are those that were read."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.files import FsspecFiles
from include.adapters.storage.core.tables import documents as documents_table
from include.adapters.storage.core.tables import events, invoices
from include.adapters.storage.intake import scan
from include.adapters.storage.intake.documents import SqlDocuments
from include.adapters.storage.operations.internal_errors import SqlInternalErrors
from include.application.intake import match_criteria
from include.application.intake.collect_documents import Collect, Collected
from include.application.intake.match_criteria import Match, Matched
from include.application.ports.files import Files
from include.application.progress import Reached, Step, Watch, unwatched
from include.domain.configuration import Configuration
from include.domain.document import PortalDocument
from include.domain.errors import ContentMissingError, PortalUnavailableError, StoreError
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


class Stages:
    """The first two stages, and a look at the rows they leave."""

    def __init__(self, home: Path, clock: FakeClock) -> None:
        self.portal = FakePortal()
        self.database = Database(f"sqlite:///{home}/chorus.db")
        self.database.migrate()
        self.files: Files = FsspecFiles(f"file://{home}/files")
        self.address = f"file://{home}/files"
        self.clock = clock
        self.documents = SqlDocuments(self.database)
        self.internal_errors = SqlInternalErrors(self.database)

    def collect(self, watch: Watch = unwatched) -> Collected:
        return Collect(
            open_portal=lambda: self.portal,
            documents=self.documents,
            internal_errors=self.internal_errors,
            configuration=CONFIGURATION,
            clock=self.clock,
        )(watch=watch)

    def match(self, revision: int = 1, **rest: Any) -> Matched:
        return Match(
            open_portal=lambda: self.portal,
            documents=self.documents,
            files=self.files,
            link=lambda: [],
            internal_errors=self.internal_errors,
            configuration=CONFIGURATION,
            revision=revision,
            clock=self.clock,
        )(**rest)

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
def stages(tmp_path: Path, clock: FakeClock) -> Iterator[Stages]:
    made = Stages(tmp_path, clock)
    yield made
    made.database.close()


class SideBySide(FsspecFiles):
    """A content store that answers nobody before four are waiting for it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._four = threading.Barrier(4)

    def put(self, content: bytes) -> str:
        self._four.wait(timeout=30)
        return super().put(content)


class TestCopies:
    def test_copies_go_side_by_side(self, stages: Stages) -> None:
        for number in range(8):
            stages.portal.put(f"Factures/{number}.pdf", b"%d" % number)
        stages.collect()
        stages.files = SideBySide(stages.address)
        assert stages.match() == Matched(matched=8)
        assert all(stages.files.get(stages.row(f"Factures/{n}.pdf").content_sha256) == b"%d" % n for n in range(8))

    def test_a_store_that_fails_keeps_what_was_matched_before(self, stages: Stages) -> None:
        class Failing(FsspecFiles):
            def put(self, content: bytes) -> str:
                if content == b"2":
                    raise StoreError("store_not_written", url="x", cause="full")
                return super().put(content)

        for number in range(5):
            stages.portal.put(f"Factures/{number}.pdf", b"%d" % number)
        stages.collect()
        whole, stages.files = stages.files, Failing(stages.address)
        with pytest.raises(StoreError):
            stages.match()
        assert [stages.state(f"Factures/{n}.pdf") for n in range(5)] == ["matched"] * 2 + ["detected"] * 3
        stages.files = whole
        assert stages.match() == Matched(matched=3)

    def test_what_waits_in_memory_is_bounded_by_its_size(self, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(match_criteria, "COPIED_BYTES", 10)
        waiting: list[int] = []

        class Counting(FsspecFiles):
            def put(self, content: bytes) -> str:
                waiting.append(len(content))
                assert sum(waiting) <= 10
                sha256 = super().put(content)
                waiting.remove(len(content))
                return sha256

        for number in range(12):
            stages.portal.put(f"Factures/{number}.pdf", b"%04d" % number)
        stages.collect()
        stages.files = Counting(stages.address)
        assert stages.match() == Matched(matched=12)


class TestMatching:
    def test_a_match_copies_the_bytes_and_keeps_criteria_and_providers(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        assert stages.match() == Matched(matched=1)
        row = stages.row("Factures/f.pdf")
        assert row.state == State.MATCHED
        assert list(row.criteria) == ["by folder"]
        assert list(row.provider_scope) == ["Imprimerie Durand"]
        assert stages.files.get(row.content_sha256) == b"one"

    def test_no_match_is_ignored_with_its_reasons_and_never_opened(self, stages: Stages) -> None:
        stages.portal.put("Autre/f.pdf", b"one")
        stages.portal.put("Factures/f.docx", b"PK")
        stages.collect()
        assert stages.match() == Matched(ignored=2)
        assert stages.state("Autre/f.pdf") == State.IGNORED
        assert "criterion_other_folder" in str(stages.row("Autre/f.pdf").reasons)
        assert "not_pdf" in str(stages.row("Factures/f.docx").reasons)
        assert stages.portal.reads == []

    def test_a_second_pass_does_nothing(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        stages.match()
        assert stages.match() == Matched()
        assert stages.portal.reads == ["Factures/f.pdf"]

    def test_a_new_revision_assesses_again_and_copies_nothing_twice(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        stages.match(revision=1)
        stages.match(revision=2)
        assert stages.portal.reads == ["Factures/f.pdf"]
        assert stages.state("Factures/f.pdf") == State.MATCHED

    def test_only_the_documents_asked_for(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.portal.put("Factures/g.pdf", b"two")
        stages.collect()
        stages.match(document_ids=[stages.row("Factures/g.pdf").document])
        assert stages.state("Factures/f.pdf") == State.DETECTED
        assert stages.state("Factures/g.pdf") == State.MATCHED

    def test_bytes_that_changed_after_the_scan_wait_for_the_next_pass(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        stages.portal.content_changes_after_the_scan("Factures/f.pdf", b"half")
        assert stages.match() == Matched(postponed=("Factures/f.pdf",))
        assert stages.state("Factures/f.pdf") == State.DETECTED
        with pytest.raises(ContentMissingError):
            stages.files.get(digest(b"half"))
        stages.portal.put("Factures/f.pdf", b"whole")
        stages.collect()
        stages.match()
        assert stages.row("Factures/f.pdf").content_sha256 == digest(b"whole")

    def test_a_document_that_cannot_be_read_never_costs_the_others(
        self, stages: Stages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even where more of them than a batch holds stand before it."""
        monkeypatch.setattr(match_criteria, "BATCH", 2)
        for number in range(5):
            stages.portal.put(f"Factures/a{number}.pdf", f"a{number}".encode())
        stages.portal.put("Factures/z.pdf", b"z")
        stages.collect()
        for number in range(5):
            stages.portal.remove(f"Factures/a{number}.pdf")
        result = stages.match()
        assert len(result.postponed) == 5
        assert result.matched == 1
        assert stages.state("Factures/z.pdf") == State.MATCHED

    def test_linked_documents_are_copied_with_the_match(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one", links=["Factures/bl.txt"])
        stages.portal.put("Factures/bl.txt", b"note")
        stages.collect()
        stages.match()
        assert stages.files.get(digest(b"note")) == b"note"

    def test_a_linked_document_that_cannot_be_read_holds_its_invoice_back(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one", links=["Factures/bl.txt"])
        stages.portal.put("Factures/bl.txt", b"note")
        stages.collect()
        stages.portal.content_changes_after_the_scan("Factures/bl.txt", b"half")
        assert stages.match().postponed == ("Factures/f.pdf",)
        assert stages.state("Factures/f.pdf") == State.DETECTED

    def test_a_file_larger_than_any_invoice_is_never_loaded(self, stages: Stages) -> None:
        huge = stages.portal.put("Factures/f.pdf", b"one")
        stages.portal.replace(dataclasses.replace(huge, size=match_criteria.MAX_BYTES + 1))
        stages.collect()
        assert stages.match() == Matched(ignored=1)
        assert stages.portal.reads == []
        assert "too_large" in str(stages.row("Factures/f.pdf").reasons)


class TestCollecting:
    def test_counts_tell_what_the_look_changed(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.portal.put("Factures/g.pdf", b"two")
        first = stages.collect().scan
        assert (first.seen, first.new) == (2, 2)
        stages.portal.put("Factures/f.pdf", b"other")
        second = stages.collect().scan
        assert (second.seen, second.new, second.changed) == (2, 0, 1)

    def test_a_postponed_document_is_told_with_its_reason_and_taken_later(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.portal.postpones("Factures/f.pdf", "side_car_not_json")
        assert stages.collect().postponed == {"Factures/f.pdf": "side_car_not_json"}
        stages.portal.takes_again("Factures/f.pdf")
        assert stages.collect().scan.new == 1

    def test_a_moved_document_is_the_same_document(self, stages: Stages) -> None:
        stages.portal.put("Autre/f.pdf", b"one")
        stages.collect()
        stages.match()
        before = stages.row("Autre/f.pdf").document
        stages.portal.move("Autre/f.pdf", "Factures/f.pdf")
        assert stages.collect().scan.moved == 1
        stages.match()
        row = stages.row("Factures/f.pdf")
        assert row.document == before
        assert row.state == State.MATCHED

    def test_vanished_twice_is_held_and_released_when_it_returns(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.portal.put("Factures/g.pdf", b"two")
        stages.collect()
        stages.match()
        stages.portal.remove("Factures/f.pdf")
        stages.collect()
        assert stages.state("Factures/f.pdf") == State.MATCHED
        stages.collect()
        assert stages.state("Factures/f.pdf") == State.HELD
        stages.portal.put("Factures/f.pdf", b"one")
        assert stages.collect().scan.returned == 1
        assert stages.state("Factures/f.pdf") == State.MATCHED

    def test_everything_gone_at_once_is_a_fault_of_the_portal(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        stages.portal.remove("Factures/f.pdf")
        for _ in range(3):
            with pytest.raises(PortalUnavailableError):
                stages.collect()
        assert stages.state("Factures/f.pdf") == State.DETECTED

    def test_a_portal_that_does_not_answer_marks_nothing(self, stages: Stages) -> None:
        stages.portal.put("Factures/f.pdf", b"one")
        stages.collect()
        stages.portal.goes_away()
        for _ in range(3):
            with pytest.raises(PortalUnavailableError):
                stages.collect()
        stages.portal.comes_back()
        assert stages.collect().scan.returned == 0
        assert stages.state("Factures/f.pdf") == State.DETECTED


class TestErrorsThatNobodyForesaw:
    """They cost one document; it carries the reason, and who operates the connector hears of it once."""

    def told(self, stages: Stages) -> list[tuple[str, str]]:
        with stages.database.read() as connection:
            facts = connection.scalars(sa.select(events.c.facts).order_by(events.c.id))
            return [(one["code"], one["stage"]) for one in facts if one["code"] == "internal_error"]

    def test_one_that_cannot_be_stored_waits_and_the_others_are_collected(
        self, stages: Stages, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        columns = scan._columns

        def broken(document: PortalDocument) -> dict[str, Any]:
            if "bad" in document.portal_id:
                raise OverflowError
            return columns(document)

        monkeypatch.setattr(scan, "_columns", broken)
        for name in ("a", "bad", "b", "c"):
            stages.portal.put(f"Factures/{name}.pdf", name.encode(), rule="Facture client")
        for _ in range(2):
            collected = stages.collect()
            assert [failure.code for failure in collected.failures] == ["internal"]
        assert set(stages.documents.known_signatures()) == {f"Factures/{name}.pdf" for name in "abc"}
        assert self.told(stages) == [("internal_error", "collect")]
        monkeypatch.undo()
        assert stages.collect().failures == []
        assert "Factures/bad.pdf" in stages.documents.known_signatures()

    def test_one_that_cannot_be_matched_carries_the_reason_and_the_others_go_on(
        self, stages: Stages, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        for name in ("a", "bad", "b"):
            stages.portal.put(f"Factures/{name}.pdf", name.encode(), rule="Facture client")
        stages.collect()
        verdict = match_criteria.verdict_on

        def broken(document: PortalDocument, *rest: Any) -> Any:
            if "bad" in document.portal_id:
                raise ZeroDivisionError
            return verdict(document, *rest)

        monkeypatch.setattr(match_criteria, "verdict_on", broken)
        for _ in range(2):
            matched = stages.match()
            assert [failure.code for failure in matched.failures] == ["internal"]
        assert self.told(stages) == [("internal_error", "match")]
        with stages.database.read() as connection:
            rows = connection.execute(sa.select(invoices.c.state, invoices.c.reasons).order_by(invoices.c.id)).all()
        assert [row.state for row in rows] == ["matched", "detected", "matched"]
        [reason] = rows[1].reasons
        assert reason["code"] == "internal_error" and reason["params"]["reference"] in caplog.text
        monkeypatch.undo()
        assert stages.match().failures == []

    def test_a_full_disk_still_ends_the_stage(self, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
        stages.portal.put("Factures/a.pdf", b"a", rule="Facture client")
        stages.collect()

        def full(_content: bytes) -> str:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(stages.files, "put", full)
        with pytest.raises(OSError, match="No space"):
            stages.match()
        assert self.told(stages) == []


def test_who_watches_hears_of_the_look_at_the_portal(stages: Stages) -> None:
    stages.portal.put("Factures/1.pdf", b"%PDF-1.7 1")
    heard: list[Reached] = []
    stages.collect(heard.append)
    assert heard == [Reached(step=Step.COLLECT), Reached(step=Step.COLLECT, total=1)]


def test_who_watches_hears_how_many_are_matched_of_those_that_are_due(stages: Stages) -> None:
    for number in range(3):
        stages.portal.put(f"Factures/{number}.pdf", b"%PDF-1.7 " + str(number).encode())
    stages.collect()
    heard: list[Reached] = []
    stages.match(watch=heard.append)
    assert heard == [Reached(step=Step.MATCH, done=done, total=3) for done in range(4)]
