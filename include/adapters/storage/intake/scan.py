"""One look at the portal against what we knew, in one transaction: new, changed, moved, vanished, returned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.inserting import insert_returning
from include.adapters.storage.core.invoice_rows import (
    ROW_VERSION_COLUMNS,
    announce,
    apply_locked,
    lock,
    log_first_moves,
    row_version,
    shelved_from,
)
from include.adapters.storage.core.listed import list_again
from include.adapters.storage.core.tables import AnyRow, documents, invoices
from include.adapters.storage.intake.links import recall_linked
from include.application.ports.documents import ScanResult
from include.domain.document import PortalDocument, PortalListing
from include.domain.errors import PortalUnavailableError
from include.domain.lifecycle import UNSENT
from include.domain.transitions import intake as rules

VANISHED_AFTER = 2
"""Passes in a row without a document before it counts as vanished."""

_CHUNK = 500
"""Most parameters of one statement: SQLite bounds their number."""


def record_scan(connection: Connection, listing: PortalListing, *, now: dt.datetime) -> ScanResult:
    """Stores one look; see `Documents.record_scan`."""
    known = {
        row.portal_id: row
        for row in connection.execute(
            sa.select(
                documents.c.id, documents.c.portal_id, documents.c.missing_passes, documents.c.content_sha256
            ).where(documents.c.latest)
        )
    }
    here = listing.seen | listing.postponed.keys()
    missing = {portal_id: row for portal_id, row in known.items() if portal_id not in here}
    present_before = [row for row in known.values() if row.missing_passes == 0]
    if present_before and not here:
        raise PortalUnavailableError("portal_empty", count=len(present_before))
    fresh = [document for document in listing.changed if document.portal_id not in known]
    moved = _moves(missing, fresh)
    for portal_id, document in moved.items():
        _rewrite(connection, missing.pop(portal_id).id, document, now)
    _returned(connection, [known[portal_id].id for portal_id in moved if known[portal_id].missing_passes], now)
    arrived = {document.portal_id for document in moved.values()}
    new = [document for document in fresh if document.portal_id not in arrived]
    _insert(connection, new, version=1, now=now)
    changed = [_changed(connection, document, now) for document in listing.changed if document.portal_id in known]
    returned = _returned(connection, [row.id for p, row in known.items() if row.missing_passes and p in here], now)
    vanished = _missing(connection, list(missing.values()), now)
    _tell_of_waiting(connection, listing.postponed, now)
    _recall_waiting_for(connection, {document.portal_id for document in listing.changed}, now)
    recall_linked(connection, [known[d.portal_id].id for d in listing.changed if d.portal_id in known], now=now)
    return ScanResult(
        seen=len(here), new=len(new), changed=sum(changed), moved=len(moved), vanished=vanished, returned=returned
    )


def _moves(missing: dict[str, AnyRow], fresh: Sequence[PortalDocument]) -> dict[str, PortalDocument]:
    """A path that vanished and whose digest appears elsewhere in the same pass is the same document.

    Source: docs/adr/0015-documents-and-invoices.md.
    """
    by_digest: dict[str, list[PortalDocument]] = {}
    for document in fresh:
        by_digest.setdefault(document.content_sha256, []).append(document)
    found: dict[str, PortalDocument] = {}
    for portal_id, row in missing.items():
        if candidates := by_digest.get(row.content_sha256):
            found[portal_id] = candidates.pop(0)
    return found


def _columns(document: PortalDocument) -> dict[str, Any]:
    return {
        "portal_id": document.portal_id,
        "name": document.name,
        "folder": document.folder,
        "signature": document.signature,
        "size": document.size,
        "arrived_at": document.arrived_at,
        "content_sha256": document.content_sha256,
        "metadata_sha256": document.metadata_sha256,
        "classification_rule": document.classification_rule,
        "metadata": {name: list(values) for name, values in document.metadata.items()},
        "links": list(document.links),
        "missing_passes": 0,
        "linked_under": None,
    }


def _insert(connection: Connection, new: Sequence[PortalDocument], *, version: int, now: dt.datetime) -> None:
    for start in range(0, len(new), _CHUNK):
        rows = [
            {**_columns(document), "version": version, "latest": True, "first_seen_at": now}
            for document in new[start : start + _CHUNK]
        ]
        # what another pass found in this moment is its own
        ids = [row.id for row in insert_returning(connection, documents, rows, "id")]
        if not ids:
            continue
        common = {"state": rules.FIRST.after, "version": 1, "ever_unknown": False, "empty_searches": 0}
        invoice_ids = connection.scalars(
            invoices.insert().returning(invoices.c.id),
            [{**common, "document_id": document_id, "created_at": now, "changed_at": now} for document_id in ids],
        ).all()
        list_again(connection, invoice_ids)
        log_first_moves(connection, [(invoice_id, rules.FIRST) for invoice_id in invoice_ids], now=now)


def _rewrite(connection: Connection, document_id: int, document: PortalDocument, now: dt.datetime) -> None:
    """Moved: the same document under another path; criteria decide anew where it is not sent yet."""
    connection.execute(documents.update().where(documents.c.id == document_id).values(**_columns(document)))
    row = _invoice_of(connection, document_id)
    if row is None:
        return
    list_again(connection, [row.invoice_id])
    if (change := rules.recalled(row_version(row))) is not None:
        apply_locked(connection, change, now=now)


def _changed(connection: Connection, document: PortalDocument, now: dt.datetime) -> bool:
    """New content or metadata; before submission it is assessed anew, after it only flagged or a new version."""
    mine = documents.c.portal_id == document.portal_id, documents.c.latest
    old = connection.execute(sa.select(documents).where(*mine).with_for_update()).one_or_none()
    if old is None:  # another pass made a new version of it in this moment
        return False
    same_content = old.content_sha256 == document.content_sha256
    if same_content and old.metadata_sha256 == document.metadata_sha256 and old.folder == document.folder:
        connection.execute(documents.update().where(documents.c.id == old.id).values(signature=document.signature))
        return False
    row = _invoice_of(connection, old.id)
    fate, change = rules.changed(None if row is None else row_version(row), same_content=same_content)
    its = documents.update().where(documents.c.id == old.id)
    if fate is rules.DocumentRow.REWRITTEN:
        connection.execute(its.values(**_columns(document)))
    elif fate is rules.DocumentRow.SUPERSEDED:
        connection.execute(its.values(latest=False))
        _insert(connection, [document], version=old.version + 1, now=now)
    else:
        connection.execute(its.values(signature=document.signature))
    if change is not None:
        apply_locked(connection, change, now=now)
    return True


def _returned(connection: Connection, document_ids: Sequence[int], now: dt.datetime) -> int:
    for document_id in document_ids:
        again = {"missing_passes": 0, "linked_under": None}
        connection.execute(documents.update().where(documents.c.id == document_id).values(**again))
        row = _invoice_of(connection, document_id)
        if row is None:
            continue
        change = rules.returned(row_version(row), shelved_from=shelved_from(row), shelved_by=row.shelved_by)
        if change is not None:
            apply_locked(connection, change, now=now)
    return len(document_ids)


def _missing(connection: Connection, rows: Sequence[AnyRow], now: dt.datetime) -> int:
    """Counts passes without it; at the second it is held by the system, and released by itself when it returns."""
    gone = 0
    for row in rows:
        if row.missing_passes >= VANISHED_AFTER:
            continue
        passes = row.missing_passes + 1
        connection.execute(documents.update().where(documents.c.id == row.id).values(missing_passes=passes))
        if passes < VANISHED_AFTER:
            continue
        gone += 1
        connection.execute(documents.update().where(documents.c.id == row.id).values(linked_under=None))
        invoice = _invoice_of(connection, row.id)
        if invoice is not None:
            apply_locked(connection, rules.vanished(row_version(invoice)), now=now)
    return gone


def _tell_of_waiting(connection: Connection, postponed: Mapping[str, str], now: dt.datetime) -> None:
    """A document that no later pass will take by itself is told once per cause, so that it does not wait unseen."""
    for portal_id, code in postponed.items():
        event = rules.document_waits(portal_id, code, now)
        if event is not None:
            announce(connection, event)


def _recall_waiting_for(connection: Connection, portal_ids: set[str], now: dt.datetime) -> None:
    """Invoices that the portal links to a document that has just come or changed are assessed again."""
    if not portal_ids:
        return
    query = (
        sa.select(invoices.c.id, documents.c.links)
        .join(documents, documents.c.id == invoices.c.document_id)
        .where(documents.c.latest, sa.cast(documents.c.links, sa.Text) != "[]", invoices.c.state.in_(UNSENT))
        .order_by(invoices.c.id)
    )
    for row in connection.execute(query).all():
        if portal_ids.intersection(row.links) and (change := rules.recalled(lock(connection, row.id))) is not None:
            apply_locked(connection, change, now=now)


def _invoice_of(connection: Connection, document_id: int) -> AnyRow | None:
    """Locked where the database locks rows: what another pass makes of it meanwhile would undo what changed here."""
    query = sa.select(*ROW_VERSION_COLUMNS, invoices.c.shelved_by, invoices.c.shelved_from)
    return connection.execute(query.where(invoices.c.document_id == document_id).with_for_update()).one_or_none()
