"""What each person was told, and what of it is read: the table that dashboards are made of."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import UtcDateTime, metadata

told_events = sa.Table(
    "told_events",
    metadata,
    sa.Column("recipient", sa.Text, primary_key=True),
    sa.Column("event_id", sa.ForeignKey("events.id"), primary_key=True),
    # NULL: not read yet
    sa.Column("read_at", UtcDateTime),
    sa.Index("ix_told_events_recipient", "recipient", "read_at", "event_id"),
    sa.Index("ix_told_events_event_id", "event_id"),
)
