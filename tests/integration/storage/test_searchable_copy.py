"""The digest of a searchable copy is found with the document that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from include.adapters.storage.store import Store
from include.application.ports.document_views import DocumentFilter
from include.application.ports.ledger import SendWork
from include.domain.rights import OWNER
from tests.factories import reading
from tests.fakes.clock import START


def test_the_copy_is_shown_with_its_document(store: Store, make_ready: Callable[..., SendWork]) -> None:
    work = make_ready("2026-FA-1")
    [row] = store.document_views.rows(OWNER, DocumentFilter())
    document = store.document_views.detail(OWNER, row.id)
    assert document is not None
    assert document.searchable_copy is None
    store.assessments.reread(work.row_version.invoice_id, actor="test", reason="test", now=START)
    [to_read] = store.documents.to_read(limit=9)
    assert store.documents.record_reading(to_read, replace(reading(), searchable_copy="ab" * 32), now=START)
    document = store.document_views.detail(OWNER, row.id)
    assert document is not None
    assert document.searchable_copy == "ab" * 32
