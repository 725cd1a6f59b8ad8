"""Linking ends whatever the documents are like, and older links come in pages, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from include.adapters.storage.core.tables import documents
from include.adapters.storage.intake.links import SqlLinks
from include.adapters.storage.store import Store
from include.application.intake import link_documents
from include.application.intake.link_documents import MOST_LOOKS
from include.application.ports.links import LinkCounts, LinkWork
from include.domain.links import rules_digest
from tests.fakes.clock import FakeClock
from tests.integration.storage.test_links import ORDER, REF, YEARS_AGO, configure, links, older
from tests.portal_bench import PortalBench


@pytest.fixture
def bench(store: Store, tmp_path: Path, clock: FakeClock) -> PortalBench:
    made = PortalBench.on(store, tmp_path, clock)
    configure(made)
    return made


def test_a_document_with_another_digest_than_its_metadata_have_is_linked_like_any_other(bench: PortalBench) -> None:
    rules = bench.store.configuration.current()[1].attachments.links
    bench.note("bl.pdf", metadata=REF)
    bench.invoice("F1", metadata=ORDER)
    bench.run()
    with bench.store.database.write() as connection:
        connection.execute(documents.update().values(metadata_sha256="bad", linked_under=None))
    older(bench)
    revision = bench.store.configuration.current()[0]
    assert bench.store.links.due(rules_digest(rules), revision, limit=9) == []
    assert links(bench) == {("Factures/F1.pdf", "Bons/bl.pdf")}


def test_what_cannot_be_recorded_ends_the_pass_all_the_same(
    bench: PortalBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        bench.note(f"bl-{number}.pdf", metadata=REF)
    bench.run()
    with bench.store.database.write() as connection:
        connection.execute(documents.update().values(linked_under=None))
    looked: list[int] = []
    record = SqlLinks.record

    def record_but_one(self: SqlLinks, works: Sequence[LinkWork], *args: Any, **named: Any) -> LinkCounts:
        looked.extend(work.document_id for work in works)
        return record(self, [work for work in works if work.document_id != min(looked)], *args, **named)

    monkeypatch.setattr(SqlLinks, "record", record_but_one)
    older(bench)
    assert Counter(looked) == {1: MOST_LOOKS, 2: 1, 3: 1}


def test_older_links_come_in_pages(bench: PortalBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_documents, "BATCH", 2)
    for number in range(5):
        bench.note(f"bl-{number}.pdf", metadata=REF, arrived_at=YEARS_AGO)
    bench.invoice("F1", metadata=ORDER, arrived_at=YEARS_AGO)
    bench.run()
    found, sent = older(bench)
    assert len({link.attachment_portal_id for link in (*found, *sent)}) == len(found) + len(sent) == 5
    configuration = bench.store.configuration.current()[1]
    for most in (1, 2, 3, 5, 9):
        first = link_documents.known_older_links(bench.store.links, configuration, most=most)
        assert first == (found[:most], sent[:most])
