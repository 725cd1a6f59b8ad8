"""What people ask to be done with many documents at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    own_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "bulk_requests",
        sa.Column("id", own_id, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("keep_until", UtcDateTime(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_bulk_requests_keep_until", "bulk_requests", ["keep_until"])
    op.create_table(
        "bulk_request_items",
        sa.Column("request_id", own_id, autoincrement=False, nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invoice_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("state_after", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["bulk_requests.id"], name=op.f("fk_bulk_request_items_request_id")),
        sa.PrimaryKeyConstraint("request_id", "document_id", name=op.f("pk_bulk_request_items")),
    )
