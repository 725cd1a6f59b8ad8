"""What goes along with a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.tables import document_links, documents
from include.application.ports.document_views import AttachmentRow
from include.domain.attachments import AttachmentEdits


def attachments_of(
    connection: Connection,
    document_id: int,
    keys: Sequence[str],
    types: Mapping[str, str],
    edits: AttachmentEdits,
) -> tuple[AttachmentRow, ...]:
    """Documents of the portal and added files in their order; each with the rule that links it, if one does."""
    by_rule = sa.and_(
        document_links.c.attachment_document_id == documents.c.id, document_links.c.invoice_document_id == document_id
    )
    query = (
        sa.select(
            documents.c.portal_id, documents.c.name, documents.c.size, documents.c.content_sha256, document_links.c.rule
        )
        .join(document_links, by_rule, isouter=True)
        .where(documents.c.portal_id.in_(keys), documents.c.latest)
        .order_by(document_links.c.rule.desc())
    )
    known = {row.portal_id: row for row in connection.execute(query)}
    found = []
    for number, key in enumerate(keys, start=1):
        added, linked = edits.file(key), known.get(key)
        found.append(
            AttachmentRow(
                n=number,
                portal_id=key,
                name=added.name if added else linked.name if linked else key.rsplit("/", 1)[-1],
                type=types.get(key),
                bytes=added.size if added else linked.size if linked else None,
                rule=linked.rule if linked else None,
                added_by=added.actor if added else None,
                sha256=added.sha256 if added else linked.content_sha256 if linked else None,
            )
        )
    return tuple(found)
