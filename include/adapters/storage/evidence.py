"""What an evidence pack adds to the listings (port `EvidenceStore`); who may see it was decided by the listing."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.database import Database
from include.adapters.storage.tables import attempts, documents, invoices, searches
from include.application.evidence import EvidenceFacts

_DOCUMENT = ("portal_id", "name", "folder", "version", "arrived_at", "first_seen_at", "content_sha256", "metadata")


class SqlEvidence:
    """`EvidenceStore` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def facts(self, invoice_id: int) -> EvidenceFacts:
        """See `EvidenceStore`."""
        found = (
            sa.select(invoices.c.edits, documents.c.id, *(documents.c[name] for name in _DOCUMENT))
            .join(documents, documents.c.id == invoices.c.document_id, isouter=True)
            .where(invoices.c.id == invoice_id)
        )
        tries = sa.select(attempts).where(attempts.c.invoice_id == invoice_id).order_by(attempts.c.id)
        asked = sa.select(searches).where(searches.c.invoice_id == invoice_id).order_by(searches.c.id)
        with self._database.read() as connection:
            row = connection.execute(found).one()._mapping
            return EvidenceFacts(
                document=None if row["id"] is None else {name: row[name] for name in _DOCUMENT},
                edits=row["edits"] or {},
                attempts=[dict(attempt._mapping) for attempt in connection.execute(tries)],
                searches=[dict(search._mapping) for search in connection.execute(asked)],
            )
