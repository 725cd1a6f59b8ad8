"""The tables of what people ask to be done with many documents at once."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import UtcDateTime, metadata

bulk_requests = sa.Table(
    "bulk_requests",
    metadata,
    # SQLite counts by itself only for INTEGER, not for BIGINT
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("keep_until", UtcDateTime, nullable=False),
    sa.Column("params", sa.JSON, nullable=False),
    # who works on it and until when, while no run of Airflow does; NULL: nobody
    sa.Column("worker", sa.Text),
    sa.Column("worked_until", UtcDateTime),
    sa.Index("ix_bulk_requests_keep_until", "keep_until"),
    # a task that is cleared months later names its request: no other one may ever have that id
    sqlite_autoincrement=True,
)

# no foreign keys to documents and invoices: an id that is none has a result too
bulk_request_items = sa.Table(
    "bulk_request_items",
    metadata,
    sa.Column("request_id", sa.ForeignKey("bulk_requests.id"), primary_key=True, autoincrement=False),
    sa.Column("document_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("invoice_id", sa.BigInteger),
    # as they were when the request was made
    sa.Column("version", sa.Integer),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("state", sa.Text),
    # NULL: nothing was done about it yet
    sa.Column("done_at", UtcDateTime),
    sa.Column("state_after", sa.Text),
    sa.Column("message", sa.Text),
)
