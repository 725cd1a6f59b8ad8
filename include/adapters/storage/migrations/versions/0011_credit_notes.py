"""Nobody has to pay a credit note: their listed rows lose the last day to pay."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_NO_DAY = dt.date.max


def upgrade() -> None:
    """Changes rows of the list; they hold nothing that is not derived."""
    listed = sa.table("listed_invoices", sa.column("credit_note", sa.Boolean), sa.column("pay_by", sa.Date))
    op.execute(listed.update().where(listed.c.credit_note.is_(True)).values(pay_by=_NO_DAY))
