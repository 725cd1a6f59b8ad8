"""The same tests on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.adapters.storage.database import Database
from include.adapters.storage.store import Store
from include.application.storage_ports import Judgement, SendWork
from include.domain.lifecycle import State
from tests.factories import PROVIDER_KEY, complete_draft, configuration, listing, portal_document, reading
from tests.fakes.clock import START


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chorus.db'}"
    url: str = request.getfixturevalue("postgresql_database")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A migrated store with one revision of the configuration."""
    database = Database(database_url)
    database.migrate()
    made = Store(database)
    made.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    yield made
    database.close()


@pytest.fixture
def make_ready(store: Store) -> Callable[..., SendWork]:
    """Takes a document through every station up to `ready`."""

    def make(number: str = "2026-FA-1", content: bytes | None = None, path: str | None = None) -> SendWork:
        return ready_invoice(store, number, content if content is not None else number.encode(), START, path=path)

    return make


def ready_invoice(store: Store, number: str, content: bytes, now: dt.datetime, *, path: str | None = None) -> SendWork:
    """One more document in the portal, judged complete."""
    known = tuple(store.documents.known_signatures())
    document = portal_document(path or f"Factures/{number}.pdf", content)
    store.documents.record_scan(listing(document, unchanged=known), now=now)
    matching = next(w for w in store.documents.to_match(1, limit=99) if w.document.portal_id == document.portal_id)
    store.documents.record_match(
        matching,
        matched=True,
        stored_sha256=document.content_sha256,
        criteria=["customer invoices"],
        provider_scope=[],
        reasons=[],
        revision=1,
        now=now,
    )
    [to_read] = store.documents.to_read(limit=99)
    assert store.documents.record_reading(to_read, reading(), now=now)
    [to_judge] = store.judgements.to_judge(1, limit=99)
    judgement = Judgement(draft=complete_draft(number), reasons=(), provider_key=PROVIDER_KEY, environment="simulator")
    assert store.judgements.record_judgement(to_judge, judgement, revision=1, now=now) is State.READY
    works = store.ledger.ready(PROVIDER_KEY, 1, limit=99)
    return next(work for work in works if work.ticket.invoice_id == to_judge.ticket.invoice_id)
