"""Rows that another process may make in this moment: inserted with ON CONFLICT, which both databases know.

A violated key would end the whole transaction on PostgreSQL, and with it the pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

Row = Mapping[str, Any]


def insert_new(connection: Connection, table: sa.Table, *rows: Row) -> bool:
    """Inserts those that are not there yet, whoever made the others; whether any was made here."""
    keys = [column.name for column in table.primary_key]
    return bool(insert_returning(connection, table, rows, *keys))


def insert_returning(connection: Connection, table: sa.Table, rows: Sequence[Row], *names: str) -> list[Any]:
    """The same; these columns of the rows that were made here."""
    if not rows:
        return []
    statement = _insert(connection, table).on_conflict_do_nothing().returning(*(table.c[name] for name in names))
    return list(connection.execute(statement, list(rows)).all())


def put(connection: Connection, table: sa.Table, *rows: Row) -> None:
    """Inserts, or writes over the row with the same primary key."""
    if not rows:
        return
    statement = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    others = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows))


def _insert(connection: Connection, table: sa.Table) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)
