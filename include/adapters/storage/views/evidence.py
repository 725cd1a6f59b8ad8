"""What an evidence pack adds to the listings (port `EvidenceStore`); who may see it was decided by the listing."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.codec import Edits, Found, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import AnyRow, attempts, documents, invoices, searches
from include.application.ports.evidence import Asked, AttemptProof, DocumentProof, EvidenceFacts, SearchProof
from include.domain.causes import CauseCode

_DOCUMENT = tuple(DocumentProof.__dataclass_fields__)


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
        columns = [attempts.c[name] for name in AttemptProof.__dataclass_fields__]
        tries = sa.select(*columns).where(attempts.c.invoice_id == invoice_id).order_by(attempts.c.id)
        asked = sa.select(searches).where(searches.c.invoice_id == invoice_id).order_by(searches.c.id)
        with self._database.read() as connection:
            row = connection.execute(found).one()
            return EvidenceFacts(
                document=None if row.id is None else DocumentProof(**{name: row._mapping[name] for name in _DOCUMENT}),
                edits=load(Edits, row.edits or {}),
                attempts=tuple(AttemptProof(**attempt._mapping) for attempt in connection.execute(tries)),
                searches=tuple(map(_search, connection.execute(asked))),
            )


def _search(row: AnyRow) -> SearchProof:
    return SearchProof(
        id=row.id,
        invoice_id=row.invoice_id,
        first_at=row.first_at,
        last_at=row.last_at,
        times=row.times,
        asked=tuple(Asked(**one) for one in row.asked),
        found=load(Found, row.found),
        decided=CauseCode(row.decided),
    )
