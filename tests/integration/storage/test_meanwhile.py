"""On PostgreSQL another worker may write an invoice between the look at its row and the write: neither is lost.

Seen in an hour of chaos: two passes side by side, one of which ignored a document before its side-car was there, while
the other one stored the side-car; the invoice stayed ignored for ever.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa

from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, row_version
from include.adapters.storage.core.tables import invoices
from include.adapters.storage.intake import assessments, scan
from include.adapters.storage.operations import internal_errors
from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.document import PortalListing
from include.domain.internal_errors import Item
from include.domain.lifecycle import State
from include.domain.transitions.internal_error import InternalFault
from tests.factories import listing, portal_document
from tests.fakes.clock import START

PATIENCE_SECONDS = 60
PATH = "Factures/2026-FA-1.pdf"
GONE = PortalListing(seen=frozenset({"other.pdf"}), changed=())


@pytest.fixture
def database_url(server_url: str) -> str:
    """SQLite lets one transaction write at a time."""
    return server_url


class OtherWorker:
    """Writes the invoice the moment a rule decides about it; it has to wait where the row is locked."""

    def __init__(self, url: str, invoice_id: int) -> None:
        self._engine = sa.create_engine(url)
        self._mine = invoices.update().where(invoices.c.id == invoice_id)
        self._thread = threading.Thread(target=self._write)
        self.interfered = False

    def interfere(self) -> None:
        """Comes back when the write is done, or waits for a lock."""
        if not self.interfered:
            self.interfered = True
            self._thread.start()
            until = time.monotonic() + PATIENCE_SECONDS
            while self._thread.is_alive() and not self._waits():
                assert time.monotonic() < until

    def end(self) -> None:
        """Its write is done."""
        if self.interfered:
            self._thread.join(PATIENCE_SECONDS)
        self._engine.dispose()

    def _write(self) -> None:
        with self._engine.begin() as connection:
            connection.execute(self._mine.values(version=invoices.c.version + 1))

    def _waits(self) -> bool:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        with self._engine.connect() as connection:
            return bool(connection.scalar(sa.text(waiting)))


@pytest.fixture
def meanwhile(
    store: Store, server_url: str, make_ready: Callable[..., SendWork], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[ModuleType, str], None]]:
    """An invoice that is ready, and what makes another worker write it while this rule decides."""
    invoice_id = make_ready(path=PATH).row_version.invoice_id
    other = OtherWorker(server_url, invoice_id)

    def interfere(module: ModuleType, rule: str) -> None:
        decides = getattr(module.rules, rule)

        def decided(*given: object, **named: object) -> object:
            other.interfere()
            return decides(*given, **named)

        monkeypatch.setattr(module.rules, rule, decided)

    yield interfere
    other.end()
    assert other.interfered


def _state(store: Store) -> str:
    with store.database.read() as connection:
        return str(connection.scalar(sa.select(invoices.c.state).where(invoices.c.document_id.is_not(None))))


def _stored(store: Store) -> list[str]:
    return [work.document.portal_id for work in store.documents.to_match(1, limit=9)]


Meanwhile = Callable[[ModuleType, str], None]


def test_new_metadata_is_matched(store: Store, meanwhile: Meanwhile) -> None:
    meanwhile(scan, "changed")
    changed = portal_document(PATH, b"2026-FA-1", metadata={"commande": ("7",)})
    assert store.documents.record_scan(listing(changed), now=START).changed == 1
    assert _stored(store) == [PATH]


def test_a_moved_document_is_matched(store: Store, meanwhile: Meanwhile) -> None:
    meanwhile(scan, "recalled")
    moved = portal_document("Archives/2026-FA-1.pdf", b"2026-FA-1")
    assert store.documents.record_scan(listing(moved), now=START).moved == 1
    assert _stored(store) == ["Archives/2026-FA-1.pdf"]


def test_what_vanished_is_held(store: Store, meanwhile: Meanwhile) -> None:
    store.documents.record_scan(GONE, now=START)
    meanwhile(scan, "vanished")
    store.documents.record_scan(GONE, now=START)
    assert _state(store) == State.HELD


def test_what_returned_goes_on(store: Store, meanwhile: Meanwhile) -> None:
    for _ in range(2):
        store.documents.record_scan(GONE, now=START)
    assert _state(store) == State.HELD
    meanwhile(scan, "returned")
    store.documents.record_scan(listing(portal_document(PATH, b"2026-FA-1")), now=START)
    assert _state(store) != State.HELD


def test_what_a_person_holds_is_held(store: Store, meanwhile: Meanwhile) -> None:
    meanwhile(assessments, "shelved")
    with store.database.read() as connection:
        invoice_id = connection.scalar(sa.select(invoices.c.id)) or 0
    store.assessments.shelve(invoice_id, State.HELD, reason="a call is due", actor="anna", now=START)
    assert _state(store) == State.HELD


def test_an_internal_error_keeps_the_invoice_back(store: Store, meanwhile: Meanwhile) -> None:
    with store.database.read() as connection:
        held = row_version(connection.execute(sa.select(*ROW_VERSION_COLUMNS)).one())
    meanwhile(internal_errors, "internal_error")
    fault = InternalFault(stage="map", reference="R-1", item=Item("document", PATH), row_version=held)
    store.internal_errors.record(fault, now=START)
    assert _state(store) == State.TO_COMPLETE
