"""The dashboard asks an index alone what waits since when and for what reason."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = ["state", "provider_key", "arrived_at", "reason_codes", "recipient_name", "invoice_id"]
_LONGEST_NAME = 300


def upgrade() -> None:
    """Upgrades the schema; an index takes no text of any length, so listed names are cut as new ones are."""
    listed = sa.table("listed_invoices", sa.column("recipient_name", sa.Text))
    name = listed.c.recipient_name
    short = sa.func.substr(name, 1, _LONGEST_NAME)
    op.execute(listed.update().where(sa.func.length(name) > _LONGEST_NAME).values(recipient_name=short))
    op.create_index("ix_listed_invoices_waiting", "listed_invoices", _COLUMNS)
