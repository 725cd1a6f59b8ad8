"""One invoice or document as a person sees it, whether it was archived or not.

Lists leave archived ones out; who asks for one gets what its pack holds, and what came after it was packed.
"""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa

from include.adapters.storage.archive.archive import entry_of
from include.adapters.storage.archive.pack import opened
from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.database import Database
from include.adapters.storage.views.documents import SqlDocumentViews
from include.adapters.storage.views.evidence import SqlEvidence
from include.adapters.storage.views.invoices import SqlInvoiceViews
from include.application.ports.document_views import DocumentDetail
from include.application.ports.evidence import EvidenceFacts
from include.application.ports.files import Files
from include.application.ports.invoice_views import InvoiceDetail
from include.domain.rights import Viewer


class InvoicesWithArchive(SqlInvoiceViews):
    """`InvoiceViews`; `packs` is the part of the content store that holds the archive."""

    def __init__(self, database: Database, packs: Files) -> None:
        super().__init__(database)
        self._packs = packs

    def detail(self, viewer: Viewer, reference: str) -> InvoiceDetail | None:
        """See `InvoiceViews`."""
        now = super().detail(viewer, reference)
        with self._database.read() as connection:
            entry = entry_of(connection, reference)
        if entry is None:
            return now
        with opened(self._packs.get(entry.pack_sha256)) as pack:
            then = SqlInvoiceViews(pack).detail(viewer, str(entry.invoice_id))
        if now is None or then is None:
            return then or now
        return dataclasses.replace(
            now,
            moves=then.moves + now.moves,
            attempts=then.attempts + now.attempts,
            history=then.history + tuple(one for one in now.history if one not in then.history),
        )


class DocumentsWithArchive(SqlDocumentViews):
    """`DocumentViews`, likewise."""

    def __init__(self, database: Database, packs: Files) -> None:
        super().__init__(database)
        self._packs = packs

    def invoice_id(self, viewer: Viewer, document_id: int) -> int | None:
        """See `DocumentViews`."""
        now = super().invoice_id(viewer, document_id)
        then = None if now is not None else self.detail(viewer, document_id)
        return now if then is None else then.row.invoice_id

    def detail(self, viewer: Viewer, document_id: int) -> DocumentDetail | None:
        """See `DocumentViews`."""
        now = super().detail(viewer, document_id)
        entry = sa.select(archived.c.pack_sha256).where(archived.c.document_id == document_id)
        with self._database.read() as connection:
            sha256 = connection.scalar(entry)
        if sha256 is None:
            return now
        with opened(self._packs.get(sha256)) as pack:
            then = SqlDocumentViews(pack).detail(viewer, document_id)
        if now is None or then is None:
            return then or now
        return dataclasses.replace(
            then, row=now.row, moves=then.moves + now.moves, attempts=then.attempts + now.attempts
        )


class EvidenceWithArchive(SqlEvidence):
    """`EvidenceStore`, likewise."""

    def __init__(self, database: Database, packs: Files) -> None:
        super().__init__(database)
        self._packs = packs

    def facts(self, invoice_id: int) -> EvidenceFacts:
        """See `EvidenceStore`."""
        now = super().facts(invoice_id)
        with self._database.read() as connection:
            entry = entry_of(connection, str(invoice_id))
        if entry is None:
            return now
        with opened(self._packs.get(entry.pack_sha256)) as pack:
            then = SqlEvidence(pack).facts(invoice_id)
        return EvidenceFacts(
            document=then.document,
            edits=then.edits,
            attempts=then.attempts + now.attempts,
            searches=then.searches + now.searches,
        )
