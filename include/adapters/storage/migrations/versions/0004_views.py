"""The rows that lists are made of; `Database.migrate` fills them for the invoices that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import BYTEWISE, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_SORTED = (
    "number",
    "recipient",
    "total_cents",
    "due_date",
    "pay_by",
    "arrived_at",
    "changed_at",
    "status_at",
    "deposited_at",
)


def upgrade() -> None:
    """Upgrades the schema."""
    own_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "listed_invoices",
        sa.Column("invoice_id", own_id, autoincrement=False, nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("provider_key", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("reason_codes", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=True),
        sa.Column("recipient_siret", sa.Text(), nullable=True),
        sa.Column("recipient_name", sa.Text(), nullable=True),
        sa.Column("credit_note", sa.Boolean(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=True),
        sa.Column("number", BYTEWISE, nullable=False),
        sa.Column("recipient", BYTEWISE, nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=False),
        sa.Column("arrived_at", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("status_at", UtcDateTime(), nullable=False),
        sa.Column("deposited_at", UtcDateTime(), nullable=True),
        sa.Column("search_text", BYTEWISE, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_listed_invoices_invoice_id")),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_listed_invoices")),
    )
    for name in _SORTED:
        op.create_index(f"ix_listed_invoices_{name}", "listed_invoices", [name, "invoice_id"])
    op.create_index(
        "ix_listed_invoices_state",
        "listed_invoices",
        ["state", "provider_key", "invoice_id", "total_cents", "credit_note"],
    )
    op.create_index(
        "ix_listed_invoices_provider_key",
        "listed_invoices",
        ["provider_key", "status", "deposited_at", "invoice_id", "total_cents", "credit_note"],
    )
    op.create_index("ix_listed_invoices_search_text", "listed_invoices", ["search_text", "invoice_id"])
    op.create_table(
        "invoice_labels",
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("invoice_id", own_id, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_labels_invoice_id")),
        sa.PrimaryKeyConstraint("label", "invoice_id", name=op.f("pk_invoice_labels")),
    )
    op.create_index("ix_invoice_labels_invoice_id", "invoice_labels", ["invoice_id"])
