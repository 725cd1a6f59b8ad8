"""Alembic's entry: migrations run on the connection that `Database.migrate` hands over, under its lock."""

from __future__ import annotations

from alembic import context

from include.adapters.storage.core.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
