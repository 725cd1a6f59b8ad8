"""Invoices by their folded number, so that the platform's list and ours are held against each other."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_AT_ONCE = 1000


def _folded(number: str) -> str | None:
    return re.sub(r"\s+", "", number).upper() or None


def upgrade() -> None:
    """Upgrades the schema, and folds the numbers that are there."""
    op.add_column("invoices", sa.Column("number_key", sa.Text(), nullable=True))
    connection = op.get_bind()
    invoices = sa.table("invoices", sa.column("id"), sa.column("invoice_number"), sa.column("number_key"))
    query = sa.select(invoices.c.id, invoices.c.invoice_number).where(invoices.c.invoice_number.is_not(None))
    fold = invoices.update().where(invoices.c.id == sa.bindparam("row_id")).values(number_key=sa.bindparam("folded"))
    last = 0
    while rows := connection.execute(query.where(invoices.c.id > last).order_by(invoices.c.id).limit(_AT_ONCE)).all():
        connection.execute(fold, [{"row_id": row.id, "folded": _folded(row.invoice_number)} for row in rows])
        last = rows[-1].id
    op.create_index("ix_invoices_number_key", "invoices", ["number_key"])
