"""Where archived invoices are found: the index of the packs (`include/adapters/storage/archive`)."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import BYTEWISE, UtcDateTime, metadata

# an invoice whose history, attempts and values lie in a pack; its row in `invoices`, its keys and its document stay
archived = sa.Table(
    "archived_invoices",
    metadata,
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    sa.Column("document_id", sa.BigInteger),
    # the content of the pack, below `archive/` in the content store
    sa.Column("pack_sha256", sa.Text, nullable=False),
    # as `listed_invoices` had it: number, file name, recipient's name and SIRET, Chorus id, folded
    sa.Column("search_text", BYTEWISE, nullable=False),
    sa.Column("number", BYTEWISE, nullable=False),
    sa.Column("recipient_name", sa.Text),
    sa.Column("deposited_at", UtcDateTime),
    # the oldest name of an agent or text of a page in its pack; NULL: none
    sa.Column("personal_since", UtcDateTime),
    sa.Column("archived_at", UtcDateTime, nullable=False),
    sa.Index("ix_archived_invoices_number", "number", "invoice_id"),
    sa.Index("ix_archived_invoices_document_id", "document_id"),
    sa.Index("ix_archived_invoices_pack_sha256", "pack_sha256"),
    sa.Index("ix_archived_invoices_personal_since", "personal_since"),
)
