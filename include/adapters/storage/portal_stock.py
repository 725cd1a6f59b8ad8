"""All documents of the portal, and explicit back-fills (port `PortalStock`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from include.adapters.storage.database import Database
from include.adapters.storage.invoice_rows import (
    DOCUMENT_COLUMNS,
    TICKET_COLUMNS,
    log_move,
    portal_document,
    ticket,
    touch,
)
from include.adapters.storage.tables import documents, invoices
from include.application.portal_stock import StoredDocument

_PAGE = 1000


class SqlPortalStock:
    """`PortalStock` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def documents(self) -> Iterator[StoredDocument]:
        """See `PortalStock`; page by page, so that no transaction stays open while somebody looks."""
        query = (
            sa.select(*TICKET_COLUMNS, *DOCUMENT_COLUMNS, invoices.c.supplier_siret, invoices.c.backfilled)
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(documents.c.latest, documents.c.missing_passes == 0)
            .order_by(documents.c.id)
            .limit(_PAGE)
        )
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query.where(documents.c.id > last)).all()
            for row in rows:
                yield StoredDocument(
                    ticket=ticket(row),
                    document_id=row.document_id,
                    document=portal_document(row),
                    supplier_siret=row.supplier_siret,
                    backfilled=tuple(row.backfilled or ()),
                )
            if len(rows) < _PAGE:
                return
            last = rows[-1].document_id

    def backfill(self, documents: Sequence[StoredDocument], criterion: str, *, actor: str, now: dt.datetime) -> int:
        """See `PortalStock`."""
        marked = 0
        cause = f"back-fill of criterion {criterion}"
        with self._database.write() as connection:
            for stored in documents:
                held = stored.ticket
                values = {"backfilled": [*stored.backfilled, criterion], "criteria_revision": None}
                if touch(connection, held, values, now=now):
                    marked += 1
                    log_move(connection, held.invoice_id, held.state, held.state, cause=cause, actor=actor, now=now)
        return marked
