"""What is kept of an error that nobody foresaw (port `InternalErrors`)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from include.adapters.storage.core.codec import Reasons, load
from include.adapters.storage.core.database import Database
from include.adapters.storage.core.invoice_rows import ROW_VERSION_COLUMNS, announce, apply_locked, row_version
from include.adapters.storage.core.tables import invoices
from include.domain.reasons import Reason
from include.domain.transitions import internal_error as rules
from include.domain.transitions.internal_error import InternalFault


class SqlInternalErrors:
    """`InternalErrors` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, fault: InternalFault, *, now: dt.datetime) -> None:
        """See `InternalErrors`."""
        with self._database.write() as connection:
            held = fault.row_version
            row = None
            if held is not None:
                query = sa.select(*ROW_VERSION_COLUMNS, invoices.c.reasons)
                row = connection.execute(query.where(invoices.c.id == held.invoice_id).with_for_update()).one_or_none()
            if row is not None and row_version(row) == held:
                before: tuple[Reason, ...] = load(Reasons, row.reasons) if row.reasons else ()
                change = rules.internal_error(fault, row_version(row), before)
                if change is not None:
                    apply_locked(connection, change, now=now)
            announce(connection, rules.internal_error_told(fault, now))
