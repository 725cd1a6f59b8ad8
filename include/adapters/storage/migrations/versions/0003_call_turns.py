"""The pace of calls is kept by all workers together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    op.create_table(
        "call_turns",
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_call_turns")),
    )
