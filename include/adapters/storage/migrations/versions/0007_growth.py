"""Readings compressed, with what is asked of many in columns; indexes for large tables; the index of the archive."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.column_types import CompressedJson
from include.adapters.storage.core.stored_shapes import rounded_pages
from include.adapters.storage.core.tables import BYTEWISE, UtcDateTime

revision = "0007"
down_revision = "0008"
branch_labels = None
depends_on = None

_AT_ONCE = 200


def upgrade() -> None:
    """Upgrades the schema."""
    _compress_readings()
    op.create_index("ix_attempts_closed_at", "attempts", ["closed_at"])
    op.create_index("ix_attempts_provider_key_closed_at", "attempts", ["provider_key", "closed_at"])
    op.create_index("ix_attempts_provider_key_claimed_at", "attempts", ["provider_key", "claimed_at"])
    op.drop_index("ix_invoices_provider_key_state", "invoices")
    op.create_index("ix_invoices_provider_key_state_created_at", "invoices", ["provider_key", "state", "created_at"])
    op.create_index("ix_invoices_created_at", "invoices", ["created_at"])
    op.create_index("ix_invoices_status", "invoices", ["status"])
    op.create_table(
        "archived_invoices",
        sa.Column(
            "invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("pack_sha256", sa.Text(), nullable=False),
        sa.Column("search_text", BYTEWISE, nullable=False),
        sa.Column("number", BYTEWISE, nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=True),
        sa.Column("deposited_at", UtcDateTime(), nullable=True),
        sa.Column("personal_since", UtcDateTime(), nullable=True),
        sa.Column("archived_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_archived_invoices_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_archived_invoices")),
    )
    op.create_index("ix_archived_invoices_number", "archived_invoices", ["number", "invoice_id"])
    for name in ("document_id", "pack_sha256", "personal_since"):
        op.create_index(f"ix_archived_invoices_{name}", "archived_invoices", [name])


def _compress_readings() -> None:
    op.add_column("readings", sa.Column("compressed", sa.LargeBinary(), nullable=True))
    op.add_column("readings", sa.Column("kind", sa.Text(), nullable=True))
    op.add_column("readings", sa.Column("searchable_copy", sa.Text(), nullable=True))
    old = sa.table(
        "readings",
        sa.column("content_sha256", sa.Text),
        sa.column("reading", sa.Text),
        sa.column("unreadable", sa.Boolean),
        sa.column("compressed", CompressedJson),
        sa.column("kind", sa.Text),
        sa.column("searchable_copy", sa.Text),
    )
    # as text: the driver would make data of it by itself on one of the two databases
    text = sa.cast(old.c.reading, sa.Text).label("text")
    query = sa.select(old.c.content_sha256, old.c.unreadable, text).order_by(old.c.content_sha256).limit(_AT_ONCE)
    mine = old.update().where(old.c.content_sha256 == sa.bindparam("digest"))
    connection, after = op.get_bind(), ""
    while rows := connection.execute(query.where(old.c.content_sha256 > after)).all():
        connection.execute(mine, [_converted(row) for row in rows])
        after = rows[-1].content_sha256
    with op.batch_alter_table("readings") as batch:
        batch.drop_column("reading")
        batch.alter_column("compressed", new_column_name="reading", nullable=False, existing_type=sa.LargeBinary())


def _converted(row: Any) -> dict[str, Any]:
    reading = json.loads(row.text)
    told = {} if row.unreadable else reading
    if told:
        reading["pages"] = rounded_pages(reading.get("pages", []))
    return {
        "digest": row.content_sha256,
        "compressed": reading,
        "kind": told.get("kind"),
        "searchable_copy": told.get("searchable_copy"),
    }
