"""The same tests on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from include.adapters.storage.core.database import Database
from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.lifecycle import State
from include.domain.transitions.mapping import Assessment
from tests.factories import PROVIDER_KEY, complete_draft, configuration, portal_document, reading
from tests.fakes.clock import START
from tests.integration.storage.matched import matched
from tests.integration.storage.seeded import as_stored


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of each kind with empty tables."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "server_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'chorus.db'}"
    url: str = request.getfixturevalue("postgresql_database")
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with one revision of the configuration."""
    database = Database(database_url)
    made = Store(database)
    made.configuration.save(configuration(), expected_revision=0, actor="test", source="test", at=START, changes=())
    yield made
    as_stored(made)
    database.close()


@pytest.fixture
def make_ready(store: Store) -> Callable[..., SendWork]:
    """Takes a document through every stage up to `ready`."""

    def make(number: str = "2026-FA-1", content: bytes | None = None, path: str | None = None) -> SendWork:
        return ready_invoice(store, number, content if content is not None else number.encode(), START, path=path)

    return make


def ready_invoice(store: Store, number: str, content: bytes, now: dt.datetime, *, path: str | None = None) -> SendWork:
    """One more document in the portal, assessed complete."""
    to_read = matched(store, portal_document(path or f"Factures/{number}.pdf", content), now=now)
    assert store.documents.record_reading(to_read, reading(), now=now)
    [to_assess] = store.assessments.to_assess(1, limit=99)
    assessment = Assessment(
        draft=complete_draft(number), reasons=(), provider_key=PROVIDER_KEY, environment="simulator"
    )
    assert store.assessments.record_assessment(to_assess, assessment, revision=1, now=now) is State.READY
    works = store.ledger.ready(PROVIDER_KEY, 1, limit=99)
    return next(work for work in works if work.row_version.invoice_id == to_assess.row_version.invoice_id)
