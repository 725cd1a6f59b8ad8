"""What was written into the portal (port `WriteBacks`)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from include.adapters.storage.core.database import Database
from include.adapters.storage.core.tables import documents, invoices
from include.application.ports.write_backs import WriteBackWork
from include.domain.lifecycle import State


class SqlWriteBacks:
    """`WriteBacks` on our database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def to_write_back(self, targets: str, states: Sequence[str], *, limit: int) -> list[WriteBackWork]:
        """See `WriteBacks`."""
        number = sa.func.coalesce(sa.cast(invoices.c.chorus_id, sa.Text), "-")
        told = (invoices.c.state + " " + number + sa.literal(f" ({targets})", sa.Text)).label("told")
        before = invoices.c.written_back
        query = (
            sa.select(invoices.c.id, documents.c.portal_id, invoices.c.state, invoices.c.chorus_id, told)
            .join(documents, documents.c.id == invoices.c.document_id)
            .where(
                documents.c.latest,
                documents.c.missing_passes == 0,
                invoices.c.state.in_(states),
                sa.or_(before.is_(None), before != told),
                sa.or_(before.is_not(None), invoices.c.state != State.IGNORED),
            )
            .order_by(invoices.c.changed_at.desc(), invoices.c.id.desc())
            .limit(limit)
        )
        with self._database.read() as connection:
            return [
                WriteBackWork(
                    invoice_id=row.id,
                    portal_id=row.portal_id,
                    state=row.state,
                    chorus_id=row.chorus_id,
                    told=row.told,
                )
                for row in connection.execute(query)
            ]

    def written_back(self, work: WriteBackWork) -> None:
        """See `WriteBacks`. No version is counted: nothing that a stage assesses by changes."""
        with self._database.write() as connection:
            ours = invoices.c.id == work.invoice_id
            connection.execute(invoices.update().where(ours).values(written_back=work.told))
