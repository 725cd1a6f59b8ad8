"""Which run made a move or an attempt, how each flow ended, what people have read, and terms of payment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from include.adapters.storage.core.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Upgrades the schema."""
    own_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "task_runs",
        sa.Column("id", own_id, nullable=False),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("task_id", sa.Text(), nullable=False),
        sa.Column("map_index", sa.Integer(), nullable=False),
        sa.Column("try_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_runs")),
        sa.UniqueConstraint("dag_id", "run_id", "task_id", "map_index", "try_number", name="uq_task_runs_try"),
    )
    op.create_table(
        "flow_runs",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("dag_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("flow", name=op.f("pk_flow_runs")),
    )
    op.create_table(
        "told_events",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("event_id", own_id, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name=op.f("fk_told_events_event_id")),
        sa.PrimaryKeyConstraint("recipient", "event_id", name=op.f("pk_told_events")),
    )
    # what was told before there were marks was read where it was told, by mail
    op.execute(
        "INSERT INTO told_events (recipient, event_id, read_at)"
        " SELECT DISTINCT deliveries.recipient, events.id, events.at FROM delivery_events"
        " JOIN deliveries ON deliveries.id = delivery_events.delivery_id"
        " JOIN events ON events.id = delivery_events.event_id"
    )
    op.create_index("ix_told_events_recipient", "told_events", ["recipient", "read_at", "event_id"])
    op.create_index("ix_told_events_event_id", "told_events", ["event_id"])
    op.create_table(
        "payment_terms",
        sa.Column("recipient_siret", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("recipient_siret", name=op.f("pk_payment_terms")),
    )
    # their last day to pay is another one now; `Database.migrate` makes these rows anew
    op.execute(
        "DELETE FROM listed_invoices WHERE invoice_id IN"
        " (SELECT invoice_id FROM tracked_statuses WHERE code IN ('SUSPENDUE', 'A_RECYCLER', 'REJETEE'))"
    )
    for table in ("moves", "attempts"):
        column = sa.Column("task_run_id", own_id, sa.ForeignKey("task_runs.id"), nullable=True)
        op.add_column(table, column, inline_references=True)
        op.create_index(f"ix_{table}_task_run_id", table, ["task_run_id", "invoice_id"])
