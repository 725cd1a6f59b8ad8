"""The record of each provider's retrieval, by whose lock those that write the platform's list take turns."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.inserting import insert_new
from include.adapters.storage.core.tables import AnyRow, retrievals


def own_record(connection: Connection, provider_key: str) -> AnyRow:
    """The provider's row, made where there is none, and locked where the database locks rows."""
    query = sa.select(retrievals).where(retrievals.c.provider_key == provider_key).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        insert_new(connection, retrievals, {"provider_key": provider_key})
        row = connection.execute(query).one()
    return row
