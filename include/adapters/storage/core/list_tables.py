"""The tables that lists are made of, one narrow row an invoice; `core/listed.py` keeps them up to date."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import BYTEWISE, UtcDateTime, metadata

# what lists are filtered, sorted and searched by
listed = sa.Table(
    "listed_invoices",
    metadata,
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    # NULL: an invoice that the connector never sent
    sa.Column("document_id", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("provider_key", sa.Text),
    # the platform's; NULL: it does not know the invoice yet
    sa.Column("status", sa.Text),
    # between bars, so that one code is found whole by LIKE; as in invoices.labels
    sa.Column("reason_codes", sa.Text),
    sa.Column("labels", sa.Text),
    sa.Column("recipient_siret", sa.Text),
    sa.Column("recipient_name", sa.Text),
    sa.Column("credit_note", sa.Boolean, nullable=False),
    sa.Column("issue_date", sa.Date),
    # what rows are sorted by is never NULL: without text empty, without amount 0, without day the last of the calendar
    sa.Column("number", BYTEWISE, nullable=False),
    sa.Column("recipient", BYTEWISE, nullable=False),
    # without sign; in cents, because SQLite has no exact number with decimals
    sa.Column("total_cents", sa.BigInteger, nullable=False),
    sa.Column("due_date", sa.Date, nullable=False),
    sa.Column("pay_by", sa.Date, nullable=False),
    sa.Column("arrived_at", UtcDateTime, nullable=False),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("status_at", UtcDateTime, nullable=False),
    # first sent by us, or the day that the platform names; NULL: never sent, so not in the tracking
    sa.Column("deposited_at", UtcDateTime),
    # number, file name, recipient's name and SIRET, Chorus id: folded, one a line
    sa.Column("search_text", BYTEWISE, nullable=False),
    *(
        sa.Index(f"ix_listed_invoices_{name}", name, "invoice_id")
        for name in (
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
    ),
    # these answer counts and totals without the table
    sa.Index("ix_listed_invoices_state", "state", "provider_key", "invoice_id", "total_cents", "credit_note"),
    sa.Index(
        "ix_listed_invoices_provider_key",
        "provider_key",
        "status",
        "deposited_at",
        "invoice_id",
        "total_cents",
        "credit_note",
    ),
    # what waits, with its age and its reasons, without the table
    sa.Index(
        "ix_listed_invoices_waiting",
        "state",
        "provider_key",
        "arrived_at",
        "reason_codes",
        "recipient_name",
        "invoice_id",
    ),
    # read from end to end for a part of a text, which is less than the table
    sa.Index("ix_listed_invoices_search_text", "search_text", "invoice_id"),
)

# bodies whose term is not the usual one, as the configuration in force says
payment_terms = sa.Table(
    "payment_terms",
    metadata,
    sa.Column("recipient_siret", sa.Text, primary_key=True),
    sa.Column("days", sa.Integer, nullable=False),
)

invoice_labels = sa.Table(
    "invoice_labels",
    metadata,
    sa.Column("label", sa.Text, primary_key=True),
    sa.Column("invoice_id", sa.ForeignKey("invoices.id"), primary_key=True, autoincrement=False),
    sa.Index("ix_invoice_labels_invoice_id", "invoice_id"),
)
