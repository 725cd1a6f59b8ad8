"""Indexes by which PostgreSQL finds a part of a text at once (extension pg_trgm), where it lets us have them.

They are no part of the schema: without them, and on SQLite, the same questions are answered by reading an index from
end to end. So whoever may not add an extension loses seconds among a million invoices, and nothing else.
"""

from __future__ import annotations

import logging

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.archive_tables import archived
from include.adapters.storage.core.list_tables import listed

logger = logging.getLogger(__name__)

_PENDING = "gin_pending_list_limit = 256"
"""In kilobytes. What was written last is read from end to end by every search, until so much of it was sorted in."""

INDEXES = {f"ix_{column.table.name}_trigrams": column for column in (listed.c.search_text, archived.c.search_text)}


def index_texts(connection: Connection) -> None:
    """After a migration: makes those that are not there yet. Safe to repeat, also after the extension was allowed."""
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
            for name, column in INDEXES.items():
                index = f"{name} ON {column.table.name} USING gin ({column.name} gin_trgm_ops) WITH ({_PENDING})"
                connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {index}"))
    except sa.exc.DBAPIError as error:
        logger.warning("Texts are searched without an index, as pg_trgm cannot be had: %s", str(error.orig).strip())
