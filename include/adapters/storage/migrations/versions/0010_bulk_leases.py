"""Who works on a request about many documents: web servers have several processes, and one of them does it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import UtcDateTime

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    op.add_column("bulk_requests", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("bulk_requests", sa.Column("worked_until", UtcDateTime(), nullable=True))
