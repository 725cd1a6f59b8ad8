"""The tables of what people have open, and of how often they ask for something costly."""

from __future__ import annotations

import sqlalchemy as sa

from include.adapters.storage.core.tables import UtcDateTime, metadata

# no foreign key: a row is gone a minute later
presences = sa.Table(
    "presences",
    metadata,
    sa.Column("document_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Index("ix_presences_seen_at", "seen_at"),
)

# calls of one kind by one person since the minute that is counted began
person_calls = sa.Table(
    "person_calls",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, primary_key=True),
    sa.Column("since", UtcDateTime, nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
)
