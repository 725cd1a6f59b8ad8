"""What is due to be written into the portal, on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import sqlalchemy as sa

from include.adapters.storage.core.tables import documents, invoices
from include.adapters.storage.store import Store
from include.application.ports.ledger import SendWork
from include.domain.notification import TOLD_STATES
from tests.fakes.clock import START
from tests.integration.storage.seeded import list_all

NAMED = "state in etat_chorus"
MakeReady = Callable[..., SendWork]


def due(store: Store, targets: str = NAMED, limit: int = 99) -> list[tuple[str, str, int | None]]:
    found = store.write_backs.to_write_back(targets, TOLD_STATES, limit=limit)
    return [(work.portal_id, work.state, work.chorus_id) for work in found]


def write(store: Store, targets: str = NAMED) -> None:
    for work in store.write_backs.to_write_back(targets, TOLD_STATES, limit=99):
        store.write_backs.written_back(work)


def change(store: Store, work: SendWork, **values: object) -> None:
    with store.database.write() as connection:
        connection.execute(invoices.update().where(invoices.c.id == work.row_version.invoice_id).values(**values))
        list_all(connection)


def test_what_changed_since_it_was_written_is_due(store: Store, make_ready: MakeReady) -> None:
    work = make_ready("A")
    assert due(store) == [("Factures/A.pdf", "ready", None)]
    write(store)
    assert due(store) == []
    change(store, work, state="submitted")
    assert due(store) == [("Factures/A.pdf", "submitted", None)]
    write(store)
    change(store, work, chorus_id=25012)
    assert due(store) == [("Factures/A.pdf", "submitted", 25012)]
    write(store)
    assert due(store) == []


def test_other_metadata_have_all_written_again(store: Store, make_ready: MakeReady) -> None:
    make_ready("A")
    write(store)
    assert due(store, "state in etat, chorus_id in numero") == [("Factures/A.pdf", "ready", None)]


def test_a_state_that_passes_by_itself_is_not_written(store: Store, make_ready: MakeReady) -> None:
    work = make_ready("A")
    for state in ("detected", "matched", "read", "submitting"):
        change(store, work, state=state)
        assert due(store) == []


def test_an_ignored_document_is_nobodys_business_unless_it_was_an_invoice_before(
    store: Store, make_ready: MakeReady
) -> None:
    work = make_ready("A")
    change(store, work, state="ignored")
    assert due(store) == []
    change(store, work, state="ready")
    write(store)
    change(store, work, state="ignored")
    assert due(store) == [("Factures/A.pdf", "ignored", None)]


def test_what_is_not_in_the_portal_now_waits(store: Store, make_ready: MakeReady) -> None:
    make_ready("A")
    with store.database.write() as connection:
        connection.execute(documents.update().values(missing_passes=1))
    assert due(store) == []


def test_only_the_newest_version_of_a_document_is_told_of(store: Store, make_ready: MakeReady) -> None:
    make_ready("A")
    with store.database.write() as connection:
        connection.execute(documents.update().values(latest=False))
    assert due(store) == []


def test_the_latest_change_comes_first_so_that_old_failures_keep_out_no_new_one(
    store: Store, make_ready: MakeReady
) -> None:
    older = make_ready("A")
    make_ready("B")
    assert [portal_id for portal_id, _, _ in due(store)] == ["Factures/B.pdf", "Factures/A.pdf"]
    change(store, older, changed_at=START + dt.timedelta(days=1))
    assert due(store, limit=1) == [("Factures/A.pdf", "ready", None)]


def test_remembering_changes_nothing_that_a_stage_assesses_by(store: Store, make_ready: MakeReady) -> None:
    work = make_ready("A")
    watched = sa.select(invoices.c.version, invoices.c.changed_at, invoices.c.state)
    with store.database.read() as connection:
        before = connection.execute(watched.where(invoices.c.id == work.row_version.invoice_id)).one()
    write(store)
    with store.database.read() as connection:
        assert connection.execute(watched.where(invoices.c.id == work.row_version.invoice_id)).one() == before


def test_a_change_between_looking_and_remembering_is_still_due(store: Store, make_ready: MakeReady) -> None:
    work = make_ready("A")
    (looked,) = store.write_backs.to_write_back(NAMED, TOLD_STATES, limit=9)
    change(store, work, state="submitted", chorus_id=7)
    store.write_backs.written_back(looked)
    assert due(store) == [("Factures/A.pdf", "submitted", 7)]
