"""The history tells how many invoices each revision had assessed again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema; of revisions from before nobody counted."""
    op.add_column("revisions", sa.Column("touched", sa.Integer(), nullable=True))
