"""A pack: what is known of some hundred invoices as a small SQLite database of the very same tables, compressed.

So whatever can be asked of an invoice in our database can be asked of a packed one by the same code, and a pack of an
older version is migrated like any other database when it is opened.
"""

from __future__ import annotations

import contextlib
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.list_tables import invoice_labels, listed, payment_terms
from include.adapters.storage.core.run_tables import task_runs
from include.adapters.storage.core.tables import (
    attempts,
    directory_entries,
    documents,
    findings,
    invoices,
    moves,
    readings,
    remote_invoices,
    reserved_keys,
    searches,
    tracked_statuses,
)
from include.domain.errors import ContentMissingError, StoreError

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Rows by table."""

OF_INVOICES = (
    attempts,
    moves,
    searches,
    tracked_statuses,
    findings,
    listed,
    invoice_labels,
    remote_invoices,
    reserved_keys,
)
"""Tables whose rows name their invoice; in a pack beside documents, invoices, readings, and what these refer to."""


class NoArchive:
    """`Files` of a process that keeps no packs: there is nothing in it."""

    def put(self, content: bytes) -> str:
        """Nothing can be put there."""
        raise StoreError("no_archive")

    def remove(self, sha256: str) -> None:
        """Nothing is there."""

    def get(self, sha256: str) -> bytes:
        """Nothing is there."""
        raise ContentMissingError("content_missing", sha256=sha256[:12])


def rows_of(connection: Connection, invoice_ids: Collection[int]) -> Rows:
    """Everything that is known of these invoices, in a fixed order."""
    ids = sorted(invoice_ids)
    mine = sa.select(invoices.c.document_id).where(invoices.c.id.in_(ids))
    contents = sa.select(invoices.c.content_sha256).where(invoices.c.id.in_(ids))
    bodies = sa.select(invoices.c.environment, invoices.c.recipient_siret).where(invoices.c.id.in_(ids))
    entry = sa.tuple_(directory_entries.c.environment, directory_entries.c.siret)
    made_by = (sa.select(table.c.task_run_id).where(table.c.invoice_id.in_(ids)) for table in (attempts, moves))
    sirets = sa.select(invoices.c.recipient_siret).where(invoices.c.id.in_(ids))
    conditions = {
        task_runs: sa.or_(*(task_runs.c.id.in_(runs) for runs in made_by)),
        payment_terms: payment_terms.c.recipient_siret.in_(sirets),
        documents: documents.c.id.in_(mine),
        invoices: invoices.c.id.in_(ids),
        **{table: table.c.invoice_id.in_(ids) for table in OF_INVOICES},
        readings: readings.c.content_sha256.in_(contents),
        directory_entries: entry.in_(bodies),
    }
    return {
        table.name: [
            dict(row._mapping)
            for row in connection.execute(sa.select(table).where(condition).order_by(*table.primary_key.columns))
        ]
        for table, condition in conditions.items()
    }


def write_pack(rows: Rows) -> bytes:
    """The pack with these rows."""
    with tempfile.TemporaryDirectory(prefix="chorus-pack-") as folder:
        path = Path(folder) / "pack.db"
        made = Database(f"sqlite:///{path}")
        made.migrate()
        made.close()
        # rows of other invoices that these point to (a successor) may lie elsewhere, so no foreign key is checked
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            for name, found in rows.items():
                if found:
                    connection.execute(documents.metadata.tables[name].insert(), [dict(row) for row in found])
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            connection.exec_driver_sql("VACUUM")
        engine.dispose()
        return zlib.compress(path.read_bytes())


@contextlib.contextmanager
def opened(content: bytes) -> Iterator[Database]:
    """The database of a pack, as of this version."""
    with tempfile.TemporaryDirectory(prefix="chorus-pack-") as folder:
        path = Path(folder) / "pack.db"
        path.write_bytes(zlib.decompress(content))
        database = Database(f"sqlite:///{path}")
        database.migrate()
        try:
            yield database
        finally:
            database.close()
