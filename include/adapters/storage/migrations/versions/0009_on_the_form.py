"""What the submission screen keeps: files that people add, who has a document open, how often somebody asks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import UtcDateTime

revision = "0009"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    op.add_column("invoices", sa.Column("attachment_edits", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "presences",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", "person", name=op.f("pk_presences")),
    )
    op.create_index("ix_presences_seen_at", "presences", ["seen_at"])
    op.create_table(
        "person_calls",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "person", name=op.f("pk_person_calls")),
    )
